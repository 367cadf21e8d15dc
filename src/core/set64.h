/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CORE_SET64_H
#define PK_CORE_SET64_H

#include "core/arena.h"

/* A set of 64-bit numbers: offsets seen, hashes of names.  In an arena. */
struct pk_set64 {
	struct pk_arena *arena;
	uint64_t *slots; /* 0: free */
	size_t cap;      /* a power of two */
	size_t n;
	bool has_zero;
};

/* Adds a number; false when it was in the set before.  When memory runs out
 * (the meter knows) everything is new. */
bool pk_set64_add(struct pk_set64 *s, uint64_t v);

#endif
