/* SPDX-License-Identifier: Apache-2.0 */
/* A plan: whatever its index says, each unit is read or refused. */
#include <stdlib.h>

#include "fuzz.h"
#include "source/batch.h"
#include "source/memory.h"

enum { UNITS = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_source *src =
		pk_memory_borrow((struct pk_span){ data, size });
	struct pk_batch p;

	if (!src)
		abort();
	if (pk_batch_open(&p, src) == PK_OK) {
		for (size_t k = 0; k < p.count && k < UNITS; k++) {
			struct pk_batch_list l;

			if (pk_batch_read(&p, k, &l) == PK_OK && l.count &&
			    !l.files[l.count - 1].path)
				abort();
			pk_batch_list_release(&l);
		}
	} else if (!p.why[0]) {
		abort();
	}
	pk_batch_release(&p);
	pk_source_free(src);
	return 0;
}
