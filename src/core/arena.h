/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CORE_ARENA_H
#define PK_CORE_ARENA_H

#include <stddef.h>

#include "core/span.h"
#include "core/status.h"

/*
 * A ceiling on memory, shared by every arena of one scan: a file cannot make
 * a scan use more than it was given, however it spreads its demands.
 */
struct pk_meter {
	size_t used;
	size_t ceiling;
	bool exceeded; /* an allocation was refused; never reset */
};

/* Takes n bytes of the ceiling, or refuses and remembers that it did. */
bool pk_meter_take(struct pk_meter *m, size_t n);
void pk_meter_give(struct pk_meter *m, size_t n);

/*
 * Memory that lives as long as one object under scan, freed all at once.
 * Past the meter's ceiling, or when malloc fails, pk_arena_alloc() returns
 * NULL and the meter says so.
 */
struct pk_arena {
	struct pk_arena_block *blocks;
	struct pk_meter *meter;
};

#define PK_ARENA(m) ((struct pk_arena){ .meter = (m) })

/* Zeroed, suitably aligned for any type, or NULL. */
void *pk_arena_alloc(struct pk_arena *a, size_t n, size_t size);

/* A NUL-terminated copy of the bytes, or NULL. */
char *pk_arena_copy(struct pk_arena *a, struct pk_span bytes);

PK_PRINTF(2, 3)
char *pk_arena_printf(struct pk_arena *a, const char *fmt, ...);

void pk_arena_release(struct pk_arena *a);

#define PK_NEW(a, type) ((type *)pk_arena_alloc((a), 1, sizeof(type)))

#endif
