/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_RESULT_H
#define PK_ENGINE_RESULT_H

#include "engine/origin.h"
#include "engine/scan.h"
#include "engine/verdict.h"

/* What is done about a file; contract: action. */
enum pk_action {
	PK_ACTION_PASS,
	PK_ACTION_SKIP,
	PK_ACTION_WARN,
	PK_ACTION_BLOCK,
};

const char *pk_action_name(enum pk_action a);

/*
 * One file, analysed: the job with all that it learned, worst findings first,
 * and what was concluded from it.  Embedded: _init and _release.
 */
struct pk_result {
	struct pk_job job;
	const char *path; /* raw bytes as the caller named it, in the arena */
	enum pk_verdict verdict;
	bool opened;            /* its bytes were looked at */
	enum pk_action action;  /* the policy's; PASS until it was asked */
	const char *action_why; /* of a block; static, or NULL */
	/* Where it was fetched from, borrowed; NULL: a file of this machine. */
	const struct pk_origin *origin;
	struct pk_arrival arrival; /* of one that has an origin */
};

/* Why a file is blocked of which nothing is bad but where it comes from. */
extern const char pk_why_source[];

/* Blocked, and not for what it holds: its source, pin or lock is violated. */
bool pk_result_blocked_for_source(const struct pk_result *r);

/* PK_ERR_NOMEM when the path cannot be kept; release it all the same. */
PK_MUST_CHECK enum pk_status pk_result_init(struct pk_result *r,
					    const char *path,
					    const struct pk_limits *limits);
void pk_result_release(struct pk_result *r);

/* Scans the bytes, which stay the caller's, and concludes. */
PK_MUST_CHECK enum pk_status pk_result_scan(struct pk_result *r,
					    struct pk_source *bytes);

/* A finding from outside the analysis: the file could not be opened, its
 * worker died.  partial: so that it never counts as clean. */
PK_MUST_CHECK enum pk_status pk_result_note(struct pk_result *r,
					    enum pk_rule rule,
					    const char *message, bool partial);

/* A finding that quotes: "evidence message". */
PK_MUST_CHECK enum pk_status pk_result_note_on(struct pk_result *r,
					       enum pk_rule rule,
					       const char *evidence,
					       const char *message);

/* Sorts the findings, worst first, and derives the verdict; to be called
 * again when a severity was changed. */
void pk_result_conclude(struct pk_result *r);

#endif
