/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_BUNDLE_H
#define PK_ATTEST_BUNDLE_H

#include "attest/keyless.h"

/*
 * The outer layers of a signature: a Sigstore bundle (media type
 * application/vnd.dev.sigstore.bundle.v0.3+json) around a DSSE envelope
 * (secure-systems-lab/dsse) around a payload.
 */
#define PK_PAYLOAD_TYPE "application/vnd.in-toto+json"

enum { PK_BUNDLE_MAX = 256 << 20 };

struct pk_bundle {
	struct pk_buf payload;
	struct pk_buf signature;
	/* Of the three, one: a certificate chain, what vouches for a key of
	 * minutes, or a hint which key it is (lower-case hex, or empty when
	 * the bundle is an old one). */
	struct pk_chain *chain;
	struct pk_keyless *keyless; /* of a bundle that was read */
	struct pk_buf hint;
};

void pk_bundle_release(struct pk_bundle *b);

/* Writes the bundle, by the members that are set.  The reference refuses
 * members that it does not know, so there are no others. */
PK_MUST_CHECK enum pk_status pk_bundle_put(const struct pk_bundle *b,
					   struct pk_buf *to);

/*
 * Reads one, into a zeroed struct to be released in any case.  To the letter:
 * PK_ERR_USAGE, with why set to static text, for members that are unknown,
 * twice there or spelled otherwise, another media type, other than one
 * signature, base64 that is not canonical.
 */
PK_MUST_CHECK enum pk_status
pk_bundle_get(struct pk_bundle *b, struct pk_span json, const char **why);

/* Appends what is signed: DSSE's pre-authentication encoding. */
void pk_pae_put(struct pk_buf *to, struct pk_span payload);

/* The same as version 0.2.0 of the reference encoded it: another word at the
 * beginning, and the payload as Python's repr() of bytes. */
void pk_pae_put_legacy(struct pk_buf *to, struct pk_span payload);

#endif
