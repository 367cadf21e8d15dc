/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_wide.h"

#include "core/utf8.h"

enum { WIDE_MAX = 64 << 20 };

struct encoding {
	unsigned width; /* bytes of a unit; 1: none of these */
	bool big;
	unsigned mark; /* bytes of the byte order mark */
};

static struct encoding detect(struct pk_cursor *c)
{
	const struct encoding narrow = { .width = 1 };
	struct pk_span s;

	if (!pk_cursor_ready(c, 4)) {
		if (!pk_cursor_ready(c, 2))
			return narrow;
		s = pk_peek(c);
		return s.p[0] && s.p[1] ? narrow
					: (struct encoding){ 2, !s.p[0], 0 };
	}
	s = pk_peek(c);
	if (pk_span_starts(s, PK_LIT("\0\0\xfe\xff")))
		return (struct encoding){ 4, true, 4 };
	if (pk_span_starts(s, PK_LIT("\xff\xfe\0\0")))
		return (struct encoding){ 4, false, 4 };
	if (pk_span_starts(s, PK_LIT("\xfe\xff")))
		return (struct encoding){ 2, true, 2 };
	if (pk_span_starts(s, PK_LIT("\xff\xfe")))
		return (struct encoding){ 2, false, 2 };
	if (!s.p[0])
		return (struct encoding){ s.p[1] ? 2 : 4, true, 0 };
	if (!s.p[1])
		return (struct encoding){ s.p[2] || s.p[3] ? 2 : 4, false, 0 };
	return narrow;
}

bool pk_json_is_wide(struct pk_cursor *c)
{
	return detect(c).width > 1;
}

static uint32_t get_unit(struct pk_cursor *c, const struct encoding *e)
{
	if (e->width == 2)
		return e->big ? pk_get_u16be(c) : pk_get_u16le(c);
	return e->big ? pk_get_u32be(c) : pk_get_u32le(c);
}

static void put(struct pk_buf *b, uint32_t unit, uint32_t *high)
{
	if (*high && unit >= 0xdc00 && unit <= 0xdfff) {
		pk_utf8_put(b,
			    0x10000 + ((*high & 0x3ff) << 10 | (unit & 0x3ff)));
		*high = 0;
		return;
	}
	if (*high)
		pk_utf8_put(b, *high);
	*high = unit >= 0xd800 && unit <= 0xdbff ? unit : 0;
	if (!*high)
		pk_utf8_put(b, unit > 0x10ffff ? 0xfffd : unit);
}

struct pk_cursor pk_json_narrow(struct pk_cursor *c, struct pk_arena *a)
{
	const struct encoding e = detect(c);
	struct pk_buf b = { .max = WIDE_MAX };
	struct pk_span kept;
	uint32_t high = 0;

	pk_skip(c, e.mark);
	while (pk_cursor_left(c) >= e.width && pk_buf_ok(&b))
		put(&b, get_unit(c, &e), &high);
	if (high)
		pk_utf8_put(&b, high);
	pk_skip(c, pk_cursor_left(c));
	kept = pk_buf_span(&b);
	kept.p = (const uint8_t *)pk_arena_copy(a, kept);
	if (!pk_buf_ok(&b) || !kept.p) {
		pk_cursor_fail(c, PK_FAULT_LIMIT);
		kept.len = 0;
	}
	pk_buf_release(&b);
	return pk_cursor_over(kept, 0);
}
