/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/map.h"

static bool is_range(const struct pk_job *job, struct pk_range r)
{
	return r.from < r.to && r.to <= job->size;
}

bool pk_job_keep_part(struct pk_job *job, struct pk_range at, const char *what)
{
	struct pk_part *p;

	if (!is_range(job, at) || job->part_count == PK_PARTS_MAX)
		return false;
	p = PK_NEW(&job->arena, struct pk_part);
	if (!p)
		return false;
	*p = (struct pk_part){ .from = at.from, .to = at.to, .what = what };
	job->part_count++;
	*job->parts_tail = p;
	job->parts_tail = &p->next;
	return true;
}

bool pk_job_keep_gap(struct pk_job *job, struct pk_range gap)
{
	const size_t n = job->gap_count;

	if (!job->gaps)
		job->gaps = pk_arena_alloc(&job->arena, PK_GAPS_MAX,
					   sizeof(*job->gaps));
	if (!job->gaps || n == PK_GAPS_MAX || !is_range(job, gap) ||
	    (n && gap.from < job->gaps[n - 1].to))
		return false;
	job->gaps[job->gap_count++] = gap;
	return true;
}

void pk_name_part(struct pk_scan *s, uint64_t off, uint64_t len,
		  struct pk_span name)
{
	enum { SHOWN = 120 };
	const uint64_t size = s->bytes->size;
	struct pk_job *job = s->job;

	if (s->parent || !len || off >= size)
		return;
	if (job->part_count == PK_PARTS_MAX ||
	    !pk_job_keep_part(job,
			      (struct pk_range){ off, len < size - off
							      ? off + len
							      : size },
			      pk_arena_printf(&job->arena, "%s",
					      pk_show(s, name, SHOWN))))
		job->parts_dropped++;
}

/* Writes the gaps, those nearer than that to each other as one; how many, or
 * one more than fit. */
static size_t gather(const struct pk_scan *s, uint64_t near,
		     struct pk_range v[PK_GAPS_MAX])
{
	struct pk_range gap;
	uint64_t at = 0;
	size_t n = 0;

	while (pk_cover_gap(&s->cover, s->bytes->size, &at, &gap)) {
		if (n && gap.from - v[n - 1].to < near)
			v[n - 1].to = gap.to;
		else if (n == PK_GAPS_MAX)
			return n + 1;
		else
			v[n++] = gap;
	}
	return n;
}

void pk_keep_gaps(struct pk_scan *s)
{
	struct pk_job *job = s->job;
	uint64_t near = s->bytes->size / (4 * PK_GAPS_MAX) + 1;
	size_t n;

	job->gaps =
		pk_arena_alloc(&job->arena, PK_GAPS_MAX, sizeof(*job->gaps));
	if (!job->gaps)
		return;
	n = gather(s, 0, job->gaps);
	for (; n > PK_GAPS_MAX; near *= 2)
		n = gather(s, near, job->gaps);
	job->gap_count = n;
}
