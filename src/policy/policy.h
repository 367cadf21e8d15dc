/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_POLICY_POLICY_H
#define PK_POLICY_POLICY_H

#include "engine/result.h"
#include "policy/baseline.h"
#include "policy/terms.h"

/* One past the worst severity: no finding is enough. */
enum { PK_NEVER = PK_CRITICAL + 1 };

/* From findings to decisions; a policy never sees bytes. */
struct pk_policy {
	const char *name;
	int fail_on;       /* findings as severe as this block; or PK_NEVER */
	bool errors;       /* what could not be analysed blocks */
	bool code_formats; /* every format that can carry code blocks */
	bool advisory;     /* its exit status says nothing about files */
	bool forced;       /* the threshold was replaced: for all paths */
	const struct pk_terms *terms;       /* of a policy file, or NULL */
	const struct pk_baseline *baseline; /* what is known, or NULL */
};

/* The built-in policy of that name, or NULL. */
const struct pk_policy *pk_policy_builtin(const char *name);

/* The nth built-in policy, or NULL past the last. */
const struct pk_policy *pk_policy_at(size_t n);

/* Replaces the threshold; PK_NEVER blocks nothing at all. */
void pk_policy_fail_on(struct pk_policy *p, int severity);

/* "low" ... "critical" or "never" to its number; -1 for anything else. */
int pk_threshold_by_name(const char *name);
const char *pk_threshold_name(int severity);

/*
 * Adds what the policy has to say of a source itself (not approved, not
 * pinned, renamed, ...) to the result that stands for it; before the policy
 * is applied to that.  What it says of the files is in their own results,
 * when these know their origin.
 */
PK_MUST_CHECK enum pk_status pk_policy_judge_origin(const struct pk_policy *p,
						    const struct pk_origin *o,
						    struct pk_result *r);

/*
 * Sets what is to be done about the file, and why.  Findings that a baseline
 * or an exception accepts stay, and the verdict with them; they do not block.
 */
void pk_policy_apply(const struct pk_policy *p, struct pk_result *r);

#endif
