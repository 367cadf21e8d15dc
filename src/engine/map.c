/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/map.h"

void pk_name_part(struct pk_scan *s, uint64_t off, uint64_t len,
		  struct pk_span name)
{
	enum { SHOWN = 120 };
	const uint64_t size = s->bytes->size;
	struct pk_job *job = s->job;
	struct pk_part *part;

	if (s->parent || !len || off >= size)
		return;
	part = job->part_count < PK_PARTS_MAX
		       ? PK_NEW(&job->arena, struct pk_part)
		       : NULL;
	if (!part) {
		job->parts_dropped++;
		return;
	}
	*part = (struct pk_part){
		.from = off,
		.to = len < size - off ? off + len : size,
		.what = pk_arena_printf(&job->arena, "%s",
					pk_show(s, name, SHOWN)),
	};
	job->part_count++;
	*job->parts_tail = part;
	job->parts_tail = &part->next;
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
