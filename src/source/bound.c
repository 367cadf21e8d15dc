/* SPDX-License-Identifier: Apache-2.0 */
#include "source/bound.h"

#include <stdlib.h>

enum {
	BLOCK_MIN = 64 * 1024,
	BLOCKS_MAX = 1 << 20, /* larger files have larger blocks */
	MARK = 16,            /* bytes kept of a block's digest */
};

struct bound {
	struct pk_source base;
	struct pk_source *of;
	size_t block; /* bytes of one, but of the last */
	uint8_t (*marks)[MARK];
	uint8_t *seen; /* one for each block */
	uint8_t *buf;  /* the block that was read last */
	uint64_t held; /* its number, or UINT64_MAX */
	size_t have;   /* bytes of it */
	bool changed;
};

static size_t length_of(const struct bound *b, uint64_t number)
{
	const uint64_t left = b->base.size - number * b->block;

	return left < b->block ? (size_t)left : b->block;
}

static bool mark_of(const struct bound *b, uint8_t ret[PK_SHA256_LEN])
{
	struct pk_sha256 *h = pk_sha256_new();

	pk_sha256_add(h, b->buf, b->have);
	return pk_sha256_end(h, ret);
}

static void compare(struct bound *b, uint64_t number)
{
	uint8_t mark[PK_SHA256_LEN];

	if (!mark_of(b, mark)) {
		b->changed = true; /* nobody knows */
		return;
	}
	if (!b->seen[number])
		memcpy(b->marks[number], mark, MARK);
	b->seen[number] = 1;
	b->changed |= memcmp(b->marks[number], mark, MARK) != 0;
}

/* Brings a block into the buffer. */
static void fetch(struct bound *b, uint64_t number)
{
	const size_t n = length_of(b, number);

	if (b->held == number)
		return;
	b->held = number;
	b->have = pk_source_read(b->of, number * b->block, b->buf, n);
	b->changed |= b->have < n;
	compare(b, number);
}

static size_t bound_read(struct pk_source *s, uint64_t off, void *buf, size_t n)
{
	struct bound *b = (struct bound *)s;
	size_t done = 0;

	while (done < n) {
		const size_t at = (size_t)((off + done) % b->block);
		size_t part = n - done;

		fetch(b, (off + done) / b->block);
		if (at >= b->have)
			break;
		if (part > b->have - at)
			part = b->have - at;
		memcpy((uint8_t *)buf + done, b->buf + at, part);
		done += part;
	}
	return done;
}

static uint64_t bound_zeros(struct pk_source *s, uint64_t off)
{
	return pk_source_zeros(((struct bound *)s)->of, off);
}

static bool bound_changed(struct pk_source *s)
{
	return pk_source_changed(((struct bound *)s)->of);
}

static void bound_free(struct pk_source *s)
{
	struct bound *b = (struct bound *)s;

	free(b->marks);
	free(b->seen);
	free(b->buf);
	free(b);
}

static const struct pk_source_ops bound_ops = {
	.read = bound_read,
	.free = bound_free,
	.zeros = bound_zeros,
	.changed = bound_changed,
};

static uint64_t blocks_of(const struct bound *b)
{
	return b->base.size / b->block + (b->base.size % b->block != 0);
}

/* What lies in memory is read once, and needs no blocks. */
static bool set_up_blocks(struct bound *b)
{
	size_t n;

	b->held = UINT64_MAX;
	b->block = BLOCK_MIN;
	while (b->base.size / b->block > BLOCKS_MAX)
		b->block *= 2;
	n = (size_t)blocks_of(b) + 1;
	b->marks = calloc(n, sizeof(*b->marks));
	b->seen = calloc(n, 1);
	b->buf = malloc(b->block);
	return b->marks && b->seen && b->buf;
}

struct pk_source *pk_bound_new(struct pk_source *of)
{
	struct bound *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->of = of;
	b->base.ops = &bound_ops;
	b->base.grain = of->grain;
	b->base.size = of->size;
	b->base.mem = of->mem;
	if (of->mem || set_up_blocks(b))
		return &b->base;
	bound_free(&b->base);
	return NULL;
}

bool pk_bound_steady(const struct pk_source *bound)
{
	return !((const struct bound *)bound)->changed;
}

static bool add_blocks(struct bound *b, struct pk_sha256 *h,
		       bool (*go_on)(void *ctx), void *ctx)
{
	const uint64_t n = blocks_of(b);

	for (uint64_t i = 0; i < n; i++) {
		if (b->changed || !go_on(ctx))
			return false;
		fetch(b, i);
		pk_sha256_add(h, b->buf, b->have);
	}
	return !b->changed;
}

bool pk_bound_sha256(struct pk_source *bound, bool (*go_on)(void *ctx),
		     void *ctx, uint8_t ret[PK_SHA256_LEN])
{
	struct bound *b = (struct bound *)bound;
	struct pk_sha256 *h = pk_sha256_new();
	bool all = true;

	if (bound->mem)
		pk_sha256_add(h, bound->mem, (size_t)bound->size);
	else
		all = add_blocks(b, h, go_on, ctx);
	all = pk_sha256_end(h, ret) && all;
	if (!all)
		memset(ret, 0, PK_SHA256_LEN);
	return all;
}
