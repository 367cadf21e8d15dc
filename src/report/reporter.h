/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_REPORTER_H
#define PK_REPORT_REPORTER_H

#include "core/json_out.h"
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
 * takes it after each call; memory does not grow with the number of files.
 */
struct pk_output {
	const struct pk_reporter *reporter;
	struct pk_report_style style;
	const char *policy;  /* its name */
	const char *fail_on; /* its threshold */
	bool advisory;       /* the policy blocks nothing */
	int64_t started;     /* seconds since 1970 */
	struct pk_buf out;
	struct pk_json json;
	struct pk_buf later; /* text: lines that come after all findings */
	uint64_t later_lines;
};

struct pk_reporter {
	const char *name;
	const char *title; /* for a person */
	void (*begin)(struct pk_output *o);
	void (*file)(struct pk_output *o, const struct pk_result *r);
	void (*finish)(struct pk_output *o, const struct pk_summary *s);
};

#define PK_REPORTER(name) extern const struct pk_reporter pk_reporter_##name;
#include "report/reporters.def"
#undef PK_REPORTER

/* NULL-terminated, in the order of reporters.def. */
extern const struct pk_reporter *const pk_reporters[];

const struct pk_reporter *pk_reporter_by_name(const char *name);

/* Whether the run passes: nothing blocked, no path without a verdict. */
bool pk_report_passes(const struct pk_output *o, const struct pk_summary *s);

#endif
