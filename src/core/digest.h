/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CORE_DIGEST_H
#define PK_CORE_DIGEST_H

#include "core/buf.h"

enum { PK_SHA256_LEN = 32 };

/* SHA-256 (FIPS 180-4) of bytes that come in pieces. */
struct pk_sha256;

/* NULL when out of memory or when the system's library refuses. */
struct pk_sha256 *pk_sha256_new(void);

/* NULL is accepted and does nothing: ask once, at the end. */
void pk_sha256_add(struct pk_sha256 *h, const void *bytes, size_t n);

/* Frees h.  False, and zeros in ret, when anything failed on the way. */
bool pk_sha256_end(struct pk_sha256 *h, uint8_t ret[PK_SHA256_LEN]);

/* Appends the bytes as lower-case hex. */
void pk_hex_put(struct pk_buf *b, struct pk_span bytes);

#endif
