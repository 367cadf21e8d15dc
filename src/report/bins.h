/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_BINS_H
#define PK_REPORT_BINS_H

#include "core/buf.h"
#include "engine/rule.h"

/*
 * Lines that come out worst first, and of which whoever reads the report
 * takes no more than some: they gather by severity until the end.  Zeroed at
 * first.  Memory grows with the findings, up to that limit, not with files.
 */
struct pk_bins {
	struct {
		struct pk_buf lines; /* each ends with its only newline */
		uint64_t count;
	} of[PK_CRITICAL + 1];
	uint64_t total; /* kept or not */
};

/* Where to append one more line of that severity; NULL when max others come
 * before it. */
struct pk_buf *pk_bins_add(struct pk_bins *b, enum pk_severity s, uint64_t max);

/* Calls put for each line, without its newline, the worst first, at most max
 * of them.  Returns how many were left out. */
uint64_t pk_bins_each(const struct pk_bins *b, uint64_t max,
		      void (*put)(void *ctx, struct pk_span line), void *ctx);

bool pk_bins_ok(const struct pk_bins *b);
void pk_bins_release(struct pk_bins *b);

/* Takes the next line off rest, without its newline; false when none is. */
bool pk_line_next(struct pk_span *rest, struct pk_span *line);

#endif
