/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "attest/keys_door.h"

enum { CERTIFICATES_MAX = 32 };

struct pk_chain {
	STACK_OF(X509) * certificates; /* the leaf first */
};

struct pk_chain *pk_chain_new(void)
{
	struct pk_chain *c = calloc(1, sizeof(*c));

	if (c)
		c->certificates = sk_X509_new_null();
	if (c && !c->certificates) {
		free(c);
		return NULL;
	}
	return c;
}

void pk_chain_free(struct pk_chain *c)
{
	if (c)
		sk_X509_pop_free(c->certificates, X509_free);
	free(c);
}

static bool push(STACK_OF(X509) * to, X509 *x)
{
	if (x && sk_X509_num(to) < CERTIFICATES_MAX && sk_X509_push(to, x) > 0)
		return true;
	X509_free(x);
	return false;
}

X509 *pk_x509_from_der(struct pk_span der)
{
	const unsigned char *p = der.p;
	X509 *x =
		der.len <= INT32_MAX ? d2i_X509(NULL, &p, (long)der.len) : NULL;

	ERR_clear_error();
	if (!x || p == der.p + der.len)
		return x;
	X509_free(x);
	return NULL;
}

bool pk_chain_add_der(struct pk_chain *c, struct pk_span der)
{
	return push(c->certificates, pk_x509_from_der(der));
}

/* Every certificate of a PEM text; false when there is none. */
static bool read_all(STACK_OF(X509) * to, struct pk_span pem)
{
	BIO *bio = pk_bio_over(pem);
	X509 *x;
	bool any = false;

	while (bio && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		any = push(to, x) || any;
	BIO_free(bio);
	ERR_clear_error();
	return any;
}

struct pk_chain *pk_chain_from_pem(struct pk_span leaf, struct pk_span more,
				   const char **why)
{
	struct pk_chain *c = pk_chain_new();

	if (!c) {
		*why = "out of memory";
		return NULL;
	}
	if (!read_all(c->certificates, leaf) ||
	    (more.len && !read_all(c->certificates, more))) {
		*why = "no certificate is in it";
		pk_chain_free(c);
		return NULL;
	}
	return c;
}

size_t pk_chain_count(const struct pk_chain *c)
{
	return (size_t)sk_X509_num(c->certificates);
}

bool pk_chain_der(const struct pk_chain *c, size_t i, struct pk_buf *to)
{
	unsigned char *der = NULL;
	const int n = i2d_X509(sk_X509_value(c->certificates, (int)i), &der);

	if (n > 0)
		pk_buf_put(to, der, (size_t)n);
	OPENSSL_free(der);
	return n > 0;
}

bool pk_pem_is(struct pk_span pem, struct pk_span der)
{
	struct pk_chain *c = pk_chain_new();
	struct pk_buf have = { 0 };
	const bool is = c && read_all(c->certificates, pem) &&
			pk_chain_count(c) == 1 && pk_chain_der(c, 0, &have) &&
			pk_span_eq(pk_buf_span(&have), der);

	pk_buf_release(&have);
	pk_chain_free(c);
	return is;
}

static X509 *leaf_of(const struct pk_chain *c)
{
	return sk_X509_value(c->certificates, 0);
}

bool pk_chain_is_of(const struct pk_chain *c, const struct pk_key *k)
{
	X509 *leaf = leaf_of(c);

	return leaf && pk_key_same(k, X509_get0_pubkey(leaf));
}

void pk_chain_subject(const struct pk_chain *c, struct pk_buf *to)
{
	X509 *leaf = leaf_of(c);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;

	if (leaf && bio &&
	    X509_NAME_print_ex(bio, X509_get_subject_name(leaf), 0,
			       XN_FLAG_RFC2253) >= 0) {
		const long n = BIO_get_mem_data(bio, &text);

		pk_buf_put(to, text, n > 0 ? (size_t)n : 0);
	}
	BIO_free(bio);
}

/* Who lets a certificate sign something else than TLS sessions. */
static bool may_sign(X509 *leaf)
{
	const uint32_t flags = X509_get_extension_flags(leaf);

	if ((flags & EXFLAG_KUSAGE) &&
	    (X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE))
		return true;
	return (flags & EXFLAG_XKUSAGE) &&
	       (X509_get_extended_key_usage(leaf) & XKU_CODE_SIGN);
}

static bool moment_of(X509 *leaf, const struct pk_trust *t, time_t *ret)
{
	struct tm tm;

	if (t->must_be_valid_now) {
		*ret = time(NULL);
		return true;
	}
	if (ASN1_TIME_to_tm(X509_get0_notBefore(leaf), &tm) != 1)
		return false;
	*ret = timegm(&tm);
	return true;
}

static bool leads_to(const struct pk_chain *c, X509_STORE *store, time_t at)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool ok = ctx && X509_STORE_CTX_init(ctx, store, leaf_of(c),
					     c->certificates) == 1;

	if (ok) {
		X509_STORE_CTX_set_time(ctx, 0, at);
		ok = X509_verify_cert(ctx) == 1;
	}
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

static X509_STORE *store_of(struct pk_span pem)
{
	STACK_OF(X509) *roots = sk_X509_new_null();
	X509_STORE *store = X509_STORE_new();
	bool ok = roots && store && read_all(roots, pem);

	for (int i = 0; ok && i < sk_X509_num(roots); i++)
		ok = X509_STORE_add_cert(store, sk_X509_value(roots, i)) == 1;
	sk_X509_pop_free(roots, X509_free);
	if (ok)
		return store;
	X509_STORE_free(store);
	return NULL;
}

struct pk_key *pk_chain_trusted_key(const struct pk_chain *c,
				    const struct pk_trust *t, const char **why)
{
	X509_STORE *store = store_of(t->roots);
	X509 *leaf = leaf_of(c);
	EVP_PKEY *pkey;
	time_t at = 0;

	*why = NULL;
	if (!store)
		*why = "no root certificate was given";
	else if (!leaf || !moment_of(leaf, t, &at))
		*why = "the bundle holds no certificate that can be read";
	else if (!leads_to(c, store, at))
		*why = "the certificate does not lead to a trusted root";
	else if (!may_sign(leaf))
		*why = "the certificate is not for signing";
	X509_STORE_free(store);
	if (*why)
		return NULL;
	pkey = X509_get0_pubkey(leaf);
	if (pkey && EVP_PKEY_up_ref(pkey) != 1)
		pkey = NULL;
	return pk_key_over(pkey, why);
}
