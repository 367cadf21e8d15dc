/* SPDX-License-Identifier: Apache-2.0 */
/* The tree that YAML becomes: every value can be reached, none twice. */
#include <stdlib.h>

#include "codec/yaml.h"
#include "fuzz.h"

static size_t count(const struct pk_jvalue *v)
{
	size_t n = 0;

	for (; v; v = v->next) {
		if (n++ > 1U << 20)
			abort();
		if (!v->alias)
			n += count(v->kids);
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_cursor c = pk_cursor_over((struct pk_span){ data, size }, 0);
	struct pk_meter meter = { .ceiling = 64U << 20 };
	struct pk_arena a = PK_ARENA(&meter);

	(void)count(pk_yaml_parse(&c, &a));
	pk_arena_release(&a);
	return 0;
}
