/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_COVER_H
#define PK_ENGINE_COVER_H

#include "core/arena.h"

/*
 * Which bytes of one object a parser gave a meaning to: sorted, disjoint
 * ranges.  What is left over is a finding of its own.
 */
struct pk_range {
	uint64_t from;
	uint64_t to; /* one past the last */
};

struct pk_cover {
	struct pk_range *v;
	size_t n;
	size_t cap;
	bool failed; /* out of memory, or absurdly fragmented */
};

/* Adds [from, to); overlapping and touching ranges become one. */
void pk_cover_add(struct pk_cover *c, uint64_t from, uint64_t to);

/* Bytes in all ranges. */
uint64_t pk_cover_total(const struct pk_cover *c);

/*
 * The first range of [*at, size) that nobody claimed; moves *at past it.
 * False when there is none left.
 */
bool pk_cover_gap(const struct pk_cover *c, uint64_t size, uint64_t *at,
		  struct pk_range *ret_gap);

void pk_cover_release(struct pk_cover *c);

#endif
