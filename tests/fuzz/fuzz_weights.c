/* SPDX-License-Identifier: Apache-2.0 */
/* The loader of weights, and all that is done with what it gives. */
#include "fuzz.h"
#include "source/memory.h"
#include "tensors/write.h"

enum { MEMORY = 64 << 20, READ_MAX = 1 << 20, TENSORS_MAX = 200 };

static void read_all(const struct pk_tensor *t)
{
	struct pk_gather *g = pk_gather_new(t);
	uint8_t buf[4096];
	size_t done = 0, n;

	while (g && done < READ_MAX &&
	       (n = pk_gather_next(g, buf, sizeof(buf))) > 0)
		done += n;
	pk_gather_free(g);
}

static void use(struct pk_weights *w)
{
	struct pk_plan p;

	for (size_t i = 0; i < w->n && i < TENSORS_MAX; i++) {
		const struct pk_tensor *t = w->named[i].tensor;

		(void)pk_weights_find(w, w->named[i].name);
		if (t->store && pk_weights_locate(w, t))
			read_all(t);
	}
	(void)pk_plan_make(&p, w);
	pk_plan_release(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum pk_weights_rules rules[] = { PK_RULES_NOW,
						       PK_RULES_1_13,
						       PK_RULES_SALVAGE };

	for (int i = 0; i < 3; i++) {
		struct pk_source *src =
			pk_memory_borrow((struct pk_span){ data, size });
		struct pk_weights w;

		if (pk_weights_open(&w, src, rules[i], MEMORY) == PK_WEIGHTS_OK)
			use(&w);
		pk_weights_release(&w);
		pk_source_free(src);
	}
	return 0;
}
