/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door to liblzma: .xz, LZMA-alone (.lzma) and the LZMA of zip.  Checks
 * that the library does not know are skipped, as by the most lenient reader.
 */
#include <lzma.h>

#include "codec/decomp_door.h"

struct unlzma {
	lzma_stream lz;
	/* LZMA in zip (APPNOTE 5.8.8): version, size and properties, which are
	 * turned into the header of LZMA-alone before anything else. */
	uint8_t head[13];
	size_t head_have;
	size_t head_fed;
	size_t memory;
	bool open;
};

static bool is_xz(struct pk_span b)
{
	return pk_span_starts(b, PK_LIT("\xfd"
					"7zXZ"));
}

/*
 * LZMA-alone has no magic: properties below 225, a dictionary size of
 * 2^n or 2^n + 2^(n-1), a size that is unknown or below 256 GiB; what the
 * library's own picky mode asks for.
 */
static bool is_alone(struct pk_span b)
{
	uint32_t dict = 0, d;
	uint64_t size = 0;

	if (b.len < 14 || b.p[0] >= 225 || b.p[13] != 0)
		return false;
	for (unsigned i = 0; i < 4; i++)
		dict |= (uint32_t)b.p[1 + i] << (8 * i);
	for (unsigned i = 0; i < 8; i++)
		size |= (uint64_t)b.p[5 + i] << (8 * i);
	d = dict - 1;
	d |= d >> 2;
	d |= d >> 3;
	d |= d >> 4;
	d |= d >> 8;
	d |= d >> 16;
	if (dict != UINT32_MAX && d + 1 != dict)
		return false;
	return dict >= 4096 && (size == UINT64_MAX || size < 1ULL << 38);
}

static bool xz_begins(struct pk_span b)
{
	return is_xz(b) || is_alone(b);
}

static bool xz_begin(void *state, struct pk_span bytes, size_t memory)
{
	struct unlzma *s = state;
	lzma_ret got = is_xz(bytes) ? lzma_stream_decoder(&s->lz, memory, 0)
				    : lzma_alone_decoder(&s->lz, memory);

	s->open = true;
	return got == LZMA_OK;
}

static bool raw_begin(void *state, struct pk_span bytes, size_t memory)
{
	struct unlzma *s = state;

	(void)bytes;
	memset(s->head + 5, 0xff, 8); /* of unknown size */
	s->head_have = 0;
	s->head_fed = 0;
	s->memory = memory;
	return true;
}

static enum pk_flow run(struct unlzma *s, struct pk_io *io)
{
	lzma_ret got;

	s->lz.next_in = io->in;
	s->lz.avail_in = io->in_len;
	s->lz.next_out = io->out;
	s->lz.avail_out = io->out_len;
	got = lzma_code(&s->lz, LZMA_RUN);
	io->in = s->lz.next_in;
	io->in_len = s->lz.avail_in;
	io->out = s->lz.next_out;
	io->out_len = s->lz.avail_out;
	switch (got) { /* not all results can come */
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return PK_FLOW_ON;
	case LZMA_STREAM_END:
		return PK_FLOW_END;
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
	case LZMA_OPTIONS_ERROR:
		return PK_FLOW_REFUSED;
	case LZMA_NO_CHECK:
	case LZMA_UNSUPPORTED_CHECK:
	case LZMA_GET_CHECK:
	case LZMA_FORMAT_ERROR:
	case LZMA_DATA_ERROR:
	case LZMA_PROG_ERROR:
	case LZMA_SEEK_NEEDED:
	case LZMA_RET_INTERNAL1:
	case LZMA_RET_INTERNAL2:
	case LZMA_RET_INTERNAL3:
	case LZMA_RET_INTERNAL4:
	case LZMA_RET_INTERNAL5:
	case LZMA_RET_INTERNAL6:
	case LZMA_RET_INTERNAL7:
	case LZMA_RET_INTERNAL8:
	default:
		return PK_FLOW_BROKEN;
	}
}

static enum pk_flow xz_step(void *state, struct pk_io *io)
{
	return run(state, io);
}

enum { RAW_HEAD = 9 };

static enum pk_flow raw_step(void *state, struct pk_io *io)
{
	struct unlzma *s = state;
	struct pk_io head;

	for (; s->head_have < RAW_HEAD && io->in_len; io->in++, io->in_len--) {
		if (s->head_have >= 4)
			s->head[s->head_have - 4] = *io->in;
		if (++s->head_have < RAW_HEAD)
			continue;
		s->open = true;
		if (lzma_alone_decoder(&s->lz, s->memory) != LZMA_OK)
			return PK_FLOW_REFUSED;
	}
	if (s->head_have < RAW_HEAD)
		return PK_FLOW_ON;
	if (s->head_fed == sizeof(s->head))
		return run(s, io);
	head = *io;
	head.in = s->head + s->head_fed;
	head.in_len = sizeof(s->head) - s->head_fed;
	s->head_fed = sizeof(s->head);
	return run(s, &head);
}

static size_t lzma_cost(void *state)
{
	struct unlzma *s = state;

	return s->open ? (size_t)lzma_memusage(&s->lz) : 0;
}

static void lzma_end_state(void *state)
{
	lzma_end(&((struct unlzma *)state)->lz);
}

static bool never_begins(struct pk_span bytes)
{
	(void)bytes;
	return false;
}

const struct pk_door pk_door_xz = {
	.size = sizeof(struct unlzma),
	.padded = true,
	.begins = xz_begins,
	.begin = xz_begin,
	.step = xz_step,
	.cost = lzma_cost,
	.end = lzma_end_state,
};

const struct pk_door pk_door_lzma_raw = {
	.size = sizeof(struct unlzma),
	.begins = never_begins,
	.begin = raw_begin,
	.step = raw_step,
	.cost = lzma_cost,
	.end = lzma_end_state,
};
