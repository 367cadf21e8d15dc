/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_KEYS_DOOR_H
#define PK_ATTEST_KEYS_DOOR_H

/* What keys.c and chain.c share, in OpenSSL's words; for them alone. */
#include <openssl/bio.h>
#include <openssl/evp.h>

#include "attest/keys.h"

/* Over the bytes, borrowed; NULL when out of memory. */
BIO *pk_bio_over(struct pk_span text);

/* Takes over pkey, also when it fails. */
struct pk_key *pk_key_over(EVP_PKEY *pkey, const char **why);

bool pk_key_same(const struct pk_key *k, EVP_PKEY *other);

#endif
