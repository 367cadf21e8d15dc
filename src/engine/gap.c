/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/gap.h"

#include <stdio.h>

#include "engine/format.h"
#include "source/slice.h"

enum {
	SEARCH_MAX = 1 << 20, /* bytes of one gap searched for beginnings */
	TRIES_MAX = 64,       /* beginnings tried in one gap */
	GAPS_MAX = 256,       /* gaps reported of one object */
};

/* How files begin that somebody would hide: cheap hints where to look, never
 * evidence; a format's own parser decides. */
static const struct pk_span beginnings[] = {
	PK_LIT_INIT("\x80\x02"),   PK_LIT_INIT("\x80\x03"),
	PK_LIT_INIT("\x80\x04"),   PK_LIT_INIT("\x80\x05"),
	PK_LIT_INIT("PK\x03\x04"), PK_LIT_INIT("\x7f\x45LF"),
	PK_LIT_INIT("MZ"),         PK_LIT_INIT("\x1f\x8b"),
	PK_LIT_INIT("\x93NUMPY"),  PK_LIT_INIT("\xfd\x37zXZ"),
};

static bool is_padding(struct pk_scan *s, struct pk_range gap)
{
	struct pk_cursor c = pk_cursor_open(s->bytes, gap.from,
					    gap.to - gap.from, &s->arena);
	uint8_t first = pk_get_u8(&c);

	while (pk_cursor_ready(&c, 1)) {
		if (*c.p != first)
			return false;
		pk_skip(&c, 1);
	}
	return pk_cursor_ok(&c);
}

static bool holds_format(struct pk_scan *s, uint64_t from, uint64_t to)
{
	char name[48];
	struct pk_span n = { (const uint8_t *)name, 0 };

	n.len = (size_t)snprintf(name, sizeof(name), "bytes-%llu-%llu",
				 (unsigned long long)from,
				 (unsigned long long)to);
	return pk_descend(s, n, pk_slice_new(s->bytes, from, to - from),
			  PK_MEMBER_RAW) != NULL;
}

static bool begins_here(struct pk_cursor *c)
{
	const size_t n = sizeof(beginnings) / sizeof(beginnings[0]);

	for (size_t i = 0; i < n; i++) {
		if (pk_cursor_ready(c, beginnings[i].len) &&
		    memcmp(c->p, beginnings[i].p, beginnings[i].len) == 0)
			return true;
	}
	return false;
}

/* The offset of something known in the gap, or gap.to. */
static uint64_t find_hidden(struct pk_scan *s, struct pk_range gap)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, gap.from, SEARCH_MAX, &s->arena);
	unsigned tries = 0;

	if (holds_format(s, gap.from, gap.to))
		return gap.from;
	for (pk_skip(&c, 1); pk_cursor_ok(&c) && c.off < gap.to;
	     pk_skip(&c, 1)) {
		if (!begins_here(&c))
			continue;
		if (++tries > TRIES_MAX)
			break;
		if (holds_format(s, c.off, gap.to))
			return c.off;
	}
	return gap.to;
}

static void explain(struct pk_scan *s, struct pk_range gap)
{
	struct pk_report r = { .rule = PK_RULE_FILE_HIDDEN_CONTENT,
			       .severity = PK_HIGH };

	r.off = find_hidden(s, gap);
	r.len = gap.to - r.off;
	if (r.len) {
		pk_report_full(s, &r,
			       "%llu bytes at offset %llu, which no reader of "
			       "the file looks at, hold another file",
			       (unsigned long long)r.len,
			       (unsigned long long)r.off);
		return;
	}
	r = (struct pk_report){ .rule = PK_RULE_FILE_UNEXPLAINED_BYTES,
				.severity = PK_MEDIUM,
				.off = gap.from,
				.len = gap.to - gap.from };
	pk_report_full(s, &r, "%llu bytes at offset %llu belong to nothing",
		       (unsigned long long)r.len, (unsigned long long)r.off);
}

void pk_explain_gaps(struct pk_scan *s)
{
	struct pk_range gap;
	uint64_t at = 0;
	unsigned n = 0;

	if (s->cover.failed)
		pk_partial(s);
	while (pk_cover_gap(&s->cover, s->bytes->size, &at, &gap)) {
		if (pk_out_of_budget(s))
			return;
		if (is_padding(s, gap))
			pk_claim(s, gap.from, gap.to - gap.from);
		else if (++n <= GAPS_MAX)
			explain(s, gap);
	}
}
