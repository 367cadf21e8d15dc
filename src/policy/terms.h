/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_POLICY_TERMS_H
#define PK_POLICY_TERMS_H

#include <stdatomic.h>

#include "codec/form.h"
#include "engine/result.h"
#include "policy/sources.h"

/* What a policy file adds to the built-in policy that it starts from. */

/* The severity of the rules that a glob names. */
struct pk_override {
	const char *rule;
	enum pk_severity severity;
};

/* Terms for some paths, or for all. */
struct pk_scope {
	const char *path; /* glob; NULL: every file */
	int fail_on;      /* -1: as elsewhere */
	struct pk_override *rules;
	size_t count;
};

/* Something that is known and accepted, by somebody, for a while. */
struct pk_exception {
	const char *rule;   /* glob of rules, or NULL */
	const char *import; /* glob of "module.name", or NULL */
	const char *path;   /* glob, or NULL */
	bool bound;         /* to the file with this digest: */
	uint8_t sha256[PK_SHA256_LEN];
	const char *reason;
	const char *owner;
	const char *until; /* "2027-01-31" */
	int64_t last_day;  /* the same in days since 1970 */
	uint64_t line;     /* of the policy file */
	atomic_bool used;
};

struct pk_terms {
	struct pk_meter meter;
	struct pk_arena arena;
	const char *base; /* the built-in policy */
	int fail_on;      /* -1: as the base has it */
	struct pk_scope *scopes;
	size_t scope_count;
	struct pk_globs allowed_imports;
	struct pk_globs denied_imports;
	struct pk_globs allowed_formats; /* none: all that are not denied */
	struct pk_globs denied_formats;
	struct pk_sources sources;
	struct pk_exception *exceptions;
	size_t exception_count;
	int64_t today; /* days since 1970 */
};

void pk_terms_release(struct pk_terms *t); /* zeroed is fine */

/*
 * Reads a policy file (docs/policy.md) as of a day, into a struct to be
 * released in any case.  PK_ERR_USAGE with at least one complaint when it is
 * none or contradicts itself.
 */
PK_MUST_CHECK enum pk_status pk_terms_read(struct pk_terms *t,
					   struct pk_span yaml, int64_t today,
					   struct pk_complaints *why);

/* Changes severities, adds findings for what is denied and marks what is
 * excepted; concludes anew. */
PK_MUST_CHECK enum pk_status pk_terms_apply(const struct pk_terms *t,
					    struct pk_result *r);

/* The threshold that the last entry of "paths" about a file gives, or dflt. */
int pk_terms_fail_on(const struct pk_terms *t, const char *path, int dflt);

/* What its owner should know of exception i after a run: it has expired, does
 * soon, or matched nothing.  Appends one line; false when there is nothing to
 * say. */
bool pk_terms_notice(const struct pk_terms *t, size_t i, struct pk_buf *to);

#endif
