/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_SLICE_H
#define PK_SOURCE_SLICE_H

#include "core/source.h"

/*
 * Bytes [off, off + len) of another source, cut at its end.  The other is
 * borrowed and must live longer.  NULL when out of memory.
 */
struct pk_source *pk_slice_new(struct pk_source *of, uint64_t off,
			       uint64_t len);

#endif
