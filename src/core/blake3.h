/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CORE_BLAKE3_H
#define PK_CORE_BLAKE3_H

#include <stddef.h>
#include <stdint.h>

/*
 * BLAKE3 in its default mode with 32 bytes of output (the BLAKE3 paper of
 * 2020, section 2), of bytes that come in pieces.  No library of Debian 12
 * has it; signatures of others may use it.  Portable, not the fastest.
 */
enum {
	PK_BLAKE3_LEN = 32,
	PK_BLAKE3_BLOCK = 64,
	PK_BLAKE3_DEPTH = 54, /* 2^64 bytes in chunks of 2^10 */
};

struct pk_blake3 {
	uint32_t chunk_cv[8];
	uint64_t chunk; /* number of the one being filled */
	uint8_t block[PK_BLAKE3_BLOCK];
	size_t block_len;
	unsigned blocks; /* of this chunk, compressed */
	uint32_t stack[PK_BLAKE3_DEPTH][8];
	unsigned depth;
};

void pk_blake3_init(struct pk_blake3 *h);
void pk_blake3_add(struct pk_blake3 *h, const void *bytes, size_t n);
void pk_blake3_end(const struct pk_blake3 *h, uint8_t ret[PK_BLAKE3_LEN]);

#endif
