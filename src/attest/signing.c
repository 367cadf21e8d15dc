/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/signing.h"

enum pk_status pk_sign(const struct pk_statement *s, const struct pk_key *key,
		       struct pk_chain *chain, struct pk_buf *to,
		       const char **why)
{
	struct pk_bundle b = { .chain = chain };
	struct pk_buf pae = { 0 };
	enum pk_status status;

	if (chain && !pk_chain_is_of(chain, key)) {
		*why = "the first certificate is not that of the key";
		return PK_ERR_USAGE;
	}
	status = pk_statement_put(s, &b.payload, why);
	if (status == PK_OK) {
		pk_pae_put(&pae, pk_buf_span(&b.payload));
		if (!pk_buf_ok(&pae) || !pk_key_hint(key, &b.hint) ||
		    !pk_key_sign(key, pk_buf_span(&pae), &b.signature))
			status = PK_ERR_NOMEM;
	}
	if (status == PK_OK)
		status = pk_bundle_put(&b, to);
	pk_buf_release(&pae);
	b.chain = NULL; /* the caller's */
	pk_bundle_release(&b);
	return status;
}

void pk_signed_release(struct pk_signed *s)
{
	pk_manifest_release(&s->files);
}

/* A hint is public; comparing it in constant time would hide nothing. */
static bool hint_fits(const struct pk_bundle *b, const struct pk_key *key)
{
	struct pk_buf hint = { 0 };
	bool fits;

	fits = pk_key_hint(key, &hint) &&
	       pk_span_eq(pk_buf_span(&hint), pk_buf_span(&b->hint));
	pk_buf_release(&hint);
	return fits;
}

static bool signature_fits(const struct pk_bundle *b, const struct pk_key *key,
			   bool legacy)
{
	const struct pk_span signature = pk_buf_span(&b->signature);
	struct pk_buf pae = { 0 };
	bool ok;

	pk_pae_put(&pae, pk_buf_span(&b->payload));
	ok = pk_buf_ok(&pae) &&
	     pk_key_verify(key, pk_buf_span(&pae), signature);
	if (!ok && legacy) {
		pae.len = 0;
		pk_pae_put_legacy(&pae, pk_buf_span(&b->payload));
		/* Certificates always came with SHA-256 there. */
		ok = pk_buf_ok(&pae) &&
		     (pk_key_verify(key, pk_buf_span(&pae), signature) ||
		      pk_key_verify_sha256(key, pk_buf_span(&pae), signature));
	}
	pk_buf_release(&pae);
	return ok;
}

static const char *check_with_key(struct pk_signed *s,
				  const struct pk_bundle *b,
				  const struct pk_verifier *v)
{
	if (b->chain)
		return "signed with a certificate: give the roots that you "
		       "trust, not a key";
	if (b->hint.len && !hint_fits(b, v->key))
		return "signed with another key";
	if (!signature_fits(b, v->key, v->legacy))
		return "the signature is not that of the key over the payload";
	s->old_hint = b->hint.len == 0;
	s->signer =
		pk_arena_printf(&s->files.arena, "key %s", pk_key_kind(v->key));
	return s->signer ? NULL : "out of memory";
}

static const char *check_with_chain(struct pk_signed *s,
				    const struct pk_bundle *b,
				    const struct pk_verifier *v)
{
	struct pk_buf subject = { 0 };
	struct pk_key *key;
	const char *why = NULL;

	if (!b->chain)
		return "signed with a bare key: give that key, not roots";
	key = pk_chain_trusted_key(b->chain, v->trust, &why);
	if (!key)
		return why;
	if (!signature_fits(b, key, v->legacy))
		why = "the signature is not that of the certificate's key over "
		      "the payload";
	pk_key_free(key);
	pk_chain_subject(b->chain, &subject);
	s->signer = pk_arena_printf(&s->files.arena, "certificate %s",
				    pk_buf_str(&subject));
	pk_buf_release(&subject);
	return why || s->signer ? why : "out of memory";
}

enum pk_status pk_verify_bundle(struct pk_signed *ret, struct pk_span bundle,
				const struct pk_verifier *v, const char **why)
{
	struct pk_bundle b = { 0 };
	enum pk_status s;

	*ret = (struct pk_signed){ 0 };
	pk_manifest_init(&ret->files, PK_HASH_SHA256);
	ret->statement.files = &ret->files;
	ret->statement.legacy = v->legacy;
	s = pk_bundle_get(&b, bundle, why);
	if (s == PK_OK) {
		*why = v->key ? check_with_key(ret, &b, v)
			      : check_with_chain(ret, &b, v);
		if (*why)
			s = PK_ERR_USAGE;
	}
	if (s == PK_OK)
		s = pk_statement_get(&ret->statement, pk_buf_span(&b.payload),
				     why);
	pk_bundle_release(&b);
	return s;
}
