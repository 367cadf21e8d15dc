/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_KEYS_DOOR_H
#define PK_ATTEST_KEYS_DOOR_H

/* What the files around OpenSSL (keys.c, chain.c, fulcio.c, timestamp.c)
 * share, in its words; for them alone. */
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "attest/keys.h"

/* Over the bytes, borrowed; NULL when out of memory. */
BIO *pk_bio_over(struct pk_span text);

/* Of exactly these bytes; NULL when they are no certificate. */
X509 *pk_x509_from_der(struct pk_span der);

/* Takes over pkey, also when it fails. */
struct pk_key *pk_key_over(EVP_PKEY *pkey, const char **why);

bool pk_key_same(const struct pk_key *k, EVP_PKEY *other);

#endif
