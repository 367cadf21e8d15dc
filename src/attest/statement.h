/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_STATEMENT_H
#define PK_ATTEST_STATEMENT_H

#include "attest/manifest.h"

/*
 * What an OpenSSF Model Signing v1 signature is over: an in-toto Statement
 * v1 whose predicate, https://model_signing/signature/v1.0, lists every file
 * with its digest (sigstore/model-transparency, model_signing/_signing/
 * signing.py and manifest.py).
 */
struct pk_statement {
	struct pk_manifest *files; /* borrowed: filled when parsed */
	enum pk_links links;       /* REFUSE or FOLLOW: allow_symlinks */
	/* Paths that were left out when the model was hashed. */
	const char *const *ignore;
	size_t ignore_count;
	const char *name; /* of the model; tells, and proves nothing */
	/* Read also https://model_signing/Digests/v0.1 of version 0.2.0: a
	 * subject for each file and nothing else. */
	bool legacy;
};

/* Writes it.  PK_ERR_USAGE, with why set to static text, for what must not be
 * signed: a name that is no UTF-8, a ':' in a name hashed in parts, a
 * trouble. */
PK_MUST_CHECK enum pk_status pk_statement_put(const struct pk_statement *s,
					      struct pk_buf *to,
					      const char **why);

/*
 * Reads one, into an empty manifest.  Everything that the reference refuses
 * is refused, and more: members or names twice, names that are not spelled
 * as the walk spells them.  PK_ERR_USAGE with why set to static text.
 * Its texts live in the manifest's arena.
 */
PK_MUST_CHECK enum pk_status
pk_statement_get(struct pk_statement *s, struct pk_span json, const char **why);

#endif
