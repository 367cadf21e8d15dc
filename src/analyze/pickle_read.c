/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_read.h"

#include <endian.h>

enum { BIG_FRAME = 128 * 1024 }; /* PREFETCH of _pickle.c */

const struct pk_op_info pk_op_infos[256] = {
#define PK_OP(code, name, operand, protocol) \
	[code] = { #name, PK_OPERAND_##operand, protocol },
#include "analyze/pickle_ops.def"
#undef PK_OP
};

struct pk_reader pk_reader_open(struct pk_cursor c, unsigned reading)
{
	return (struct pk_reader){ .c = c,
				   .reading = reading,
				   .frame_end = PK_NO_FRAME };
}

static void leave_frame(struct pk_reader *r)
{
	r->frame_end = PK_NO_FRAME;
	r->drops = false;
	if (r->resume) {
		pk_seek(&r->c, r->resume);
		r->resume = 0;
	}
}

/* Before a read of n bytes: which frame are they in?  Byte strings are read
 * through the frame's end by newer C readers, whatever the mode. */
static bool place(struct pk_reader *r, uint64_t n, bool bytes)
{
	uint64_t left;

	if (r->c.off >= r->frame_end)
		leave_frame(r);
	if (r->frame_end == PK_NO_FRAME)
		return true;
	left = r->frame_end - r->c.off;
	if (n <= left)
		return true;
	r->odd_frames = true;
	if (r->resume)
		return false; /* pickle.py refuses to cross a frame's end */
	if (r->drops && (!bytes || (r->reading & PK_READ_DROP_BYTES))) {
		pk_skip(&r->c, left);
		leave_frame(r);
	}
	return true;
}

static uint64_t little_endian(const uint8_t *p, unsigned width)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < width; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static bool take(struct pk_reader *r, uint64_t *ret, unsigned width)
{
	if (!place(r, width, false) || !pk_cursor_ready(&r->c, width))
		return false;
	*ret = little_endian(r->c.p, width);
	r->c.p += width;
	r->c.off += width;
	return true;
}

/* Finds the \n of a line that begins at the cursor, before stop; moves past
 * it.  False when there is none: the cursor is then at stop. */
static bool find_newline(struct pk_reader *r, uint64_t stop)
{
	struct pk_cursor *c = &r->c;

	while (c->off < stop && pk_cursor_ready(c, 1)) {
		size_t n = (size_t)(c->end - c->p);
		const uint8_t *nl;

		if (n > stop - c->off)
			n = (size_t)(stop - c->off);
		nl = memchr(c->p, '\n', n);
		if (nl)
			n = (size_t)(nl - c->p) + 1;
		pk_skip(c, n);
		if (nl)
			return true;
	}
	return false;
}

static bool take_line(struct pk_reader *r, struct pk_op *op,
		      struct pk_piece *ret)
{
	bool in_frame;

	if (r->c.off >= r->frame_end)
		leave_frame(r);
	ret->off = r->c.off;
	in_frame = r->frame_end != PK_NO_FRAME;
	if (in_frame && find_newline(r, r->frame_end)) {
		ret->len = r->c.off - ret->off - 1;
		return true;
	}
	if (in_frame) {
		r->odd_frames = true;
		if (r->resume)
			return false;
		if (r->drops)
			ret->off = r->c.off;
		leave_frame(r);
	}
	if (find_newline(r, r->c.stop)) {
		ret->len = r->c.off - ret->off - 1;
		return true;
	}
	/* No \n before the end: pickle.py cuts the last byte all the same. */
	op->cut = true;
	ret->len = r->c.off - ret->off;
	ret->len -= ret->len > 0;
	return true;
}

static bool is_bytes(uint8_t code)
{
	return code == PK_OP_BINBYTES || code == PK_OP_SHORT_BINBYTES ||
	       code == PK_OP_BINBYTES8 || code == PK_OP_BYTEARRAY8;
}

static bool take_counted(struct pk_reader *r, struct pk_op *op, unsigned width)
{
	uint64_t left;

	if (!take(r, &op->value, width) ||
	    !place(r, op->value, is_bytes(op->code)))
		return false;
	left = pk_cursor_left(&r->c);
	op->data = (struct pk_piece){ r->c.off, op->value };
	if (op->value > left) {
		op->cut = true;
		op->data.len = left;
	}
	pk_skip(&r->c, op->data.len);
	return pk_cursor_ok(&r->c);
}

static bool take_operand(struct pk_reader *r, struct pk_op *op)
{
	switch (pk_op_infos[op->code].operand) {
	case PK_OPERAND_NONE:
		return true;
	case PK_OPERAND_U1:
		return take(r, &op->value, 1);
	case PK_OPERAND_U2:
		return take(r, &op->value, 2);
	case PK_OPERAND_U4:
		return take(r, &op->value, 4);
	case PK_OPERAND_I4:
		if (!take(r, &op->value, 4))
			return false;
		op->value = (uint64_t)(int64_t)(int32_t)(uint32_t)op->value;
		return true;
	case PK_OPERAND_U8:
	case PK_OPERAND_B8:
		return take(r, &op->value, 8);
	case PK_OPERAND_N1:
		return take_counted(r, op, 1);
	case PK_OPERAND_N4:
		return take_counted(r, op, 4);
	case PK_OPERAND_N8:
		return take_counted(r, op, 8);
	case PK_OPERAND_LINE:
		return take_line(r, op, &op->data);
	case PK_OPERAND_LINE2:
		return take_line(r, op, &op->data) &&
		       take_line(r, op, &op->second);
	}
	return false;
}

/* The same from eight readable bytes, without a loop. */
static uint64_t load_short(const uint8_t *p, unsigned width)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	v = le64toh(v);
	return width == sizeof(v) ? v : v & ((1ULL << 8 * width) - 1);
}

/*
 * The opcode at hand with a short operand, when all of it lies in the window
 * and in the frame: most do, and this is all that they cost.
 */
static bool take_at_once(struct pk_reader *r, struct pk_op *op)
{
	static const uint8_t widths[] = {
		[PK_OPERAND_NONE] = 0, [PK_OPERAND_U1] = 1, [PK_OPERAND_U2] = 2,
		[PK_OPERAND_U4] = 4,   [PK_OPERAND_U8] = 8, [PK_OPERAND_I4] = 4,
		[PK_OPERAND_B8] = 8,   [PK_OPERAND_N1] = 1, [PK_OPERAND_N4] = 4,
		[PK_OPERAND_N8] = 8,
	};
	const enum pk_operand kind = pk_op_infos[op->code].operand;
	const uint8_t *p = r->c.p;
	uint64_t have = (uint64_t)(r->c.end - p);
	uint64_t size;

	if (have > r->frame_end - r->c.off)
		have = r->frame_end - r->c.off;
	if (have < 1 + sizeof(uint64_t) || kind >= PK_OPERAND_LINE)
		return false;
	size = 1U + widths[kind];
	op->value = load_short(p + 1, widths[kind]);
	if (kind == PK_OPERAND_I4)
		op->value = (uint64_t)(int64_t)(int32_t)(uint32_t)op->value;
	if (kind >= PK_OPERAND_N1) {
		if (op->value > have - size)
			return false;
		op->data = (struct pk_piece){ r->c.off + size, op->value };
		size += op->value;
	}
	r->c.p += size;
	r->c.off += size;
	return true;
}

static bool ended(struct pk_reader *r, enum pk_read_end why)
{
	r->end = pk_cursor_ok(&r->c) ? why : PK_READ_BROKEN;
	return false;
}

bool pk_reader_next(struct pk_reader *r, struct pk_op *ret_op)
{
	if (r->end)
		return false;
	if (r->c.off >= r->frame_end)
		leave_frame(r);
	if (!pk_cursor_ready(&r->c, 1))
		return ended(r, PK_READ_EOF);
	ret_op->off = r->c.off;
	ret_op->code = *r->c.p;
	ret_op->cut = false;
	if (!pk_op_infos[ret_op->code].name)
		return ended(r, PK_READ_INVALID);
	if (take_at_once(r, ret_op))
		return true;
	r->c.p++;
	r->c.off++;
	if (!take_operand(r, ret_op))
		return ended(r, pk_cursor_left(&r->c) ? PK_READ_REFUSED
						      : PK_READ_EOF);
	return true;
}

bool pk_reader_frame(struct pk_reader *r, uint64_t len)
{
	uint64_t left;

	if (r->c.off >= r->frame_end)
		leave_frame(r);
	left = r->frame_end - r->c.off;
	if (r->frame_end != PK_NO_FRAME) {
		r->odd_frames = true;
		if (len <= left)
			return true; /* already prefetched: nothing changes */
		if (r->drops)
			pk_skip(&r->c, left);
	}
	if (len > pk_cursor_left(&r->c)) {
		r->long_frame = true;
		/* C readers fail; pickle.py takes what there is. */
		if (r->reading & (PK_READ_DROP | PK_READ_DROP_BIG))
			return ended(r, PK_READ_REFUSED);
		len = pk_cursor_left(&r->c);
	}
	r->frame_end = len ? r->c.off + len : PK_NO_FRAME;
	r->big_frames |= len >= BIG_FRAME;
	r->drops = (r->reading & PK_READ_DROP) ||
		   ((r->reading & PK_READ_DROP_BIG) && len >= BIG_FRAME);
	return true;
}

bool pk_reader_stop(struct pk_reader *r)
{
	if (r->frame_end == PK_NO_FRAME || r->c.off >= r->frame_end)
		return false;
	if (r->reading & PK_READ_DROP_REST) {
		pk_seek(&r->c, r->frame_end);
		leave_frame(r);
	}
	return true;
}

uint64_t pk_reader_raw_begin(const struct pk_reader *r)
{
	if (r->resume)
		return r->resume;
	if (r->frame_end != PK_NO_FRAME && r->frame_end > r->c.off)
		return r->frame_end;
	return r->c.off;
}

bool pk_reader_raw_skip(struct pk_reader *r, uint64_t end)
{
	if (end > r->c.stop)
		return ended(r, PK_READ_EOF);
	if (r->frame_end != PK_NO_FRAME && r->frame_end > r->c.off)
		r->resume = end;
	else
		pk_seek(&r->c, end);
	return true;
}

size_t pk_reader_fetch(struct pk_reader *r, uint64_t off, void *buf, size_t n)
{
	const struct pk_cursor *c = &r->c;
	const uint8_t *from = c->src && c->src->mem ? c->src->mem : c->win;
	const uint64_t base = from ? c->off - (uint64_t)(c->p - from) : 0;

	if (off >= c->stop)
		return 0;
	if (n > c->stop - off)
		n = (size_t)(c->stop - off);
	if (from && off >= base &&
	    off - base + n <= (uint64_t)(c->end - from)) {
		memcpy(buf, from + (off - base), n);
		return n;
	}
	return c->src ? pk_source_read(c->src, off, buf, n) : 0;
}
