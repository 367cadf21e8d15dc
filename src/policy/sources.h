/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_POLICY_SOURCES_H
#define PK_POLICY_SOURCES_H

#include "engine/origin.h"
#include "engine/result.h"
#include "policy/globs.h"

/* Some sources: those for which everything matches that is given here. */
struct pk_source_entry {
	const char *host; /* globs; NULL: any */
	const char *owner;
	const char *repository;
	struct pk_globs commits; /* 40 lower-case hex digits; none: any */
	struct pk_globs formats; /* of files from there; none: any */
};

struct pk_source_list {
	struct pk_source_entry *v;
	size_t n;
	bool given;
};

/* What a policy says of where files come from; zeroed: nothing. */
struct pk_sources {
	enum pk_known require_commit; /* NOT_KNOWN: as without a policy file */
	bool require_verified;
	struct pk_source_list allowed; /* given: nothing else is approved */
	struct pk_source_list denied;  /* in lower case, as it is compared */
};

/* Adds findings about the source to the result that stands for it, or for a
 * file of it.  s: NULL without a policy file. */
PK_MUST_CHECK enum pk_status pk_sources_judge(const struct pk_sources *s,
					      const struct pk_origin *o,
					      struct pk_result *r);

/* Adds findings about a file for where it comes from (r->origin, which may be
 * NULL), and for where its loaders fetch from. */
PK_MUST_CHECK enum pk_status pk_sources_judge_file(const struct pk_sources *s,
						   struct pk_result *r);

#endif
