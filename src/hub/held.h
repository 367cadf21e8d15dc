/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_HELD_H
#define PK_HUB_HELD_H

#include "core/span.h"

/* Pieces of a file that are kept while they are likely to be read again: so
 * many bytes, and what was not read for the longest time goes first. */
enum { PK_HELD_PIECES = 4096, PK_HELD_BYTES = 32 << 20 };

struct pk_piece {
	uint64_t off;
	size_t len;
	uint8_t *p;
	uint64_t used; /* when it was last found */
};

struct pk_held {
	struct pk_piece *v; /* by offset */
	size_t n;
	size_t bytes;
	uint64_t clock;
};

/* A piece that has the byte at an offset, or NULL. Lives until the next is
 * kept. */
const struct pk_piece *pk_held_find(struct pk_held *h, uint64_t off);

/* Takes over p; NULL, and p freed, when out of memory. */
const struct pk_piece *pk_held_keep(struct pk_held *h, uint64_t off, uint8_t *p,
				    size_t len);

void pk_held_release(struct pk_held *h); /* zeroed is fine */

#endif
