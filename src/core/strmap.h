/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CORE_STRMAP_H
#define PK_CORE_STRMAP_H

#include "core/arena.h"

/*
 * From byte strings to pointers, in an arena.  Hashed with a key that is new
 * in each process (SipHash-1-3), so that no file can choose names that make
 * it slow; what it answers does not depend on the key.
 */
struct pk_strmap {
	struct pk_arena *arena;
	struct pk_strmap_slot *slots;
	size_t cap; /* a power of two */
	size_t n;
};

/*
 * The place of the key's value, which is NULL when the key is new.  The key's
 * bytes are borrowed for the map's life.  NULL when memory ran out (the meter
 * knows).  The place is valid until the next key is put.
 */
void **pk_strmap_put(struct pk_strmap *m, struct pk_span key, bool *ret_new);

/* Empty again, to hold about so many; keeps its memory where that fits. */
void pk_strmap_clear(struct pk_strmap *m, size_t about);

/* The key's value, or NULL. */
void *pk_strmap_get(const struct pk_strmap *m, struct pk_span key);

#endif
