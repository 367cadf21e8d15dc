/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/signing.h"

#define KEYLESS                                                           \
	"signed by an identity without a key of its own: give a trusted " \
	"root, the identity and its issuer"

static bool fill(struct pk_bundle *b, const struct pk_key *key)
{
	struct pk_buf pae = { 0 };
	bool ok;

	pk_pae_put(&pae, pk_buf_span(&b->payload));
	ok = pk_buf_ok(&pae) && pk_key_hint(key, &b->hint) &&
	     pk_key_sign(key, pk_buf_span(&pae), &b->signature);
	pk_buf_release(&pae);
	return ok;
}

enum pk_status pk_sign_payload(struct pk_span payload, const struct pk_key *key,
			       struct pk_chain *chain, struct pk_buf *to,
			       const char **why)
{
	struct pk_bundle b = { .chain = chain };
	enum pk_status status;

	if (chain && !pk_chain_is_of(chain, key)) {
		*why = "the first certificate is not that of the key";
		return PK_ERR_USAGE;
	}
	pk_buf_put(&b.payload, payload.p, payload.len);
	status = pk_buf_ok(&b.payload) && fill(&b, key) ? pk_bundle_put(&b, to)
							: PK_ERR_NOMEM;
	b.chain = NULL; /* the caller's */
	pk_bundle_release(&b);
	return status;
}

enum pk_status pk_sign(const struct pk_statement *s, const struct pk_key *key,
		       struct pk_chain *chain, struct pk_buf *to,
		       const char **why)
{
	struct pk_buf payload = { 0 };
	enum pk_status status = pk_statement_put(s, &payload, why);

	if (status == PK_OK)
		status = pk_sign_payload(pk_buf_span(&payload), key, chain, to,
					 why);
	pk_buf_release(&payload);
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

static const char *check_with_key(struct pk_envelope *e,
				  const struct pk_verifier *v)
{
	if (e->b.chain)
		return "signed with a certificate: give the roots that you "
		       "trust, not a key";
	if (e->b.keyless)
		return KEYLESS;
	if (e->b.hint.len && !hint_fits(&e->b, v->key))
		return "signed with another key";
	if (!signature_fits(&e->b, v->key, v->legacy))
		return "the signature is not that of the key over the payload";
	e->old_hint = e->b.hint.len == 0;
	pk_buf_printf(&e->signer, "key %s", pk_key_kind(v->key));
	return NULL;
}

static const char *check_with_chain(struct pk_envelope *e,
				    const struct pk_verifier *v)
{
	struct pk_key *key;
	const char *why = NULL;

	if (e->b.keyless)
		return KEYLESS;
	if (!e->b.chain)
		return "signed with a bare key: give that key, not roots";
	key = pk_chain_trusted_key(e->b.chain, v->trust, &why);
	if (!key)
		return why;
	if (!signature_fits(&e->b, key, v->legacy))
		why = "the signature is not that of the certificate's key over "
		      "the payload";
	pk_key_free(key);
	pk_buf_puts(&e->signer, "certificate ");
	pk_chain_subject(e->b.chain, &e->signer);
	return why;
}

static const char *check_keyless(struct pk_envelope *e,
				 const struct pk_fulcio *f)
{
	struct pk_key *key;
	const char *why = NULL;

	if (!e->b.keyless)
		return "signed with a key: give that key, or the roots of its "
		       "certificate";
	key = pk_keyless_key(e->b.keyless, f, pk_buf_span(&e->b.payload),
			     pk_buf_span(&e->b.signature), &why);
	if (!key)
		return why;
	if (!signature_fits(&e->b, key, false))
		why = "the signature is not that of the certificate's key over "
		      "the payload";
	pk_key_free(key);
	pk_buf_printf(&e->signer, "identity %s of %s", f->identity, f->issuer);
	return why;
}

static const char *check(struct pk_envelope *e, const struct pk_verifier *v)
{
	if (v->fulcio)
		return check_keyless(e, v->fulcio);
	return v->key ? check_with_key(e, v) : check_with_chain(e, v);
}

enum pk_status pk_envelope_open(struct pk_envelope *e, struct pk_span bundle,
				const struct pk_verifier *v, const char **why)
{
	enum pk_status s;

	*e = (struct pk_envelope){ 0 };
	s = pk_bundle_get(&e->b, bundle, why);
	if (s != PK_OK)
		return s;
	*why = check(e, v);
	if (*why)
		return PK_ERR_USAGE;
	return pk_buf_ok(&e->signer) ? PK_OK : PK_ERR_NOMEM;
}

void pk_envelope_release(struct pk_envelope *e)
{
	pk_bundle_release(&e->b);
	pk_buf_release(&e->signer);
}

enum pk_status pk_verify_bundle(struct pk_signed *ret, struct pk_span bundle,
				const struct pk_verifier *v, const char **why)
{
	struct pk_envelope e;
	enum pk_status s;

	*ret = (struct pk_signed){ 0 };
	pk_manifest_init(&ret->files, PK_HASH_SHA256);
	ret->statement.files = &ret->files;
	ret->statement.legacy = v->legacy;
	s = pk_envelope_open(&e, bundle, v, why);
	if (s == PK_OK) {
		ret->old_hint = e.old_hint;
		ret->signer = pk_arena_printf(&ret->files.arena, "%s",
					      pk_buf_str(&e.signer));
		s = ret->signer
			    ? pk_statement_get(&ret->statement,
					       pk_buf_span(&e.b.payload), why)
			    : PK_ERR_NOMEM;
	}
	pk_envelope_release(&e);
	return s;
}
