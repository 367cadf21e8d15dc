/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_PIECES_H
#define PK_SOURCE_PIECES_H

#include "core/source.h"

/*
 * A source of that size put together from pieces of another, with zeros where
 * there is none; where pieces overlap one of them counts.  The pieces are
 * copied, the other source is borrowed.  NULL when out of memory.
 */
struct pk_source *pk_pieces_new(struct pk_source *of,
				const struct pk_extent *piece, size_t n,
				uint64_t size);

#endif
