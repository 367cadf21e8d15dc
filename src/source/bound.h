/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_BOUND_H
#define PK_SOURCE_BOUND_H

#include "core/digest.h"
#include "core/source.h"

/*
 * Over another source: the same bytes, of which the digest is taken.  Bytes
 * lie in blocks, and of each block that is read a digest is kept; whoever
 * reads it again, the digest of the whole included, must meet the same.  So
 * the digest is that of the bytes that were scanned, whatever somebody writes
 * to the file meanwhile.
 */

/* The other is borrowed.  NULL when out of memory. */
struct pk_source *pk_bound_new(struct pk_source *of);

/* Whether all that was read twice was the same. */
bool pk_bound_steady(const struct pk_source *bound);

/*
 * SHA-256 over every byte, of which those not read yet are now.  False, and
 * zeros, when some could not be read or were not the same, or when go_on()
 * said no.
 */
bool pk_bound_sha256(struct pk_source *bound, bool (*go_on)(void *ctx),
		     void *ctx, uint8_t ret[PK_SHA256_LEN]);

#endif
