/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_PICKET_ATTEST_H
#define PK_PICKET_ATTEST_H

/* What the handles of manifests hold, for those who make them. */
#include "picket_types.h"

#include "attest/excluded.h"
#include "attest/manifest.h"
#include "attest/signing.h"

struct picket_manifest {
	struct pk_manifest m;
};

struct picket_signature {
	struct pk_signed s;
};

struct picket_excluded {
	struct pk_excluded e;
};

/* Compares the tree with what is expected of it, without what was left out,
 * and without what how leaves out. */
struct pk_left_out {
	enum pk_links links;
	const char *const *ignore;
	size_t count;
};
enum picket_status pk_public_compare(const struct pk_manifest *expected,
				     const struct pk_left_out *out,
				     const char *root,
				     const struct picket_tree *how,
				     bool allow_extra,
				     struct picket_differences **ret);

/* What is there and was left out. */
enum picket_status pk_public_excluded(const struct pk_left_out *out,
				      const char *root,
				      const struct picket_tree *how,
				      struct picket_excluded **ret);

/* The rest of what makers of manifests and signatures share. */
struct picket_key {
	struct pk_key *k;
};
struct pk_chain *pk_public_chain(const struct picket_pem *certificate,
				 const struct picket_pem *chain,
				 const char **why);
/* Who must have signed, in the words of attest; to be released in any case.
 * PK_ERR_USAGE with why set to static text. */
struct pk_public_verifier {
	struct pk_trust trust;
	struct pk_trusted_root root;
	struct pk_fulcio fulcio;
	struct pk_verifier by;
};
enum pk_status pk_public_verifier_open(struct pk_public_verifier *p,
				       const struct picket_verifier *v,
				       const char **why);
void pk_public_verifier_release(struct pk_public_verifier *p);

enum picket_status pk_public_refused(enum pk_status s, const char *text,
				     struct picket_refusal *why);
/* Releases the buffer. */
enum picket_status pk_public_send(struct pk_buf *b,
				  const struct picket_sink *to);

static inline struct pk_tree_options
pk_tree_options_of(const struct picket_tree *how)
{
	return (struct pk_tree_options){ .links = (enum pk_links)how->links,
					 .ignore = how->ignore,
					 .ignore_count = how->ignore_count };
}

#endif
