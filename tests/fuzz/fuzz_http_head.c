/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an answer: whatever comes, what was read of it is in itself. */
#include <stdlib.h>

#include "fuzz.h"
#include "hub/http_head.h"

static void check(const struct pk_http_head *h)
{
	if (h->part && h->first <= h->last && h->total != UINT64_MAX &&
	    h->last >= h->total)
		abort();
	if (strlen(h->etag) >= sizeof(h->etag) ||
	    strlen(h->next) >= sizeof(h->next) ||
	    strpbrk(h->location, "\r\n\t\x7f"))
		abort();
	(void)pk_http_rate_wait(h->rate_limit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pk_http_head h;
	size_t at = 0;

	memset(&h, 0, sizeof(h));
	pk_http_head_begin(&h);
	while (at < size) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t n = end ? (size_t)(end - data) - at : size - at;
		char *line = malloc(n ? n : 1);

		if (!line)
			return 0;
		memcpy(line, data + at, n);
		if (!pk_http_head_line(&h, line, n)) {
			free(line);
			return 0;
		}
		free(line);
		check(&h);
		at += n + 1;
	}
	return 0;
}
