/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_REPORTER_H
#define PK_REPORT_REPORTER_H

#include "core/json_out.h"
#include "report/bins.h"
#include "report/links.h"
#include "report/shares.h"
#include "report/summary.h"

struct pk_reporter;

/* What a report should be like; a reporter ignores what it has no use for. */
struct pk_report_style {
	bool color;
	bool verbose;
	bool quiet;
	bool timestamps;
	unsigned severities; /* bit n: findings of severity n are shown */
	unsigned width;      /* columns to wrap at */
};

/*
 * One report being written.  The text gathers in out, from where the caller
 * takes it after each call; memory does not grow with the number of files, but
 * in inventories, which tell at the end what depends on what.
 */
struct pk_output {
	const struct pk_reporter *reporter;
	struct pk_report_style style;
	const char *policy;  /* its name */
	const char *fail_on; /* its threshold */
	bool advisory;       /* the policy blocks nothing */
	bool compared;       /* with a baseline: what is accepted is old */
	int64_t started;     /* seconds since 1970 */
	struct pk_share share;
	struct pk_buf out;
	struct pk_json json;
	struct pk_buf later; /* lines that come after all findings */
	uint64_t later_lines;
	struct pk_bins bins;       /* of forms that begin with the worst */
	bool rules[PK_RULE_COUNT]; /* that were met; markdown */
	struct pk_sha256 *digest;  /* of what was written; inventories */
	struct pk_links links;     /* of files to each other; inventories */
};

/* What a form tells that a scan does not learn unless it is asked to. */
enum pk_report_need {
	PK_NEEDS_SHA256 = 1 << 0,
	PK_NEEDS_STATED = 1 << 1, /* engine/note.h */
};

struct pk_reporter {
	const char *name;
	const char *title; /* for a person */
	unsigned needs;    /* enum pk_report_need */
	void (*begin)(struct pk_output *o);
	void (*file)(struct pk_output *o, const struct pk_result *r);
	void (*finish)(struct pk_output *o, const struct pk_summary *s);
};

#define PK_REPORTER(name) extern const struct pk_reporter pk_reporter_##name;
#include "report/reporters.def"
#undef PK_REPORTER

/* Frees what gathered, also when the report was never finished. */
void pk_output_release(struct pk_output *o);

/* NULL-terminated, in the order of reporters.def. */
extern const struct pk_reporter *const pk_reporters[];

const struct pk_reporter *pk_reporter_by_name(const char *name);

/* Whether the run passes: nothing blocked, no path without a verdict. */
bool pk_report_passes(const struct pk_output *o, const struct pk_summary *s);

#endif
