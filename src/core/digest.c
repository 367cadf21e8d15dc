/* SPDX-License-Identifier: Apache-2.0 */
#include "core/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/blake3.h"

struct pk_sha256 *pk_sha256_new(void)
{
	EVP_MD_CTX *c;

	/* A digest needs no configuration: no file is opened for it. */
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	c = EVP_MD_CTX_new();
	if (c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(c);
		return NULL;
	}
	return (struct pk_sha256 *)c;
}

void pk_sha256_add(struct pk_sha256 *h, const void *bytes, size_t n)
{
	/* Cannot fail once the context is set up (EVP_DigestUpdate(3)). */
	if (h)
		(void)EVP_DigestUpdate((EVP_MD_CTX *)h, bytes, n);
}

bool pk_sha256_end(struct pk_sha256 *h, uint8_t ret[PK_SHA256_LEN])
{
	bool ok = h && EVP_DigestFinal_ex((EVP_MD_CTX *)h, ret, NULL) == 1;

	if (!ok)
		memset(ret, 0, PK_SHA256_LEN);
	EVP_MD_CTX_free((EVP_MD_CTX *)h);
	return ok;
}

struct pk_git_blob {
	EVP_MD_CTX *evp;
	uint64_t left; /* bytes that are still to come */
	bool wrong;
};

struct pk_git_blob *pk_git_blob_new(uint64_t size)
{
	struct pk_git_blob *h = calloc(1, sizeof(*h));
	char head[32];
	const int n = snprintf(head, sizeof(head), "blob %" PRIu64, size);

	if (!h)
		return NULL;
	h->left = size;
	h->evp = EVP_MD_CTX_new();
	h->wrong = !h->evp ||
		   EVP_DigestInit_ex(h->evp, EVP_sha1(), NULL) != 1 ||
		   EVP_DigestUpdate(h->evp, head, (size_t)n + 1) != 1;
	return h;
}

void pk_git_blob_add(struct pk_git_blob *h, const void *bytes, size_t n)
{
	if (!h || h->wrong)
		return;
	h->wrong = n > h->left || EVP_DigestUpdate(h->evp, bytes, n) != 1;
	h->left -= n;
}

bool pk_git_blob_end(struct pk_git_blob *h, uint8_t ret[PK_GIT_BLOB_LEN])
{
	const bool ok = h && !h->wrong && h->left == 0 &&
			EVP_DigestFinal_ex(h->evp, ret, NULL) == 1;

	if (!ok)
		memset(ret, 0, PK_GIT_BLOB_LEN);
	if (h)
		EVP_MD_CTX_free(h->evp);
	free(h);
	return ok;
}

bool pk_hmac_sha256(struct pk_span key, struct pk_span bytes,
		    uint8_t ret[PK_SHA256_LEN])
{
	uint8_t mac[PK_SHA256_LEN] = { 0 };
	bool ok;

	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	ok = key.len <= INT32_MAX && HMAC(EVP_sha256(), key.p, (int)key.len,
					  bytes.p, bytes.len, mac, NULL);
	memcpy(ret, mac, sizeof(mac));
	return ok;
}

static const struct {
	const char *name;
	size_t len;
	const EVP_MD *(*md)(void); /* NULL: our own */
} hashes[PK_HASHES] = {
	[PK_HASH_SHA256] = { "sha256", PK_SHA256_LEN, EVP_sha256 },
	[PK_HASH_BLAKE2B] = { "blake2b", PK_HASH_LEN_MAX, EVP_blake2b512 },
	[PK_HASH_BLAKE3] = { "blake3", PK_BLAKE3_LEN, NULL },
};

const char *pk_hash_name(enum pk_hash hash)
{
	return hashes[hash].name;
}

size_t pk_hash_len(enum pk_hash hash)
{
	return hashes[hash].len;
}

struct pk_hasher {
	EVP_MD_CTX *evp; /* NULL: blake3 */
	struct pk_blake3 blake3;
};

struct pk_hasher *pk_hasher_new(enum pk_hash hash)
{
	struct pk_hasher *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	if (!hashes[hash].md) {
		pk_blake3_init(&h->blake3);
		return h;
	}
	h->evp = EVP_MD_CTX_new();
	if (h->evp && EVP_DigestInit_ex(h->evp, hashes[hash].md(), NULL) == 1)
		return h;
	EVP_MD_CTX_free(h->evp);
	free(h);
	return NULL;
}

void pk_hasher_add(struct pk_hasher *h, const void *bytes, size_t n)
{
	if (!h)
		return;
	if (h->evp)
		(void)EVP_DigestUpdate(h->evp, bytes, n);
	else
		pk_blake3_add(&h->blake3, bytes, n);
}

bool pk_hasher_end(struct pk_hasher *h, uint8_t ret[PK_HASH_LEN_MAX])
{
	bool ok = h != NULL;

	memset(ret, 0, PK_HASH_LEN_MAX);
	if (h && h->evp)
		ok = EVP_DigestFinal_ex(h->evp, ret, NULL) == 1;
	else if (h)
		pk_blake3_end(&h->blake3, ret);
	if (h)
		EVP_MD_CTX_free(h->evp);
	free(h);
	return ok;
}

static int hex_digit(uint8_t ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

bool pk_hex_get(struct pk_span text, uint8_t *ret, size_t n)
{
	if (text.len != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const int high = hex_digit(text.p[2 * i]);
		const int low = hex_digit(text.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void pk_hex_put(struct pk_buf *b, struct pk_span bytes)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.len; i++) {
		pk_buf_putc(b, digits[bytes.p[i] >> 4]);
		pk_buf_putc(b, digits[bytes.p[i] & 15]);
	}
}
