/* SPDX-License-Identifier: Apache-2.0 */
/* The door to zlib: raw deflate, zlib and gzip streams, and CRC-32. */
#define ZLIB_CONST
#include <zlib.h>

#include "codec/crc32.h"
#include "codec/decomp_door.h"

enum { INFLATE_COST = 48 * 1024, RAW = -15, ZLIB = 15, GZIP = 15 + 16 };

struct inflate {
	z_stream z;
	bool open;
};

static bool begin(struct inflate *s, int bits)
{
	if (s->open)
		return inflateReset(&s->z) == Z_OK;
	s->open = inflateInit2(&s->z, bits) == Z_OK;
	return s->open;
}

static bool deflate_begin(void *state, struct pk_span bytes, size_t memory)
{
	(void)bytes;
	return memory >= INFLATE_COST && begin(state, RAW);
}

static bool zlib_begin(void *state, struct pk_span bytes, size_t memory)
{
	(void)bytes;
	return memory >= INFLATE_COST && begin(state, ZLIB);
}

static bool gzip_begin(void *state, struct pk_span bytes, size_t memory)
{
	(void)bytes;
	return memory >= INFLATE_COST && begin(state, GZIP);
}

static uInt clamp(size_t n)
{
	return n < UINT32_MAX ? (uInt)n : UINT32_MAX;
}

static enum pk_flow step(void *state, struct pk_io *io)
{
	struct inflate *s = state;
	int got;

	s->z.next_in = io->in;
	s->z.avail_in = clamp(io->in_len);
	s->z.next_out = io->out;
	s->z.avail_out = clamp(io->out_len);
	got = inflate(&s->z, Z_NO_FLUSH);
	io->in_len -= (size_t)(s->z.next_in - io->in);
	io->in = s->z.next_in;
	io->out_len -= (size_t)(s->z.next_out - io->out);
	io->out = s->z.next_out;
	switch (got) {
	case Z_OK:
	case Z_BUF_ERROR:
		return PK_FLOW_ON;
	case Z_STREAM_END:
		return PK_FLOW_END;
	case Z_NEED_DICT:
	case Z_MEM_ERROR:
		return PK_FLOW_REFUSED;
	default:
		return PK_FLOW_BROKEN;
	}
}

static size_t cost(void *state)
{
	(void)state;
	return INFLATE_COST;
}

static void end(void *state)
{
	struct inflate *s = state;

	if (s->open)
		(void)inflateEnd(&s->z);
}

static bool never_begins(struct pk_span bytes)
{
	(void)bytes;
	return false;
}

/* RFC 1950, 2.2: method 8, window up to 32 KiB, header a multiple of 31. */
static bool zlib_begins(struct pk_span b)
{
	return b.len >= 2 && (b.p[0] & 0x0f) == 8 && b.p[0] >> 4 <= 7 &&
	       (b.p[0] * 256U + b.p[1]) % 31 == 0;
}

static bool gzip_begins(struct pk_span b)
{
	return b.len >= 3 && b.p[0] == 0x1f && b.p[1] == 0x8b && b.p[2] == 8;
}

/* RFC 1952, 2.3.1: FEXTRA comes right behind the fixed header. */
static size_t gzip_aside(struct pk_span b, size_t *ret_at)
{
	enum { FLAGS = 3, FEXTRA = 4, XLEN = 10 };

	if (b.len < XLEN + 2 || !(b.p[FLAGS] & FEXTRA))
		return 0;
	*ret_at = XLEN + 2;
	return b.p[XLEN] | (size_t)b.p[XLEN + 1] << 8;
}

const struct pk_door pk_door_deflate = {
	.size = sizeof(struct inflate),
	.begins = never_begins,
	.begin = deflate_begin,
	.step = step,
	.cost = cost,
	.end = end,
};

const struct pk_door pk_door_zlib = {
	.size = sizeof(struct inflate),
	.begins = zlib_begins,
	.begin = zlib_begin,
	.step = step,
	.cost = cost,
	.end = end,
};

const struct pk_door pk_door_gzip = {
	.size = sizeof(struct inflate),
	.padded = true,
	.begins = gzip_begins,
	.aside = gzip_aside,
	.begin = gzip_begin,
	.step = step,
	.cost = cost,
	.end = end,
};

uint32_t pk_crc32(uint32_t crc, struct pk_span bytes)
{
	return (uint32_t)crc32_z(crc, bytes.p, bytes.len);
}
