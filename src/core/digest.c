/* SPDX-License-Identifier: Apache-2.0 */
#include "core/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

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

void pk_hex_put(struct pk_buf *b, struct pk_span bytes)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.len; i++) {
		pk_buf_putc(b, digits[bytes.p[i] >> 4]);
		pk_buf_putc(b, digits[bytes.p[i] & 15]);
	}
}
