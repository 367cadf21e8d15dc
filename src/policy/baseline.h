/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_POLICY_BASELINE_H
#define PK_POLICY_BASELINE_H

#include "engine/result.h"

/*
 * The findings of an earlier report: each by its file's path and its
 * fingerprint, so that the same payload in another file is news.
 */
struct pk_baseline {
	uint8_t (*v)[PK_SHA256_LEN]; /* sorted */
	size_t count;
	size_t cap;
};

/* Reads a JSON or NDJSON report.  PK_ERR_USAGE, with why set to static text,
 * for what is none.  To be released in any case. */
PK_MUST_CHECK enum pk_status pk_baseline_read(struct pk_baseline *b,
					      struct pk_span report,
					      const char **why);
void pk_baseline_release(struct pk_baseline *b);

/* Marks the findings that the earlier report has. */
void pk_baseline_apply(const struct pk_baseline *b, struct pk_result *r);

#endif
