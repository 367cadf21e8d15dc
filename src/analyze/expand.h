/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_EXPAND_H
#define PK_ANALYZE_EXPAND_H

#include "codec/decomp.h"
#include "engine/scan.h"
#include "source/streamed.h"

/*
 * What a pull yields, as the source of a member of this object: counted
 * against the budgets of the scan, which must outlive it.  Takes the pull
 * (NULL: out of memory).  NULL when out of memory; the scan is then partial.
 */
struct pk_source *pk_expand_pull(struct pk_scan *s, struct pk_pull *pull,
				 struct pk_streamed *ret);

/* The same for [off, off + len) of the object's bytes, decompressed. */
struct pk_source *pk_expand(struct pk_scan *s, enum pk_codec codec,
			    uint64_t off, uint64_t len,
			    struct pk_streamed *ret);

/*
 * Says what kept a decompression from its end, if anything did, and makes
 * the scan partial then.  what: "member x", "the stream".
 */
void pk_report_expanded(struct pk_scan *s, const struct pk_streamed *r,
			uint64_t off, const char *what);

#endif
