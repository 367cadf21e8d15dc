/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_EXCLUDED_H
#define PK_ATTEST_EXCLUDED_H

#include "attest/statement.h"

/*
 * Files that are there and that a signature says nothing of, because whoever
 * signed left them out.  What a signer leaves out is the signer's to say, but
 * whoever verifies wants to know: a loader may well read it.
 */
struct pk_excluded {
	struct pk_tree tree;
	/* Of tree.files: one that is a model's, by its name; NULL: none. */
	const char *artefact;
};

/* Whether whoever signed left the path out. */
bool pk_left_out(const struct pk_statement *s, const char *path);

/* Whether a loader opens files of that name. */
bool pk_is_artefact(const char *path);

/* own: paths that the verifier leaves out anyway.  To be released in any
 * case. */
PK_MUST_CHECK enum pk_status
pk_excluded_find(struct pk_excluded *e, const char *root,
		 const struct pk_statement *s,
		 const struct pk_tree_options *own);
void pk_excluded_release(struct pk_excluded *e);

#endif
