/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_SUMMARY_H
#define PK_REPORT_SUMMARY_H

#include "engine/result.h"

enum { PK_REASONS_MAX = 12 };

/* A path for which there is no verdict: it could not be opened at all. */
struct pk_path_error {
	struct pk_path_error *next;
	char *path; /* raw */
	char *message;
};

/* What a whole run saw; all counts are of files. */
struct pk_summary {
	uint64_t files;
	uint64_t verdicts[PK_VERDICTS];
	uint64_t blocked;
	uint64_t blocked_for_content; /* not only for being unreadable */
	uint64_t blocked_for_source;  /* only for where they come from */
	uint64_t partial;
	uint64_t incomplete; /* verdict error, or partial */
	uint64_t read_whole;
	uint64_t unopened; /* only looked at from outside */
	uint64_t excluded; /* by the user's patterns; not in files */
	uint64_t bytes;
	uint64_t fetched; /* of them, over the network */
	uint64_t errors;  /* paths without a verdict */
	struct pk_path_error *error_list;
	struct pk_path_error **error_tail;
	struct {
		char *why;
		uint64_t files;
	} reasons[PK_REASONS_MAX]; /* of skipped files; the last is "other" */
	uint64_t duration_ms;
};

void pk_summary_init(struct pk_summary *s);
void pk_summary_release(struct pk_summary *s);

void pk_summary_add(struct pk_summary *s, const struct pk_result *r);

PK_MUST_CHECK enum pk_status
pk_summary_error(struct pk_summary *s, const char *path, const char *message);

#endif
