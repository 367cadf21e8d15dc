/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requirements.txt (pip's requirements file format): recognised only when
 * every line is one of pip's and at least one fetches from somewhere else
 * than the package index.
 *
 * What can hurt: installing runs code; MLflow, TorchServe and people install
 * what lies beside a model.
 */
#include "analyze/pip_lines.h"
#include "engine/format.h"

enum { SIZE_MAX_READ = 64 << 10 };

struct line {
	struct pk_span text; /* without blanks around and remarks */
	uint64_t off;
};

static bool is_blank(uint8_t b)
{
	return b == ' ' || b == '\t';
}

/* The next line that says something; a remark begins at the start or behind
 * a blank. */
static bool next_line(struct pk_span all, size_t *at, struct line *ret)
{
	while (*at < all.len) {
		const size_t from = *at;
		const uint8_t *nl = memchr(all.p + from, '\n', all.len - from);
		const size_t end = nl ? (size_t)(nl - all.p) : all.len;
		size_t stop = from;

		*at = end + 1;
		while (stop < end &&
		       !(all.p[stop] == '#' &&
			 (stop == from || is_blank(all.p[stop - 1]))))
			stop++;
		ret->text = pk_pip_trim(
			(struct pk_span){ all.p + from, stop - from });
		ret->off = from;
		if (ret->text.len)
			return true;
	}
	return false;
}

/* Whether all lines are pip's, and how many of them fetch elsewhere. */
static bool all_lines(struct pk_span text, size_t *ret_elsewhere)
{
	struct line l;

	*ret_elsewhere = 0;
	for (size_t at = 0; next_line(text, &at, &l);) {
		if (!pk_pip_is_line(l.text))
			return false;
		*ret_elsewhere += pk_pip_fetches_elsewhere(l.text);
	}
	return true;
}

static void requirements_scan(struct pk_scan *s)
{
	uint8_t *bytes = pk_arena_alloc(&s->arena, SIZE_MAX_READ, 1);
	struct pk_span text = { bytes, 0 };
	size_t elsewhere = 0;
	struct line l;

	if (bytes)
		text.len = pk_source_read(s->bytes, 0, bytes, SIZE_MAX_READ);
	if (!all_lines(text, &elsewhere) || elsewhere == 0) {
		pk_reject(s);
		return;
	}
	pk_claim(s, 0, s->bytes->size);
	for (size_t at = 0; next_line(text, &at, &l);)
		pk_pip_report(s, l.text, l.off);
}

static enum pk_match requirements_probe(const struct pk_head *head)
{
	size_t elsewhere, at = 0;
	struct line l;

	if (head->source->size > SIZE_MAX_READ || head->bytes.len < 4 ||
	    memchr(head->bytes.p, 0, head->bytes.len) ||
	    !next_line(head->bytes, &at, &l) || !pk_pip_is_line(l.text))
		return PK_MATCH_NO;
	/* The head's last line may be cut. */
	return head->source->size > PK_HEAD_MAX ||
			       all_lines(head->bytes, &elsewhere)
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_requirements = {
	.name = "requirements",
	.title = "Requirements for pip",
	.reads = "packages that come from elsewhere than the package index",
	.risk = PK_RISK_DATA,
	.rank = 3,
	.no_model = true,
	.probe = requirements_probe,
	.scan = requirements_scan,
};
