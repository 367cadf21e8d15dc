/* SPDX-License-Identifier: Apache-2.0 */
/* A picture of a file's bytes: named parts, what was read without a name,
 * what nobody explained, and where the findings lie. */
#include <inttypes.h>
#include <stdlib.h>

#include "engine/map.h"
#include "report/html_parts.h"
#include "report/paint.h"

enum {
	WIDTH = 100000, /* of the picture, in its own units */
	GAP_MIN = 600,  /* that a gap is seen in any file */
	PART_MIN = 100,
	MARK_MIN = 500,
	MARKS_MAX = 256,
	COLOURS = 4,
	POINTS_MAX = 2 * (PK_PARTS_MAX + PK_GAPS_MAX) + 2,
};

enum kind { READ, PART, GAP };

/* A stretch of the file that is one thing, and where it is drawn. */
struct piece {
	uint64_t from;
	uint64_t to;
	enum kind kind;
	const struct pk_part *part;
	bool several; /* parts too small to be drawn alone */
	uint64_t x;
	uint64_t width;
};

struct map {
	const struct pk_job *job;
	struct piece v[POINTS_MAX];
	size_t n;
};

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Where something begins or ends, in order. */
static size_t points_of(const struct pk_job *job, uint64_t v[POINTS_MAX])
{
	size_t n = 0;

	v[n++] = 0;
	v[n++] = job->size;
	for (const struct pk_part *p = job->parts; p; p = p->next) {
		v[n++] = p->from;
		v[n++] = p->to;
	}
	for (size_t i = 0; i < job->gap_count; i++) {
		v[n++] = job->gaps[i].from;
		v[n++] = job->gaps[i].to;
	}
	qsort(v, n, sizeof(*v), compare);
	return n;
}

/* What is not explained is never painted over by a part's name. */
static struct piece piece_at(const struct pk_job *job, uint64_t from,
			     uint64_t to)
{
	struct piece p = { .from = from, .to = to };

	for (size_t i = 0; i < job->gap_count; i++) {
		if (job->gaps[i].from <= from && to <= job->gaps[i].to)
			p.kind = GAP;
	}
	for (p.part = job->parts; p.part; p.part = p.part->next) {
		if (p.part->from <= from && to <= p.part->to)
			break;
	}
	if (p.part && p.kind != GAP)
		p.kind = PART;
	return p;
}

static bool is_small(const struct map *m, const struct piece *p)
{
	return p->kind != GAP && p->to - p->from < m->job->size / 1000;
}

/* One piece longer; small neighbours become one. */
static void append(struct map *m, struct piece p)
{
	struct piece *last = m->n ? &m->v[m->n - 1] : NULL;

	if (last && last->kind == p.kind && last->part == p.part) {
		last->to = p.to;
	} else if (last && is_small(m, last) && is_small(m, &p)) {
		last->to = p.to;
		last->kind = PART;
		last->several = true;
	} else {
		m->v[m->n++] = p;
	}
}

static uint64_t least_width(const struct piece *p)
{
	return p->kind == GAP ? GAP_MIN : PART_MIN;
}

/* Each piece gets what makes it visible, and a share of the rest. */
static void lay_out(struct map *m)
{
	uint64_t least = 0, x = 0;

	for (size_t i = 0; i < m->n; i++)
		least += least_width(&m->v[i]);
	for (size_t i = 0; i < m->n; i++) {
		struct piece *p = &m->v[i];

		p->x = x;
		if (least >= WIDTH)
			p->width = least_width(p) * WIDTH / least;
		else
			p->width = least_width(p) +
				   (uint64_t)((double)(WIDTH - least) *
					      ((double)(p->to - p->from) /
					       (double)m->job->size));
		x += p->width;
	}
}

static void make(struct map *m)
{
	uint64_t points[POINTS_MAX];
	const size_t n = points_of(m->job, points);

	for (size_t i = 0; i + 1 < n; i++) {
		if (points[i] < points[i + 1] && points[i + 1] <= m->job->size)
			append(m, piece_at(m->job, points[i], points[i + 1]));
	}
	lay_out(m);
}

static void put_name(struct pk_buf *b, const struct piece *p)
{
	if (p->kind == GAP)
		pk_buf_puts(b, "unexplained");
	else if (p->several)
		pk_buf_puts(b, "several small parts");
	else if (p->part)
		pk_html_text(b, p->part->what);
	else
		pk_buf_puts(b, "read");
}

static void put_rect(struct pk_buf *b, const struct piece *p, unsigned colour)
{
	pk_buf_printf(b,
		      "<rect x=\"%" PRIu64 "\" y=\"0\" width=\"%" PRIu64
		      "\" height=\"34\" class=\"",
		      p->x, p->width);
	if (p->kind == PART)
		pk_buf_printf(b, "p%u", colour);
	else
		pk_buf_putc(b, p->kind == GAP ? 'g' : 'r');
	pk_buf_puts(b, "\"><title>");
	put_name(b, p);
	pk_buf_printf(b, ": bytes %" PRIu64 " to %" PRIu64 " (", p->from,
		      p->to - 1);
	pk_put_size(b, p->to - p->from);
	pk_buf_puts(b, ")</title></rect>\n");
}

/* Where a byte is drawn. */
static uint64_t x_of(const struct map *m, uint64_t off)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct piece *p = &m->v[i];

		if (off < p->to)
			return p->x + (uint64_t)((double)p->width *
						 ((double)(off - p->from) /
						  (double)(p->to - p->from)));
	}
	return WIDTH;
}

/* The bytes of the file that a finding is about: of one in a member, all of
 * the member.  False when that is not known. */
static bool place_of(const struct pk_job *job, const struct pk_finding *f,
		     struct pk_range *ret)
{
	const size_t n = f->member ? strcspn(f->member, "!") : 0;

	*ret = (struct pk_range){ f->off, f->off };
	if (!f->member) {
		if (f->len && f->off <= job->size)
			ret->to = f->len < job->size - f->off ? f->off + f->len
							      : job->size;
		return f->off < job->size && (f->off || f->len);
	}
	for (const struct pk_part *p = job->parts; p; p = p->next) {
		if (strlen(p->what) != n || memcmp(p->what, f->member, n) != 0)
			continue;
		*ret = (struct pk_range){ p->from, p->to };
		return true;
	}
	return false;
}

static void put_mark(const struct map *m, struct pk_buf *b,
		     const struct pk_finding *f)
{
	struct pk_range at;
	uint64_t x, width;

	if (!place_of(m->job, f, &at))
		return;
	x = x_of(m, at.from);
	width = at.to > at.from ? x_of(m, at.to) - x : 0;
	width = width > MARK_MIN ? width : MARK_MIN;
	x = x + width > WIDTH ? WIDTH - width : x;
	pk_buf_printf(b,
		      "<rect x=\"%" PRIu64 "\" y=\"37\" width=\"%" PRIu64
		      "\" height=\"7\" class=\"m s-%s\"><title>%s: ",
		      x, width, pk_severity_name(f->severity),
		      pk_severity_name(f->severity));
	pk_html_text(b, f->message);
	pk_buf_puts(b, "</title></rect>\n");
}

/* The worst come last, so that they lie on top. */
static void put_marks(const struct map *m, struct pk_buf *b)
{
	const struct pk_finding *v[MARKS_MAX];
	size_t n = 0;

	for (const struct pk_finding *f = m->job->findings; f && n < MARKS_MAX;
	     f = f->next)
		v[n++] = f;
	while (n--)
		put_mark(m, b, v[n]);
}

static void put_key(const struct map *m, struct pk_buf *b)
{
	uint64_t unexplained = 0;

	for (size_t i = 0; i < m->job->gap_count; i++)
		unexplained += m->job->gaps[i].to - m->job->gaps[i].from;
	pk_buf_puts(b, "<ul class=\"key\"><li class=\"k-part\">members, "
		       "headers, data</li><li class=\"k-read\">other bytes "
		       "that were read</li><li class=\"k-gap\">");
	if (unexplained) {
		pk_put_size(b, unexplained);
		pk_buf_puts(b, " unexplained");
	} else {
		pk_buf_puts(b, "nothing unexplained");
	}
	pk_buf_puts(b, "</li><li class=\"k-mark\">findings, below</li></ul>\n");
}

static void put_row(struct pk_buf *b, const struct piece *p)
{
	pk_buf_printf(b,
		      "<tr><td class=\"num\">%" PRIu64
		      "</td><td class=\"num\">%" PRIu64 "</td><td%s>",
		      p->from, p->to - p->from,
		      p->kind == GAP ? " class=\"bad\"" : "");
	put_name(b, p);
	pk_buf_puts(b, "</td></tr>\n");
}

static void put_table(const struct map *m, struct pk_buf *b)
{
	pk_buf_puts(b, "<details class=\"fold\"><summary>The map as a table"
		       "</summary><table><tr><th class=\"num\">Offset</th>"
		       "<th class=\"num\">Bytes</th><th>What</th></tr>\n");
	for (size_t i = 0; i < m->n; i++)
		put_row(b, &m->v[i]);
	pk_buf_puts(b, "</table>");
	if (m->job->parts_dropped)
		pk_buf_printf(b,
			      "<p class=\"dim\">%" PRIu64
			      " further parts are not named.</p>",
			      m->job->parts_dropped);
	pk_buf_puts(b, "</details>\n");
}

/* Of a file that was not scanned here only the totals may be known. */
static bool is_known(const struct pk_job *job)
{
	return job->size && (job->gap_count || job->explained == job->size);
}

void pk_html_map(struct pk_buf *b, const struct pk_job *job)
{
	struct map *m = is_known(job) ? calloc(1, sizeof(*m)) : NULL;
	unsigned colour = 0;

	if (!m) {
		b->failed |= is_known(job);
		return;
	}
	m->job = job;
	make(m);
	pk_buf_printf(b,
		      "<h3>Byte map</h3><svg class=\"map\" viewBox=\"0 0 %d "
		      "44\" preserveAspectRatio=\"none\" role=\"img\" "
		      "aria-label=\"Byte map; the table below says the "
		      "same\">\n",
		      WIDTH);
	for (size_t i = 0; i < m->n; i++) {
		put_rect(b, &m->v[i], colour % COLOURS);
		colour += m->v[i].kind == PART;
	}
	put_marks(m, b);
	pk_buf_puts(b, "</svg>\n");
	put_key(m, b);
	put_table(m, b);
	free(m);
}
