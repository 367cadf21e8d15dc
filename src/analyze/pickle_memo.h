/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_MEMO_H
#define PK_ANALYZE_PICKLE_MEMO_H

#include "analyze/pickle_value.h"

/*
 * The unpickler's memo: eight bytes an entry where indices are dense, a hash
 * table for the rest, so that one forged index costs nothing.
 */
struct pk_memo {
	pk_value *dense; /* PK_V_MARK: empty */
	size_t dense_cap;
	struct pk_memo_slot *sparse; /* open addressing */
	size_t sparse_cap;
	size_t sparse_n;
	uint64_t count; /* distinct indices in all */
	struct pk_meter *meter;
	/* CPython 3.15: capacity and filled slots of its array part. */
	uint64_t array_cap;
	uint64_t array_n;
};

void pk_memo_init(struct pk_memo *m, struct pk_meter *meter);
void pk_memo_clear(struct pk_memo *m);
void pk_memo_release(struct pk_memo *m);

/* Later puts win.  False when out of memory. */
bool pk_memo_put(struct pk_memo *m, uint64_t index, pk_value v);

/* False when nothing was put there. */
bool pk_memo_get(const struct pk_memo *m, uint64_t index, pk_value *ret);

#endif
