/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/keys.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "attest/keys_door.h"
#include "core/digest.h"

/* The kinds of keys that may sign; md NULL: the scheme has its own hash. */
static const struct pk_key_kind {
	const char *group; /* as OpenSSL calls it; NULL: no curve */
	int type;
	const char *name;
	const EVP_MD *(*md)(void);
} kinds[] = {
	{ "prime256v1", EVP_PKEY_EC, "P-256", EVP_sha256 },
	{ "secp384r1", EVP_PKEY_EC, "P-384", EVP_sha384 },
	{ "secp521r1", EVP_PKEY_EC, "P-521", EVP_sha512 },
	{ NULL, EVP_PKEY_ED25519, "Ed25519", NULL },
};

struct pk_key {
	EVP_PKEY *pkey;
	const struct pk_key_kind *kind;
};

BIO *pk_bio_over(struct pk_span text)
{
	return text.len <= INT32_MAX ? BIO_new_mem_buf(text.p, (int)text.len)
				     : NULL;
}

static const struct pk_key_kind *kind_of(EVP_PKEY *pkey)
{
	char group[64] = "";
	size_t n;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct pk_key_kind *k = &kinds[i];

		if (EVP_PKEY_get_base_id(pkey) != k->type)
			continue;
		if (!k->group)
			return k;
		if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), &n) &&
		    strcmp(group, k->group) == 0)
			return k;
	}
	return NULL;
}

/* Takes over pkey. */
struct pk_key *pk_key_over(EVP_PKEY *pkey, const char **why)
{
	struct pk_key *k = calloc(1, sizeof(*k));

	if (!k || !pkey) {
		*why = pkey ? "out of memory" : "no key is in it";
		EVP_PKEY_free(pkey);
		free(k);
		return NULL;
	}
	k->pkey = pkey;
	k->kind = kind_of(pkey);
	if (k->kind)
		return k;
	*why = "a key of another kind than P-256, P-384, P-521 and Ed25519";
	pk_key_free(k);
	return NULL;
}

/* How OpenSSL asks for a password. */
struct asking {
	pk_password *ask;
	void *ctx;
	bool asked;
};

static int ask_password(char *buf, int n, int writing, void *ctx)
{
	struct asking *a = ctx;

	(void)writing;
	a->asked = true;
	return a->ask ? a->ask(a->ctx, buf, n) : -1;
}

struct pk_key *pk_key_private(struct pk_span pem, pk_password *ask, void *ctx,
			      const char **why)
{
	struct asking a = { ask, ctx, false };
	BIO *bio = pk_bio_over(pem);
	EVP_PKEY *pkey =
		bio ? PEM_read_bio_PrivateKey(bio, NULL, ask_password, &a)
		    : NULL;

	BIO_free(bio);
	ERR_clear_error();
	if (pkey)
		return pk_key_over(pkey, why);
	*why = a.asked ? "the password does not open the key"
		       : "no private key is in it";
	return NULL;
}

struct pk_key *pk_key_public(struct pk_span pem, const char **why)
{
	BIO *bio = pk_bio_over(pem);
	EVP_PKEY *pkey =
		bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	if (pkey)
		return pk_key_over(pkey, why);
	*why = "no public key is in it";
	return NULL;
}

struct pk_key *pk_key_from_der(struct pk_span der, const char **why)
{
	const unsigned char *p = der.p;
	EVP_PKEY *pkey = der.len <= INT32_MAX
				 ? d2i_PUBKEY(NULL, &p, (long)der.len)
				 : NULL;

	ERR_clear_error();
	if (pkey && p == der.p + der.len)
		return pk_key_over(pkey, why);
	EVP_PKEY_free(pkey);
	*why = "no public key is in it";
	return NULL;
}

void pk_key_free(struct pk_key *k)
{
	if (k)
		EVP_PKEY_free(k->pkey);
	free(k);
}

const char *pk_key_kind(const struct pk_key *k)
{
	return k->kind->name;
}

bool pk_key_is_standard(const struct pk_key *k)
{
	return k->kind->group != NULL;
}

bool pk_key_hint(const struct pk_key *k, struct pk_buf *to)
{
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t digest[PK_SHA256_LEN];
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	bool ok = bio && PEM_write_bio_PUBKEY(bio, k->pkey) == 1;

	if (ok) {
		const long n = BIO_get_mem_data(bio, &text);

		pk_sha256_add(h, text, n > 0 ? (size_t)n : 0);
	}
	ok = pk_sha256_end(h, digest) && ok;
	BIO_free(bio);
	if (ok)
		pk_hex_put(to, (struct pk_span){ digest, sizeof(digest) });
	return ok;
}

bool pk_key_sign(const struct pk_key *k, struct pk_span bytes,
		 struct pk_buf *to)
{
	const EVP_MD *md = k->kind->md ? k->kind->md() : NULL;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t sig[512];
	size_t n = sizeof(sig);
	const bool ok = c &&
			EVP_DigestSignInit(c, NULL, md, NULL, k->pkey) == 1 &&
			EVP_DigestSign(c, sig, &n, bytes.p, bytes.len) == 1;

	EVP_MD_CTX_free(c);
	ERR_clear_error();
	if (ok)
		pk_buf_put(to, sig, n);
	return ok;
}

static bool verify(const struct pk_key *k, const EVP_MD *md,
		   struct pk_span bytes, struct pk_span signature)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	const bool ok = c &&
			EVP_DigestVerifyInit(c, NULL, md, NULL, k->pkey) == 1 &&
			EVP_DigestVerify(c, signature.p, signature.len, bytes.p,
					 bytes.len) == 1;

	EVP_MD_CTX_free(c);
	ERR_clear_error();
	return ok;
}

bool pk_key_verify(const struct pk_key *k, struct pk_span bytes,
		   struct pk_span signature)
{
	return verify(k, k->kind->md ? k->kind->md() : NULL, bytes, signature);
}

bool pk_key_verify_sha256(const struct pk_key *k, struct pk_span bytes,
			  struct pk_span signature)
{
	return k->kind->md && verify(k, EVP_sha256(), bytes, signature);
}

bool pk_key_same(const struct pk_key *k, EVP_PKEY *other)
{
	return other && EVP_PKEY_eq(k->pkey, other) == 1;
}
