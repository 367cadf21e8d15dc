/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/msgpack.h"

void pk_mp_open(struct pk_mpreader *r, struct pk_cursor *c)
{
	*r = (struct pk_mpreader){ .c = c, .open = 1 };
	r->level[0].left = 1;
}

static uint64_t get_sized(struct pk_cursor *c, unsigned power)
{
	switch (power) {
	case 0:
		return pk_get_u8(c);
	case 1:
		return pk_get_u16be(c);
	case 2:
		return pk_get_u32be(c);
	default:
		return pk_get_u64be(c);
	}
}

static void take_bytes(struct pk_mpreader *r, enum pk_mptoken token,
		       uint64_t count)
{
	r->token = token;
	if (token == PK_MP_EXT)
		r->number = (int8_t)pk_get_u8(r->c);
	r->data = r->c->off;
	r->count = pk_cursor_fits(r->c, count, 1) ? count : 0;
}

static void take_container(struct pk_mpreader *r, enum pk_mptoken token,
			   uint64_t count)
{
	const bool map = token == PK_MP_MAP;

	r->token = token;
	r->count = count;
	if (!pk_cursor_fits(r->c, count, map ? 2 : 1))
		return;
	if (r->open == PK_MP_DEPTH) {
		pk_cursor_fail(r->c, PK_FAULT_LIMIT);
		return;
	}
	r->level[r->open].left = map ? count * 2 : count;
	r->level[r->open++].map = map;
}

static void take_number(struct pk_mpreader *r, int64_t v)
{
	r->token = PK_MP_INT;
	r->number = v;
}

static void take_signed(struct pk_mpreader *r, unsigned power)
{
	const uint64_t v = get_sized(r->c, power);
	const int64_t as[] = { (int8_t)v, (int16_t)v, (int32_t)v, (int64_t)v };

	take_number(r, as[power]);
}

/* 0xc0 to 0xdf: a table of the specification, as it stands there. */
static void take_typed(struct pk_mpreader *r, uint8_t b)
{
	if (b == 0xc0)
		r->token = PK_MP_NIL;
	else if (b == 0xc2 || b == 0xc3)
		(void)(r->token = PK_MP_BOOL, r->number = b & 1);
	else if (b >= 0xc4 && b <= 0xc6)
		take_bytes(r, PK_MP_BIN, get_sized(r->c, b - 0xc4U));
	else if (b >= 0xc7 && b <= 0xc9)
		take_bytes(r, PK_MP_EXT, get_sized(r->c, b - 0xc7U));
	else if (b == 0xca || b == 0xcb)
		(void)(r->token = PK_MP_FLOAT,
		       get_sized(r->c, b == 0xca ? 2U : 3U));
	else if (b >= 0xcc && b <= 0xcf)
		take_number(r, (int64_t)get_sized(r->c, b - 0xccU));
	else if (b >= 0xd0 && b <= 0xd3)
		take_signed(r, b - 0xd0U);
	else if (b >= 0xd4 && b <= 0xd8)
		take_bytes(r, PK_MP_EXT, 1ULL << (b - 0xd4));
	else if (b >= 0xd9 && b <= 0xdb)
		take_bytes(r, PK_MP_STR, get_sized(r->c, b - 0xd9U));
	else if (b == 0xdc || b == 0xdd)
		take_container(r, PK_MP_ARRAY, get_sized(r->c, b - 0xdbU));
	else if (b == 0xde || b == 0xdf)
		take_container(r, PK_MP_MAP, get_sized(r->c, b - 0xddU));
	else
		pk_cursor_fail(r->c, PK_FAULT_VALUE); /* 0xc1 */
}

static void take(struct pk_mpreader *r, uint8_t b)
{
	if (b < 0x80)
		take_number(r, b);
	else if (b >= 0xe0)
		take_number(r, (int8_t)b);
	else if (b < 0x90)
		take_container(r, PK_MP_MAP, b & 0xf);
	else if (b < 0xa0)
		take_container(r, PK_MP_ARRAY, b & 0xf);
	else if (b < 0xc0)
		take_bytes(r, PK_MP_STR, b & 0x1f);
	else
		take_typed(r, b);
}

static void pass(struct pk_mpreader *r)
{
	if (r->token == PK_MP_STR || r->token == PK_MP_BIN ||
	    r->token == PK_MP_EXT)
		pk_seek(r->c, r->data + r->count);
}

enum pk_mptoken pk_mp_next(struct pk_mpreader *r)
{
	uint64_t *left;

	if (pk_cursor_ok(r->c))
		pass(r);
	r->token = PK_MP_END;
	r->count = 0;
	while (r->open && r->level[r->open - 1].left == 0)
		r->open--;
	if (!r->open || !pk_cursor_ok(r->c))
		return PK_MP_END;
	left = &r->level[r->open - 1].left;
	r->key = r->level[r->open - 1].map && *left % 2 == 0;
	--*left;
	r->depth = r->open - 1;
	r->off = r->c->off;
	take(r, pk_get_u8(r->c));
	if (!pk_cursor_ok(r->c))
		r->token = PK_MP_END;
	return r->token;
}

struct pk_span pk_mp_bytes(struct pk_mpreader *r, size_t max)
{
	pk_seek(r->c, r->data);
	return pk_get_bytes(r->c, r->count < max ? r->count : max);
}
