/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_FLAT_CLAIM_H
#define PK_ANALYZE_FLAT_CLAIM_H

#include "codec/flatbuf.h"
#include "engine/scan.h"

/*
 * Claims a FlatBuffer that was read.  Its tables say nowhere how long it is,
 * and newer schemas have fields that nobody here follows: what lies between
 * its parts belongs to it, and so does a short rest up to stop (an offset of
 * the object), unless it begins as something else does.
 */
void pk_claim_flat(struct pk_scan *s, const struct pk_fb *b, uint64_t stop);

#endif
