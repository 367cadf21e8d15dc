/* SPDX-License-Identifier: Apache-2.0 */
/* The door to libbz2. */
#include <bzlib.h>

#include "codec/decomp_door.h"

enum { BZIP2_COST = 4 << 20 }; /* 100 kB + 4 times the largest block */

struct bunzip {
	bz_stream bz;
	bool open;
};

static void close_state(struct bunzip *s)
{
	if (s->open)
		(void)BZ2_bzDecompressEnd(&s->bz);
	s->open = false;
}

static bool bzip2_begin(void *state, struct pk_span bytes, size_t memory)
{
	struct bunzip *s = state;

	(void)bytes;
	close_state(s);
	s->bz = (bz_stream){ 0 };
	s->open = memory >= BZIP2_COST &&
		  BZ2_bzDecompressInit(&s->bz, 0, 0) == BZ_OK;
	return s->open;
}

static unsigned clamp(size_t n)
{
	return n < UINT32_MAX ? (unsigned)n : UINT32_MAX;
}

static enum pk_flow bzip2_step(void *state, struct pk_io *io)
{
	struct bunzip *s = state;
	unsigned in = clamp(io->in_len), out = clamp(io->out_len);
	int got;

	s->bz.next_in = (char *)(uintptr_t)io->in; /* is not written to */
	s->bz.avail_in = in;
	s->bz.next_out = (char *)io->out;
	s->bz.avail_out = out;
	got = BZ2_bzDecompress(&s->bz);
	io->in += in - s->bz.avail_in;
	io->in_len -= in - s->bz.avail_in;
	io->out += out - s->bz.avail_out;
	io->out_len -= out - s->bz.avail_out;
	switch (got) {
	case BZ_OK:
		return PK_FLOW_ON;
	case BZ_STREAM_END:
		return PK_FLOW_END;
	case BZ_MEM_ERROR:
		return PK_FLOW_REFUSED;
	default:
		return PK_FLOW_BROKEN;
	}
}

static size_t bzip2_cost(void *state)
{
	return ((struct bunzip *)state)->open ? BZIP2_COST : 0;
}

static void bzip2_end(void *state)
{
	close_state(state);
}

/* "BZh", the level, then the magic of a block or of the end. */
static bool bzip2_begins(struct pk_span b)
{
	return b.len >= 10 && memcmp(b.p, "BZh", 3) == 0 && b.p[3] >= '1' &&
	       b.p[3] <= '9' &&
	       (memcmp(b.p + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
		memcmp(b.p + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

const struct pk_door pk_door_bzip2 = {
	.size = sizeof(struct bunzip),
	.begins = bzip2_begins,
	.begin = bzip2_begin,
	.step = bzip2_step,
	.cost = bzip2_cost,
	.end = bzip2_end,
};
