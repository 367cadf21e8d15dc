/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/gap.h"

#include "engine/embed.h"

enum {
	SEARCH_MAX = 1 << 20, /* bytes of one gap searched for beginnings */
	TRIES_MAX = 4096,     /* beginnings tried in one gap */
	GAPS_MAX = 256,       /* gaps reported of one object */
	NESTED_MAX = 3,       /* gaps within gaps that are searched */
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Whether all n bytes are the same as the first. */
static bool is_run(const uint8_t *p, size_t n, uint8_t first)
{
	return n == 0 || (p[0] == first && memcmp(p, p + 1, n - 1) == 0);
}

bool pk_gap_is_padding(struct pk_scan *s, struct pk_range gap)
{
	struct pk_cursor c = pk_cursor_open(s->bytes, gap.from,
					    gap.to - gap.from, &s->arena);
	const uint8_t first = pk_get_u8(&c);
	struct pk_span run;

	while ((run = pk_peek(&c)).len) {
		const uint64_t hole =
			first ? 0 : pk_source_zeros(s->bytes, c.off);

		if (hole) {
			pk_skip(&c, least(hole, pk_cursor_left(&c)));
			continue;
		}
		if (!is_run(run.p, run.len, first) || pk_out_of_budget(s))
			return false;
		pk_skip(&c, run.len);
	}
	return pk_cursor_ok(&c);
}

/* The offset of something known in the gap, or gap.to. */
static uint64_t find_hidden(struct pk_scan *s, struct pk_range gap)
{
	struct pk_embed e = { .s = s, .at = gap.from + 1, .to = gap.to };
	uint64_t off;

	if (pk_embed_is(s, gap.from, gap.to))
		return gap.from;
	e.tries = s->job->deep ? UINT32_MAX : TRIES_MAX;
	e.until = s->job->deep || gap.to - gap.from <= SEARCH_MAX
			  ? gap.to
			  : gap.from + SEARCH_MAX;
	return pk_embed_next(&e, &off) ? off : gap.to;
}

/* What lies in a gap has gaps in turn, and each is looked at from several
 * places: the work would grow by a factor with every level. */
static bool is_searched(const struct pk_scan *s)
{
	unsigned n = 0;

	for (; s; s = s->parent)
		n += s->gap;
	return n < NESTED_MAX;
}

bool pk_gap_hides(struct pk_scan *s, struct pk_range gap)
{
	struct pk_report r = { .rule = PK_RULE_FILE_HIDDEN_CONTENT,
			       .severity = PK_HIGH };

	r.off = is_searched(s) ? find_hidden(s, gap) : gap.to;
	r.len = gap.to - r.off;
	if (!r.len)
		return false;
	pk_report_full(s, &r,
		       "%llu bytes at offset %llu, which no reader of "
		       "the file looks at, hold another file",
		       (unsigned long long)r.len, (unsigned long long)r.off);
	return true;
}

static void explain(struct pk_scan *s, struct pk_range gap)
{
	const struct pk_report r = { .rule = PK_RULE_FILE_UNEXPLAINED_BYTES,
				     .severity = PK_MEDIUM,
				     .off = gap.from,
				     .len = gap.to - gap.from };

	if (!pk_gap_hides(s, gap))
		pk_report_full(
			s, &r, "%llu bytes at offset %llu belong to nothing",
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
		if (pk_gap_is_padding(s, gap))
			pk_claim(s, gap.from, gap.to - gap.from);
		else if (++n <= GAPS_MAX)
			explain(s, gap);
	}
}
