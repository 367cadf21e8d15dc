/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/tally.h"

#include "engine/note.h"

static uint32_t hash(struct pk_span s)
{
	uint32_t h = 2166136261U; /* FNV-1a */

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.p[i]) * 16777619U;
	return h;
}

static struct pk_tally_entry *add(struct pk_tally *t, struct pk_scan *s,
				  struct pk_span name,
				  struct pk_tally_entry **bucket)
{
	struct pk_tally_entry *e = NULL;

	if (t->distinct < PK_TALLY_MAX)
		e = PK_NEW(&s->arena, struct pk_tally_entry);
	if (e)
		e->name.p = (const uint8_t *)pk_arena_copy(&s->arena, name);
	if (!e || !e->name.p) {
		pk_partial(s);
		return NULL;
	}
	e->name.len = name.len;
	e->next = *bucket;
	*bucket = e;
	if (t->last)
		t->last->later = e;
	else
		t->first = e;
	t->last = e;
	t->distinct++;
	return e;
}

struct pk_tally_entry *pk_tally(struct pk_tally *t, struct pk_scan *s,
				struct pk_span name, uint64_t off)
{
	struct pk_tally_entry **bucket =
		&t->bucket[hash(name) % PK_TALLY_BUCKETS];
	struct pk_tally_entry *e = *bucket;

	while (e && !pk_span_eq(e->name, name))
		e = e->next;
	if (!e)
		e = add(t, s, name, bucket);
	if (e && e->count++ == 0)
		e->off = off;
	return e;
}

void pk_tally_note(const struct pk_tally *t, struct pk_scan *s,
		   const char *prefix)
{
	const struct pk_tally_entry *e = t->first;

	for (; e && s->job->wants_notes; e = e->later) {
		const char *key = pk_arena_printf(&s->arena, "%s.%s", prefix,
						  pk_show(s, e->name, 120));

		if (key)
			pk_note_number(s, key, e->count);
	}
}
