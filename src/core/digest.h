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

/*
 * The id that git gives a file: SHA-1 of "blob SIZE", a NUL and the bytes, of
 * which there must be as many as was said.  The same rules as above.  SHA-1
 * can be made to collide: it proves against accidents only.
 */
enum { PK_GIT_BLOB_LEN = 20 };
struct pk_git_blob;
struct pk_git_blob *pk_git_blob_new(uint64_t size);
void pk_git_blob_add(struct pk_git_blob *h, const void *bytes, size_t n);
bool pk_git_blob_end(struct pk_git_blob *h, uint8_t ret[PK_GIT_BLOB_LEN]);

/* HMAC-SHA256 (RFC 2104); ret may be the key's memory.  False, and zeros, when
 * the library refuses. */
bool pk_hmac_sha256(struct pk_span key, struct pk_span bytes,
		    uint8_t ret[PK_SHA256_LEN]);

/* The hashes that manifests and signatures use. */
enum pk_hash {
	PK_HASH_SHA256,
	PK_HASH_BLAKE2B, /* 64 bytes, without a key (RFC 7693) */
	PK_HASH_BLAKE3,  /* 32 bytes */
};
enum { PK_HASHES = PK_HASH_BLAKE3 + 1, PK_HASH_LEN_MAX = 64 };

/* "sha256", "blake2b", "blake3" */
const char *pk_hash_name(enum pk_hash hash);
/* Bytes of its digest. */
size_t pk_hash_len(enum pk_hash hash);

/* Any of them, of bytes that come in pieces; the same rules as above. */
struct pk_hasher;
struct pk_hasher *pk_hasher_new(enum pk_hash hash);
void pk_hasher_add(struct pk_hasher *h, const void *bytes, size_t n);
bool pk_hasher_end(struct pk_hasher *h, uint8_t ret[PK_HASH_LEN_MAX]);

/* Appends the bytes as lower-case hex. */
void pk_hex_put(struct pk_buf *b, struct pk_span bytes);

/* The n bytes that 2n hex digits of either case stand for; false when the
 * text is anything else. */
bool pk_hex_get(struct pk_span text, uint8_t *ret, size_t n);

#endif
