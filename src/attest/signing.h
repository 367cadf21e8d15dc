/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_SIGNING_H
#define PK_ATTEST_SIGNING_H

#include "attest/bundle.h"
#include "attest/compare.h"
#include "attest/statement.h"

/* Signs a statement: appends the bundle.  chain: NULL for a bare key; else
 * its leaf must be the key's.  PK_ERR_USAGE with why set to static text. */
PK_MUST_CHECK enum pk_status pk_sign(const struct pk_statement *s,
				     const struct pk_key *key,
				     struct pk_chain *chain, struct pk_buf *to,
				     const char **why);

/* The same over any payload. */
PK_MUST_CHECK enum pk_status
pk_sign_payload(struct pk_span payload, const struct pk_key *key,
		struct pk_chain *chain, struct pk_buf *to, const char **why);

/* Who must have signed, one of these: a key, somebody whom a root vouches for,
 * an identity without a key of its own. */
struct pk_verifier {
	const struct pk_key *key;
	const struct pk_trust *trust;
	const struct pk_fulcio *fulcio;
	bool legacy; /* also signatures in the encoding of version 0.2.0 */
};

/* A payload whose signature was found to be good. */
struct pk_envelope {
	struct pk_bundle b;
	struct pk_buf signer; /* "key P-256", "certificate CN=..."; bytes */
	bool old_hint;        /* the bundle does not say which key it is */
};

/* Verifies; to be released in any case.  PK_ERR_USAGE with why set to static
 * text. */
PK_MUST_CHECK enum pk_status pk_envelope_open(struct pk_envelope *e,
					      struct pk_span bundle,
					      const struct pk_verifier *v,
					      const char **why);
void pk_envelope_release(struct pk_envelope *e);

/* What a signature says, once it was found to be good. */
struct pk_signed {
	struct pk_statement statement; /* over the manifest */
	struct pk_manifest files;
	const char *signer; /* "key P-256", "certificate CN=..."; bytes */
	bool old_hint;      /* the bundle does not say which key it is */
};

void pk_signed_release(struct pk_signed *s);

/*
 * Verifies a bundle and reads what it is over; nothing of the payload is
 * parsed before the signature was found to be good.  To be released in any
 * case.  PK_ERR_USAGE with why set to static text.
 */
PK_MUST_CHECK enum pk_status pk_verify_bundle(struct pk_signed *ret,
					      struct pk_span bundle,
					      const struct pk_verifier *v,
					      const char **why);

#endif
