/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/fulcio.h"

#include <openssl/ct.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "attest/keys_door.h"

/* Sigstore's own extensions: docs/oid-info.md of Fulcio. */
#define OID_ISSUER_RAW "1.3.6.1.4.1.57264.1.1"
#define OID_USER_NAME  "1.3.6.1.4.1.57264.1.7"
#define OID_ISSUER     "1.3.6.1.4.1.57264.1.8"

/* The chain. */

static X509_STORE *store_of(const struct pk_trusted_chain *c,
			    STACK_OF(X509) * between)
{
	X509_STORE *store = X509_STORE_new();
	bool ok = store != NULL;

	for (size_t i = 0; ok && i < c->count; i++) {
		X509 *x = pk_x509_from_der(c->certificates[i]);

		if (i + 1 == c->count)
			ok = x && X509_STORE_add_cert(store, x) == 1;
		else if (x && sk_X509_push(between, x) > 0)
			x = NULL; /* the stack's now */
		else
			ok = false;
		X509_free(x);
	}
	if (ok)
		return store;
	X509_STORE_free(store);
	return NULL;
}

/* The certificate that issued the leaf, if at that time the leaf leads to the
 * root; the caller's to free. */
static X509 *issuer_within(X509 *leaf, const struct pk_trusted_chain *c,
			   int64_t at)
{
	STACK_OF(X509) *between = sk_X509_new_null();
	X509_STORE *store = between ? store_of(c, between) : NULL;
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509 *issuer = NULL;

	if (store && ctx &&
	    X509_STORE_CTX_init(ctx, store, leaf, between) == 1) {
		X509_STORE_CTX_set_time(ctx, 0, (time_t)at);
		if (X509_verify_cert(ctx) == 1)
			issuer = sk_X509_value(X509_STORE_CTX_get0_chain(ctx),
					       1);
		if (issuer && X509_up_ref(issuer) != 1)
			issuer = NULL;
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	sk_X509_pop_free(between, X509_free);
	ERR_clear_error();
	return issuer;
}

static X509 *issuer_at(X509 *leaf, const struct pk_trusted_root *t, int64_t at)
{
	const struct pk_trusted_chain *c = t->authorities;
	X509 *issuer = NULL;

	for (; c && !issuer; c = c->next) {
		if (pk_period_has(&c->valid, at))
			issuer = issuer_within(leaf, c, at);
	}
	return issuer;
}

/* Embedded timestamps of certificate logs: RFC 6962, section 3. */

static void put_be(struct pk_buf *b, uint64_t v, unsigned width)
{
	while (width--)
		pk_buf_putc(b, (char)(v >> (8 * width)));
}

static bool put_key_digest(struct pk_buf *b, X509 *issuer)
{
	unsigned char *der = NULL;
	const int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(issuer), &der);
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t digest[PK_SHA256_LEN];
	bool ok;

	pk_sha256_add(h, der, n > 0 ? (size_t)n : 0);
	ok = pk_sha256_end(h, digest) && n > 0;
	OPENSSL_free(der);
	pk_buf_put(b, digest, sizeof(digest));
	return ok;
}

/* The certificate as the log saw it: without the timestamp. */
static bool put_without_sct(struct pk_buf *b, X509 *leaf)
{
	X509 *copy = X509_dup(leaf);
	unsigned char *der = NULL;
	const int at =
		copy ? X509_get_ext_by_NID(copy, NID_ct_precert_scts, -1) : -1;
	int n = -1;

	if (at >= 0) {
		X509_EXTENSION_free(X509_delete_ext(copy, at));
		n = i2d_re_X509_tbs(copy, &der);
	}
	if (n > 0) {
		put_be(b, (uint64_t)n, 3);
		pk_buf_put(b, der, (size_t)n);
	}
	OPENSSL_free(der);
	X509_free(copy);
	return n > 0;
}

static bool put_signed_part(struct pk_buf *b, const SCT *sct, X509 *leaf,
			    X509 *issuer)
{
	unsigned char *extensions = NULL;
	const size_t n = SCT_get0_extensions(sct, &extensions);
	bool ok;

	put_be(b, 0, 1); /* version 1 */
	put_be(b, 0, 1); /* certificate_timestamp */
	put_be(b, SCT_get_timestamp(sct), 8);
	put_be(b, 1, 2); /* precert_entry */
	ok = put_key_digest(b, issuer) && put_without_sct(b, leaf);
	put_be(b, n, 2);
	pk_buf_put(b, extensions, n);
	return ok && pk_buf_ok(b);
}

static bool sct_is_signed(const SCT *sct, X509 *leaf, X509 *issuer,
			  const struct pk_trusted_log *log)
{
	struct pk_buf b = { 0 };
	unsigned char *signature = NULL;
	const size_t n = SCT_get0_signature(sct, &signature);
	const char *why;
	struct pk_key *key = pk_key_from_der(log->key, &why);
	bool ok = key && put_signed_part(&b, sct, leaf, issuer) &&
		  pk_key_verify(key, pk_buf_span(&b),
				(struct pk_span){ signature, n });

	pk_key_free(key);
	pk_buf_release(&b);
	return ok;
}

static bool sct_is_good(const SCT *sct, X509 *leaf, X509 *issuer,
			const struct pk_trusted_root *t)
{
	unsigned char *id = NULL;
	const struct pk_trusted_log *log;

	if (SCT_get_version(sct) != SCT_VERSION_V1 ||
	    SCT_get_signature_nid(sct) != NID_ecdsa_with_SHA256 ||
	    SCT_get0_log_id(sct, &id) != PK_SHA256_LEN)
		return false;
	log = pk_trusted_log_of(t->certificate_logs, id);
	return log &&
	       pk_period_has(&log->valid,
			     (int64_t)(SCT_get_timestamp(sct) / 1000)) &&
	       sct_is_signed(sct, leaf, issuer, log);
}

static bool is_logged(X509 *leaf, X509 *issuer, const struct pk_trusted_root *t)
{
	STACK_OF(SCT) *list =
		X509_get_ext_d2i(leaf, NID_ct_precert_scts, NULL, NULL);
	const bool ok = list && sk_SCT_num(list) == 1 &&
			sct_is_good(sk_SCT_value(list, 0), leaf, issuer, t);

	SCT_LIST_free(list);
	ERR_clear_error();
	return ok;
}

/* Whom it was issued to. */

static bool string_is(const ASN1_STRING *s, const char *want)
{
	const size_t n = strlen(want);

	return s && ASN1_STRING_length(s) >= 0 &&
	       (size_t)ASN1_STRING_length(s) == n &&
	       memcmp(ASN1_STRING_get0_data(s), want, n) == 0;
}

static bool is_oid(const ASN1_OBJECT *o, const char *oid)
{
	char text[64];

	return OBJ_obj2txt(text, sizeof(text), o, 1) > 0 &&
	       strcmp(text, oid) == 0;
}

static bool name_is(const GENERAL_NAME *g, const char *want)
{
	const OTHERNAME *other = g->d.otherName;

	switch (g->type) {
	case GEN_EMAIL:
	case GEN_URI:
		return string_is(g->d.ia5, want);
	case GEN_OTHERNAME:
		return is_oid(other->type_id, OID_USER_NAME) &&
		       other->value->type == V_ASN1_UTF8STRING &&
		       string_is(other->value->value.utf8string, want);
	default:
		return false;
	}
}

static bool identity_is(X509 *leaf, const char *want)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	const bool ok = names && sk_GENERAL_NAME_num(names) == 1 &&
			name_is(sk_GENERAL_NAME_value(names, 0), want);

	GENERAL_NAMES_free(names);
	ERR_clear_error();
	return ok;
}

static const ASN1_OCTET_STRING *extension_of(X509 *leaf, const char *oid)
{
	ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
	const int at = o ? X509_get_ext_by_OBJ(leaf, o, -1) : -1;

	ASN1_OBJECT_free(o);
	return at >= 0 ? X509_EXTENSION_get_data(X509_get_ext(leaf, at)) : NULL;
}

/* The newer extension is a UTF8String in DER, the older the text itself. */
static bool issuer_is(X509 *leaf, const char *want)
{
	const ASN1_OCTET_STRING *raw = extension_of(leaf, OID_ISSUER);
	const unsigned char *p, *end;
	ASN1_UTF8STRING *s;
	bool ok;

	if (!raw)
		return string_is(extension_of(leaf, OID_ISSUER_RAW), want);
	p = ASN1_STRING_get0_data(raw);
	end = p + ASN1_STRING_length(raw);
	s = d2i_ASN1_UTF8STRING(NULL, &p, ASN1_STRING_length(raw));
	ok = string_is(s, want) && p == end;
	ASN1_UTF8STRING_free(s);
	ERR_clear_error();
	return ok;
}

static bool may_sign(X509 *leaf)
{
	const uint32_t flags = X509_get_extension_flags(leaf);

	return (flags & EXFLAG_KUSAGE) && (flags & EXFLAG_XKUSAGE) &&
	       !(flags & EXFLAG_CA) &&
	       (X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) &&
	       (X509_get_extended_key_usage(leaf) & XKU_CODE_SIGN);
}

static const char *check_leaf(X509 *leaf, X509 *issuer,
			      const struct pk_fulcio *f)
{
	if (!may_sign(leaf))
		return "the certificate is not for signing";
	if (!is_logged(leaf, issuer, f->trust))
		return "no trusted log of certificates has the certificate";
	if (!identity_is(leaf, f->identity))
		return "signed by another identity";
	if (!issuer_is(leaf, f->issuer))
		return "another issuer vouched for the identity";
	return NULL;
}

static const char *check(X509 *leaf, const struct pk_fulcio *f,
			 const int64_t *times, size_t count)
{
	X509 *issuer = NULL;
	const char *why;

	for (size_t i = 0; i < count; i++) {
		X509_free(issuer);
		issuer = issuer_at(leaf, f->trust, times[i]);
		if (!issuer)
			return "the certificate does not lead to a trusted "
			       "authority, or was not valid when it was used";
	}
	if (!issuer)
		return "nothing proves when the signature was made";
	why = check_leaf(leaf, issuer, f);
	X509_free(issuer);
	return why;
}

struct pk_key *pk_fulcio_key(struct pk_span der, const struct pk_fulcio *f,
			     const int64_t *times, size_t count,
			     const char **why)
{
	X509 *leaf = pk_x509_from_der(der);
	struct pk_key *key = NULL;
	EVP_PKEY *pkey;

	*why = leaf ? check(leaf, f, times, count)
		    : "the bundle holds no certificate that can be read";
	if (!*why) {
		pkey = X509_get0_pubkey(leaf);
		if (pkey && EVP_PKEY_up_ref(pkey) != 1)
			pkey = NULL;
		key = pk_key_over(pkey, why);
	}
	X509_free(leaf);
	return key;
}
