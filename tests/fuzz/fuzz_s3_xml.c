/* SPDX-License-Identifier: Apache-2.0 */
/* What a bucket's listing holds: whatever it is, files stay below the folder
 * they are put into, each once. */
#include <stdlib.h>

#include "fuzz.h"
#include "hub/s3_xml.h"

static void list(struct pk_span bytes, const char *below, const char *only)
{
	struct pk_meter meter = { .ceiling = 256U << 20 };
	struct pk_arena a = PK_ARENA(&meter);
	struct pk_files l = { .arena = &a, .max = 1000 };
	struct pk_remote_trouble why = { 0 };
	const char *next;

	if (pk_s3_page_read(bytes, below, only, &a, &l, &next, &why) != PK_OK ||
	    pk_files_settle(&l, &why) != PK_OK) {
		if (!why.text[0])
			abort();
		l.n = 0;
	}
	for (size_t i = 0; i < l.n; i++) {
		const struct pk_span path = { (const uint8_t *)l.v[i].path,
					      strlen(l.v[i].path) };

		if (pk_remote_path_fault(path) ||
		    pk_files_find(&l, path) != &l.v[i])
			abort();
	}
	pk_arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pk_span bytes = { data, size };

	list(bytes, "", NULL);
	list(bytes, "a/", NULL);
	list(bytes, "a/", "a/b");
	return 0;
}
