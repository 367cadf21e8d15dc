/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_KEYS_H
#define PK_ATTEST_KEYS_H

#include "core/arena.h"
#include "core/buf.h"

/*
 * Keys, certificates and signatures: the door to OpenSSL for all that is
 * not a plain digest.  Elliptic curves P-256, P-384 and P-521, each with the
 * hash that Model Signing pairs it with (model_signing/_signing/
 * sign_ec_key.py), and Ed25519.
 */
struct pk_key;

/* What is given for an encrypted key; up to n bytes into buf, returns how
 * many, or -1. */
typedef int pk_password(void *ctx, char *buf, int n);

/* NULL, with why set to static text, when the PEM text holds no such key or
 * one of another kind.  A preamble before the PEM block is passed over. */
struct pk_key *pk_key_private(struct pk_span pem, pk_password *ask, void *ctx,
			      const char **why);
struct pk_key *pk_key_public(struct pk_span pem, const char **why);
/* From a SubjectPublicKeyInfo. */
struct pk_key *pk_key_from_der(struct pk_span der, const char **why);
void pk_key_free(struct pk_key *k);

/* "P-256", "P-384", "P-521", "Ed25519" */
const char *pk_key_kind(const struct pk_key *k);
/* Whether the reference implementation of Model Signing takes such keys. */
bool pk_key_is_standard(const struct pk_key *k);

/* Appends the SHA-256, in hex, of the public key's PEM text: the hint of a
 * bundle. */
bool pk_key_hint(const struct pk_key *k, struct pk_buf *to);

/* Appends the signature over the bytes: DER for curves. */
bool pk_key_sign(const struct pk_key *k, struct pk_span bytes,
		 struct pk_buf *to);
bool pk_key_verify(const struct pk_key *k, struct pk_span bytes,
		   struct pk_span signature);
/* With SHA-256 whatever the curve, as version 0.2.0 signed. */
bool pk_key_verify_sha256(const struct pk_key *k, struct pk_span bytes,
			  struct pk_span signature);

/* A chain: the leaf's certificate and those between it and a root. */
struct pk_chain;

/* From PEM text; the leaf first.  more: further PEM text, may be empty. */
struct pk_chain *pk_chain_from_pem(struct pk_span leaf, struct pk_span more,
				   const char **why);
struct pk_chain *pk_chain_new(void);
bool pk_chain_add_der(struct pk_chain *c, struct pk_span der);
void pk_chain_free(struct pk_chain *c);

size_t pk_chain_count(const struct pk_chain *c);
/* Appends certificate i as DER. */
bool pk_chain_der(const struct pk_chain *c, size_t i, struct pk_buf *to);
/* Whether the leaf is the certificate of the key. */
bool pk_chain_is_of(const struct pk_chain *c, const struct pk_key *k);

struct pk_trust {
	struct pk_span roots;   /* PEM text: who is trusted, and nobody else */
	bool must_be_valid_now; /* else: when it was issued */
};

/*
 * The leaf's public key, once its chain leads to a root and it may sign:
 * keyUsage digitalSignature or extendedKeyUsage codeSigning.  Checked for the
 * moment at which the leaf was issued, as the reference does, so that
 * signatures outlive certificates; there is no revocation.  NULL with why
 * set to static text.
 */
struct pk_key *pk_chain_trusted_key(const struct pk_chain *c,
				    const struct pk_trust *t, const char **why);

/* Whether the PEM text is one certificate, and that one. */
bool pk_pem_is(struct pk_span pem, struct pk_span der);

/* Appends the leaf's subject, one line for a person. */
void pk_chain_subject(const struct pk_chain *c, struct pk_buf *to);

#endif
