/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_POLICY_GLOBS_H
#define PK_POLICY_GLOBS_H

#include "codec/form.h"

/* Globs of a policy file, in its order. */
struct pk_globs {
	const char **v;
	size_t n;
};

/* Whether one of them matches the whole text.  A '*' stops at slashes only. */
bool pk_globs_match(const struct pk_globs *g, const char *text);

/* Whether the glob matches something that exists, so that a slip does not
 * open a gate; complains. */
bool pk_glob_exists(struct pk_form *f, struct pk_span glob, uint64_t off,
		    const char *what, const char *(*nth)(size_t n));

/* Takes over a list of globs; of formats those that exist. */
void pk_globs_take(struct pk_form *f, struct pk_globs *g,
		   const struct pk_jvalue *list);
void pk_globs_take_formats(struct pk_form *f, struct pk_globs *g,
			   const struct pk_jvalue *list);

/* Complains of what stands on both lists: it would be left to chance who
 * wins. */
void pk_globs_contradict(struct pk_form *f, const struct pk_globs *allow,
			 const struct pk_globs *deny, uint64_t off);

#endif
