/* SPDX-License-Identifier: Apache-2.0 */
/* Both readers of JSON, lenient and strict: what the strict one takes the
 * lenient one takes too, and as many tokens. */
#include <stdlib.h>

#include "codec/json_read.h"
#include "fuzz.h"

static bool tokens(struct pk_span bytes, unsigned flags, struct pk_arena *a,
		   size_t *ret_count)
{
	const struct pk_json_opts opts = { .flags = flags, .max_text = 64 };
	struct pk_cursor c = pk_cursor_over(bytes, 0);
	struct pk_jreader r;
	size_t n = 0;

	pk_jread_open(&r, &c, a, &opts);
	while (pk_jread_next(&r) != PK_JT_END)
		n++;
	*ret_count = n;
	return pk_cursor_ok(&c);
}

static bool tree(struct pk_span bytes, unsigned flags, struct pk_arena *a)
{
	const struct pk_json_opts opts = { .flags = flags };
	struct pk_cursor c = pk_cursor_over(bytes, 0);

	return pk_json_parse(&c, a, &opts, NULL) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pk_span bytes = { data, size };
	struct pk_meter meter = { .ceiling = 256U << 20 };
	struct pk_arena a = PK_ARENA(&meter);
	size_t lenient = 0, strict = 0;

	if (tokens(bytes, PK_JSON_STRICT, &a, &strict) &&
	    !(tokens(bytes, 0, &a, &lenient) && lenient == strict))
		abort();
	if (tree(bytes, PK_JSON_STRICT | PK_JSON_WHOLE, &a) &&
	    !tree(bytes, PK_JSON_WHOLE, &a) && !meter.exceeded)
		abort();
	pk_arena_release(&a);
	return 0;
}
