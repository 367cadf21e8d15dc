/* SPDX-License-Identifier: Apache-2.0 */
#include "core/blake3.h"

#include <string.h>

enum { CHUNK_BLOCKS = 16 }; /* of 64 bytes */

enum flag {
	CHUNK_START = 1 << 0,
	CHUNK_END = 1 << 1,
	PARENT = 1 << 2,
	ROOT = 1 << 3,
};

static const uint32_t iv[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* What one call of the compression function is given. */
struct node {
	uint32_t cv[8];
	uint32_t words[16];
	uint64_t counter;
	uint32_t len;
	uint32_t flags;
};

static uint32_t rotate(uint32_t v, unsigned by)
{
	return v >> by | v << (32 - by);
}

static void mix(uint32_t *s, const unsigned at[4], uint32_t x, uint32_t y)
{
	uint32_t *a = &s[at[0]], *b = &s[at[1]];
	uint32_t *c = &s[at[2]], *d = &s[at[3]];

	*a += *b + x;
	*d = rotate(*d ^ *a, 16);
	*c += *d;
	*b = rotate(*b ^ *c, 12);
	*a += *b + y;
	*d = rotate(*d ^ *a, 8);
	*c += *d;
	*b = rotate(*b ^ *c, 7);
}

/* Columns, then diagonals of the four by four words of state. */
static const unsigned quarters[8][4] = {
	{ 0, 4, 8, 12 },  { 1, 5, 9, 13 },  { 2, 6, 10, 14 }, { 3, 7, 11, 15 },
	{ 0, 5, 10, 15 }, { 1, 6, 11, 12 }, { 2, 7, 8, 13 },  { 3, 4, 9, 14 },
};

static void permute(uint32_t w[16])
{
	static const uint8_t from[16] = { 2, 6,  3,  10, 7, 0,  4,  13,
					  1, 11, 12, 5,  9, 14, 15, 8 };
	uint32_t old[16];

	memcpy(old, w, sizeof(old));
	for (unsigned i = 0; i < 16; i++)
		w[i] = old[from[i]];
}

static void compress(const struct node *n, uint32_t ret[8])
{
	enum { ROUNDS = 7 };
	uint32_t w[16], s[16];

	memcpy(w, n->words, sizeof(w));
	memcpy(s, n->cv, sizeof(n->cv));
	memcpy(s + 8, iv, 4 * sizeof(*iv));
	s[12] = (uint32_t)n->counter;
	s[13] = (uint32_t)(n->counter >> 32);
	s[14] = n->len;
	s[15] = n->flags;
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned q = 0; q < 8; q++)
			mix(s, quarters[q], w[2 * q], w[2 * q + 1]);
		permute(w);
	}
	for (unsigned i = 0; i < 8; i++)
		ret[i] = s[i] ^ s[i + 8];
}

static void load_words(uint32_t w[16], const uint8_t *p)
{
	for (unsigned i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		       (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The block that is being filled, as the last one so far of its chunk. */
static struct node block_node(const struct pk_blake3 *h, uint32_t flags)
{
	struct node n = { .counter = h->chunk,
			  .len = (uint32_t)h->block_len,
			  .flags = flags };
	uint8_t padded[PK_BLAKE3_BLOCK] = { 0 };

	memcpy(padded, h->block, h->block_len);
	load_words(n.words, padded);
	memcpy(n.cv, h->chunk_cv, sizeof(n.cv));
	if (h->blocks == 0)
		n.flags |= CHUNK_START;
	return n;
}

static struct node parent_node(const uint32_t left[8], const uint32_t right[8])
{
	struct node n = { .len = PK_BLAKE3_BLOCK, .flags = PARENT };

	memcpy(n.cv, iv, sizeof(iv));
	memcpy(n.words, left, 8 * sizeof(*left));
	memcpy(n.words + 8, right, 8 * sizeof(*right));
	return n;
}

static void begin_chunk(struct pk_blake3 *h)
{
	memcpy(h->chunk_cv, iv, sizeof(iv));
	h->block_len = 0;
	h->blocks = 0;
}

void pk_blake3_init(struct pk_blake3 *h)
{
	*h = (struct pk_blake3){ 0 };
	begin_chunk(h);
}

/* Sub-trees of equal size are merged: as many as the count of chunks has
 * zero bits at its end. */
static void push_chunk(struct pk_blake3 *h)
{
	struct node n = block_node(h, CHUNK_END);
	uint32_t cv[8];

	compress(&n, cv);
	h->chunk++;
	for (uint64_t done = h->chunk; (done & 1) == 0; done >>= 1) {
		n = parent_node(h->stack[--h->depth], cv);
		compress(&n, cv);
	}
	memcpy(h->stack[h->depth++], cv, sizeof(cv));
	begin_chunk(h);
}

/* Only once more follows is it known that a block was not the last. */
static void flush_block(struct pk_blake3 *h)
{
	struct node n;

	if (h->blocks == CHUNK_BLOCKS - 1) {
		push_chunk(h);
		return;
	}
	n = block_node(h, 0);
	compress(&n, h->chunk_cv);
	h->blocks++;
	h->block_len = 0;
}

void pk_blake3_add(struct pk_blake3 *h, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	while (n > 0) {
		size_t take = PK_BLAKE3_BLOCK - h->block_len;

		if (take == 0) {
			flush_block(h);
			continue;
		}
		take = take < n ? take : n;
		memcpy(h->block + h->block_len, p, take);
		h->block_len += take;
		p += take;
		n -= take;
	}
}

void pk_blake3_end(const struct pk_blake3 *h, uint8_t ret[PK_BLAKE3_LEN])
{
	struct node n = block_node(h, CHUNK_END);
	uint32_t cv[8];

	for (unsigned d = h->depth; d > 0; d--) {
		compress(&n, cv);
		n = parent_node(h->stack[d - 1], cv);
	}
	/* The counter of a root is the number of its output block. */
	n.counter = 0;
	n.flags |= ROOT;
	compress(&n, cv);
	for (unsigned i = 0; i < PK_BLAKE3_LEN; i++)
		ret[i] = (uint8_t)(cv[i / 4] >> 8 * (i % 4));
}
