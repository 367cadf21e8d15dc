/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/note.h"

#include <stdio.h>

enum { REFS_MAX = 10000 }; /* shards and external files of one file */

static bool ends_with(struct pk_span s, struct pk_span end)
{
	return s.len >= end.len &&
	       memcmp(s.p + s.len - end.len, end.p, end.len) == 0;
}

static enum pk_stated stated_by(struct pk_span key)
{
	static const struct {
		const char *key;
		enum pk_stated what;
	} rows[] = {
#define PK_STATED(kind, text) { text, PK_STATED_##kind },
#include "engine/stated.def"
#undef PK_STATED
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (key.len == strlen(rows[i].key) &&
		    memcmp(key.p, rows[i].key, key.len) == 0)
			return rows[i].what;
	}
	return ends_with(key, PK_LIT(".license")) ? PK_STATED_LICENSE
						  : PK_STATED_NOT;
}

enum pk_stated pk_stated(const struct pk_value_note *v)
{
	return v->member || !v->value.len || v->value.len > PK_STATED_LEN
		       ? PK_STATED_NOT
		       : stated_by(v->key);
}

const struct pk_value_note *pk_stated_next(const struct pk_value_note *v)
{
	while (v && pk_stated(v) == PK_STATED_NOT)
		v = v->next;
	return v;
}

bool pk_wants_value(const struct pk_scan *s, struct pk_span key)
{
	return s->job->wants_notes || (s->job->wants_stated && !s->parent &&
				       stated_by(key) != PK_STATED_NOT);
}

const char *pk_ref_kind_name(enum pk_ref_kind kind)
{
	static const char *const names[] = {
		[PK_REF_DATA] = "data", [PK_REF_SHARD] = "shard",
		[PK_REF_CODE] = "code", [PK_REF_REPOSITORY] = "repository",
		[PK_REF_BASE] = "base", [PK_REF_URL] = "url",
	};

	return names[kind];
}

bool pk_ref_is_elsewhere(enum pk_ref_kind kind)
{
	return kind >= PK_REF_REPOSITORY;
}

static bool keep_span(struct pk_job *job, struct pk_span *s)
{
	const char *copy = pk_arena_copy(&job->arena, *s);

	s->p = (const uint8_t *)copy;
	return copy != NULL;
}

static bool keep_shape(struct pk_job *job, struct pk_tensor_note *t)
{
	uint64_t *shape;

	if (t->rank > PK_NOTE_RANK_MAX)
		t->rank = PK_NOTE_RANK_MAX;
	if (t->rank == 0)
		return true;
	shape = pk_arena_alloc(&job->arena, t->rank, sizeof(*shape));
	if (shape)
		memcpy(shape, t->shape, t->rank * sizeof(*shape));
	t->shape = shape;
	return shape != NULL;
}

void pk_note_tensor(struct pk_scan *s, const struct pk_tensor_note *t)
{
	struct pk_job *job = s->job;
	struct pk_tensor_note *kept;

	if (!job->wants_notes)
		return;
	kept = PK_NEW(&job->arena, struct pk_tensor_note);
	if (!kept) {
		job->notes_dropped++;
		return;
	}
	*kept = *t;
	kept->next = NULL;
	kept->member = pk_member(s);
	if (!keep_span(job, &kept->name) || !keep_span(job, &kept->dtype) ||
	    !keep_shape(job, kept)) {
		job->notes_dropped++;
		return;
	}
	*job->tensors_tail = kept;
	job->tensors_tail = &kept->next;
}

bool pk_job_keep_value(struct pk_job *job, const struct pk_value_note *v)
{
	struct pk_value_note *kept = PK_NEW(&job->arena, struct pk_value_note);

	if (kept) {
		*kept = *v;
		kept->next = NULL;
	}
	if (!kept || !keep_span(job, &kept->key) ||
	    !keep_span(job, &kept->value)) {
		job->notes_dropped++;
		return false;
	}
	*job->values_tail = kept;
	job->values_tail = &kept->next;
	return true;
}

void pk_note_pair(struct pk_scan *s, struct pk_span key, struct pk_span value)
{
	if (pk_wants_value(s, key))
		(void)pk_job_keep_value(
			s->job, &(struct pk_value_note){ .member = pk_member(s),
							 .key = key,
							 .value = value });
}

void pk_note_text(struct pk_scan *s, const char *key, struct pk_span value)
{
	pk_note_pair(s, (struct pk_span){ (const uint8_t *)key, strlen(key) },
		     value);
}

void pk_note_number(struct pk_scan *s, const char *key, uint64_t value)
{
	char text[24];
	const int n =
		snprintf(text, sizeof(text), "%llu", (unsigned long long)value);

	pk_note_text(s, key,
		     (struct pk_span){ (const uint8_t *)text, (size_t)n });
}

static bool same_ref(const struct pk_ref *a, const struct pk_ref *b)
{
	return a->kind == b->kind && pk_span_eq(a->path, b->path) &&
	       pk_span_eq(a->revision, b->revision);
}

static struct pk_ref *known_ref(const struct pk_job *job,
				const struct pk_ref *ref)
{
	struct pk_ref *r = job->last_ref;

	/* Tensors of one external file mostly follow each other. */
	if (r && same_ref(r, ref))
		return r;
	for (r = job->refs; r; r = r->next) {
		if (same_ref(r, ref))
			return r;
	}
	return NULL;
}

bool pk_job_keep_ref(struct pk_job *job, const struct pk_ref *ref)
{
	struct pk_ref *kept = job->ref_count < REFS_MAX
				      ? PK_NEW(&job->arena, struct pk_ref)
				      : NULL;

	if (!kept)
		return false;
	*kept = *ref;
	kept->next = NULL;
	if (!keep_span(job, &kept->path) || !keep_span(job, &kept->revision))
		return false;
	job->ref_count++;
	job->last_ref = kept;
	*job->refs_tail = kept;
	job->refs_tail = &kept->next;
	return true;
}

void pk_refer(struct pk_scan *s, const struct pk_ref *ref)
{
	struct pk_ref *known = known_ref(s->job, ref);
	struct pk_ref fresh = *ref;

	if (known) {
		if (ref->need > known->need)
			known->need = ref->need;
		s->job->last_ref = known;
		return;
	}
	fresh.member = pk_member(s);
	if (!pk_job_keep_ref(s->job, &fresh))
		pk_partial(s);
}
