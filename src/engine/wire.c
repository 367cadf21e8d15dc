/* SPDX-License-Identifier: Apache-2.0 */
/*
 * result  = "PKR1" u64:size u64:explained u64:dropped u32:facts
 *           u8:partial PK_FACTS*(u8:0 | u8:1 u64:offset text:member)
 *           u8:primary u8:n n*u8:format text:reason
 *           u8:has_sha256 has_sha256*32*u8
 *           list(part) u64:dropped list(gap)
 *           list(finding) list(import) list(ref) list(value) list(tensor)
 *           u64:notes_dropped
 * list(x) = (u8:1 x)* u8:0
 * text    = u32:length bytes, or u32:~0 for none
 */
#include "engine/wire.h"

#include "engine/format.h"
#include "engine/map.h"
#include "engine/note.h"

enum {
	NO_FORMAT = 0xff,
	LIST_END = 0,
	LIST_MORE = 1,
	ROOM_FOR_IMPORTS = PK_WIRE_MAX / 4, /* kept free of findings */
};
#define NO_TEXT UINT32_MAX

static void put_le(struct pk_buf *b, uint64_t v, unsigned width)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < width; i++)
		bytes[i] = (uint8_t)(v >> (8 * i));
	pk_buf_put(b, bytes, width);
}

static void put_bytes(struct pk_buf *b, struct pk_span s)
{
	put_le(b, s.len, 4);
	pk_buf_put(b, s.p, s.len);
}

static void put_text(struct pk_buf *b, const char *s)
{
	if (s)
		put_bytes(b, (struct pk_span){ (const uint8_t *)s, strlen(s) });
	else
		put_le(b, NO_TEXT, 4);
}

static uint8_t format_index(const struct pk_format *f)
{
	for (uint8_t i = 0; pk_formats[i] && i < NO_FORMAT; i++) {
		if (pk_formats[i] == f)
			return i;
	}
	return NO_FORMAT;
}

static void put_moments(struct pk_buf *b, const struct pk_job *job)
{
	for (unsigned i = 0; i < PK_FACTS; i++) {
		const struct pk_moment *m = &job->moments[i];

		put_le(b, m->known, 1);
		if (!m->known)
			continue;
		put_le(b, m->off, 8);
		put_text(b, m->member);
	}
}

static void put_head(struct pk_buf *b, const struct pk_job *job)
{
	pk_buf_puts(b, "PKR1");
	put_le(b, job->size, 8);
	put_le(b, job->explained, 8);
	put_le(b, job->findings_dropped, 8);
	put_le(b, job->facts, 4);
	put_le(b, job->partial, 1);
	put_moments(b, job);
	put_le(b, format_index(job->primary), 1);
	put_le(b, job->format_count, 1);
	for (unsigned i = 0; i < job->format_count; i++)
		put_le(b, format_index(job->formats[i]), 1);
	put_text(b, job->reason);
	put_le(b, job->has_sha256, 1);
	if (job->has_sha256)
		pk_buf_put(b, job->sha256, PK_SHA256_LEN);
}

static void put_map(struct pk_buf *b, const struct pk_job *job)
{
	for (const struct pk_part *p = job->parts; p; p = p->next) {
		put_le(b, LIST_MORE, 1);
		put_le(b, p->from, 8);
		put_le(b, p->to, 8);
		put_text(b, p->what);
	}
	put_le(b, LIST_END, 1);
	put_le(b, job->parts_dropped, 8);
	for (size_t i = 0; i < job->gap_count; i++) {
		put_le(b, LIST_MORE, 1);
		put_le(b, job->gaps[i].from, 8);
		put_le(b, job->gaps[i].to, 8);
	}
	put_le(b, LIST_END, 1);
}

static void put_finding(struct pk_buf *b, const struct pk_finding *f)
{
	put_le(b, LIST_MORE, 1);
	put_le(b, f->rule, 2);
	put_le(b, f->severity, 1);
	put_le(b, f->off, 8);
	put_le(b, f->len, 8);
	pk_buf_put(b, f->fingerprint, PK_SHA256_LEN);
	put_text(b, f->message);
	put_text(b, f->evidence);
	put_text(b, f->member);
}

static void put_import(struct pk_buf *b, const struct pk_import *im)
{
	put_le(b, LIST_MORE, 1);
	put_le(b, im->class, 1);
	put_le(b, im->called, 1);
	put_le(b, im->off, 8);
	put_bytes(b, im->module);
	put_bytes(b, im->name);
	put_bytes(b, im->py3_module);
	put_bytes(b, im->py3_name);
	put_text(b, im->member);
}

static void put_ref(struct pk_buf *b, const struct pk_ref *r)
{
	put_le(b, LIST_MORE, 1);
	put_le(b, r->kind, 1);
	put_bytes(b, r->path);
	put_bytes(b, r->revision);
	put_le(b, r->need, 8);
	put_le(b, r->at, 8);
	put_text(b, r->member);
}

static void put_value(struct pk_buf *b, const struct pk_value_note *v)
{
	put_le(b, LIST_MORE, 1);
	put_text(b, v->member);
	put_bytes(b, v->key);
	put_bytes(b, v->value);
}

static void put_tensor(struct pk_buf *b, const struct pk_tensor_note *t)
{
	put_le(b, LIST_MORE, 1);
	put_text(b, t->member);
	put_bytes(b, t->name);
	put_bytes(b, t->dtype);
	put_le(b, t->placed, 1);
	put_le(b, t->off, 8);
	put_le(b, t->bytes, 8);
	put_le(b, t->rank, 1);
	for (unsigned i = 0; i < t->rank; i++)
		put_le(b, t->shape[i], 8);
}

/* Takes back an item that went over the room; true when it had to. */
static bool cut(struct pk_buf *b, size_t before, size_t room)
{
	if (b->failed || b->len <= room)
		return false;
	b->len = before;
	return true;
}

/* Appends a list; *all is false once an item had to be left out. */
#define PUT_LIST(type, put, b, first, room, all)                         \
	do {                                                             \
		for (const type *x = (first); x && (all); x = x->next) { \
			const size_t before = (b)->len;                  \
			put((b), x);                                     \
			(all) = !cut((b), before, (room));               \
		}                                                        \
		put_le((b), LIST_END, 1);                                \
	} while (0)

/* How many notes of a list were left out. */
static uint64_t put_notes(struct pk_buf *b, const struct pk_job *job,
			  size_t room)
{
	uint64_t dropped = job->notes_dropped;
	bool all = true;

	PUT_LIST(struct pk_value_note, put_value, b, job->values, room, all);
	PUT_LIST(struct pk_tensor_note, put_tensor, b, job->tensors, room, all);
	if (!all)
		dropped++;
	return dropped;
}

enum pk_status pk_wire_encode(const struct pk_result *r, struct pk_buf *to)
{
	enum { PARTIAL_AT = 32, TAIL = 5 + 8 };
	const size_t start = to->len;
	const size_t end = start + PK_WIRE_MAX - TAIL;
	const struct pk_job *job = &r->job;
	bool findings = true, imports = true, refs = true;

	put_head(to, job);
	put_map(to, job);
	PUT_LIST(struct pk_finding, put_finding, to, job->findings,
		 end - ROOM_FOR_IMPORTS, findings);
	PUT_LIST(struct pk_import, put_import, to, job->imports, end, imports);
	PUT_LIST(struct pk_ref, put_ref, to, job->refs, end, refs);
	put_le(to, put_notes(to, job, end), 8);
	if (!pk_buf_ok(to))
		return PK_ERR_NOMEM;
	if (!findings || !imports || !refs)
		to->p[start + PARTIAL_AT] = 1;
	return PK_OK;
}

static struct pk_span get_span(struct pk_cursor *c)
{
	return pk_get_bytes(c, pk_get_u32le(c));
}

/* A copy, which must hold no NUL; NULL for none. */
static const char *get_text(struct pk_cursor *c, struct pk_arena *a)
{
	const uint32_t len = pk_get_u32le(c);
	struct pk_span s = { 0 };
	const char *text;

	if (len == NO_TEXT)
		return NULL;
	s = pk_get_bytes(c, len);
	text = pk_arena_copy(a, s);
	if (!text || (s.len && memchr(s.p, 0, s.len)))
		pk_cursor_fail(c, PK_FAULT_VALUE);
	return text;
}

/* A number below the bound; 0 and a failed cursor otherwise. */
static unsigned get_below(struct pk_cursor *c, unsigned v, unsigned bound)
{
	if (v < bound)
		return v;
	pk_cursor_fail(c, PK_FAULT_VALUE);
	return 0;
}

static const struct pk_format *get_format(struct pk_cursor *c)
{
	const uint8_t want = pk_get_u8(c);

	if (want == NO_FORMAT)
		return NULL;
	for (uint8_t i = 0; pk_formats[i]; i++) {
		if (i == want)
			return pk_formats[i];
	}
	pk_cursor_fail(c, PK_FAULT_VALUE);
	return NULL;
}

static void get_sha256(struct pk_cursor *c, struct pk_job *job)
{
	struct pk_span digest;

	job->has_sha256 = get_below(c, pk_get_u8(c), 2);
	if (!job->has_sha256)
		return;
	digest = pk_get_bytes(c, PK_SHA256_LEN);
	if (digest.len)
		memcpy(job->sha256, digest.p, PK_SHA256_LEN);
}

static void get_moments(struct pk_cursor *c, struct pk_job *job)
{
	for (unsigned i = 0; i < PK_FACTS; i++) {
		struct pk_moment *m = &job->moments[i];

		m->known = get_below(c, pk_get_u8(c), 2);
		if (!m->known)
			continue;
		m->off = pk_get_u64le(c);
		m->member = get_text(c, &job->arena);
	}
}

static void get_head(struct pk_cursor *c, struct pk_job *job)
{
	const unsigned max = sizeof(job->formats) / sizeof(job->formats[0]);
	unsigned n;

	if (!pk_span_eq(pk_get_bytes(c, 4), PK_LIT("PKR1")))
		pk_cursor_fail(c, PK_FAULT_VALUE);
	job->size = pk_get_u64le(c);
	job->explained = pk_get_u64le(c);
	job->findings_dropped = pk_get_u64le(c);
	job->facts = pk_get_u32le(c);
	job->partial = get_below(c, pk_get_u8(c), 2);
	get_moments(c, job);
	job->primary = get_format(c);
	n = get_below(c, pk_get_u8(c), max + 1);
	for (unsigned i = 0; i < n; i++) {
		const struct pk_format *f = get_format(c);

		if (f)
			job->formats[job->format_count++] = f;
	}
	job->reason = get_text(c, &job->arena);
	get_sha256(c, job);
}

static struct pk_range get_range(struct pk_cursor *c)
{
	struct pk_range r = { .from = pk_get_u64le(c) };

	r.to = pk_get_u64le(c);
	return r;
}

static void get_part(struct pk_cursor *c, struct pk_job *job)
{
	const struct pk_range at = get_range(c);
	const char *what = get_text(c, &job->arena);

	if (!what || !pk_job_keep_part(job, at, what))
		pk_cursor_fail(c, PK_FAULT_VALUE);
}

static void get_gap(struct pk_cursor *c, struct pk_job *job)
{
	if (!pk_job_keep_gap(job, get_range(c)))
		pk_cursor_fail(c, PK_FAULT_VALUE);
}

static void get_finding(struct pk_cursor *c, struct pk_job *job)
{
	struct pk_finding *f = PK_NEW(&job->arena, struct pk_finding);
	struct pk_span print;

	if (!f) {
		pk_cursor_fail(c, PK_FAULT_LIMIT);
		return;
	}
	f->rule = (enum pk_rule)get_below(c, pk_get_u16le(c), PK_RULE_COUNT);
	f->severity =
		(enum pk_severity)get_below(c, pk_get_u8(c), PK_CRITICAL + 1);
	f->off = pk_get_u64le(c);
	f->len = pk_get_u64le(c);
	print = pk_get_bytes(c, PK_SHA256_LEN);
	if (print.len)
		memcpy(f->fingerprint, print.p, PK_SHA256_LEN);
	f->message = get_text(c, &job->arena);
	f->evidence = get_text(c, &job->arena);
	f->member = get_text(c, &job->arena);
	if (!f->message) {
		pk_cursor_fail(c, PK_FAULT_VALUE);
		return;
	}
	if ((int)f->severity > job->worst)
		job->worst = (int)f->severity;
	job->finding_count++;
	*job->findings_tail = f;
	job->findings_tail = &f->next;
}

static void get_import(struct pk_cursor *c, struct pk_job *job)
{
	struct pk_import im = { 0 };

	im.class = (enum pk_import_class)get_below(c, pk_get_u8(c),
						   PK_IMPORT_DANGEROUS + 1);
	im.called = get_below(c, pk_get_u8(c), 2);
	im.off = pk_get_u64le(c);
	im.module = get_span(c);
	im.name = get_span(c);
	im.py3_module = get_span(c);
	im.py3_name = get_span(c);
	im.member = get_text(c, &job->arena);
	if (pk_cursor_ok(c) && !pk_job_import(job, &im))
		pk_cursor_fail(c, PK_FAULT_LIMIT);
}

static struct pk_span keep_span(struct pk_cursor *c, struct pk_arena *a)
{
	struct pk_span s = get_span(c);

	s.p = (const uint8_t *)pk_arena_copy(a, s);
	if (!s.p) {
		pk_cursor_fail(c, PK_FAULT_LIMIT);
		s.len = 0;
	}
	return s;
}

static void get_ref(struct pk_cursor *c, struct pk_job *job)
{
	struct pk_ref r = { 0 };

	r.kind = (enum pk_ref_kind)get_below(c, pk_get_u8(c), PK_REF_KINDS);
	r.path = get_span(c);
	r.revision = get_span(c);
	r.need = pk_get_u64le(c);
	r.at = pk_get_u64le(c);
	r.member = get_text(c, &job->arena);
	if (pk_cursor_ok(c) && !pk_job_keep_ref(job, &r))
		pk_cursor_fail(c, PK_FAULT_LIMIT);
}

static void get_value(struct pk_cursor *c, struct pk_job *job)
{
	struct pk_value_note v = { .member = get_text(c, &job->arena) };

	v.key = get_span(c);
	v.value = get_span(c);
	if (pk_cursor_ok(c) && !pk_job_keep_value(job, &v))
		pk_cursor_fail(c, PK_FAULT_LIMIT);
}

static void get_tensor(struct pk_cursor *c, struct pk_job *job)
{
	struct pk_tensor_note *t = PK_NEW(&job->arena, struct pk_tensor_note);
	uint64_t *shape;

	if (!t) {
		pk_cursor_fail(c, PK_FAULT_LIMIT);
		return;
	}
	t->member = get_text(c, &job->arena);
	t->name = keep_span(c, &job->arena);
	t->dtype = keep_span(c, &job->arena);
	t->placed = get_below(c, pk_get_u8(c), 2);
	t->off = pk_get_u64le(c);
	t->bytes = pk_get_u64le(c);
	t->rank = get_below(c, pk_get_u8(c), PK_NOTE_RANK_MAX + 1);
	shape = pk_arena_alloc(&job->arena, t->rank + 1, sizeof(*shape));
	if (!shape) {
		pk_cursor_fail(c, PK_FAULT_LIMIT);
		return;
	}
	for (unsigned i = 0; i < t->rank; i++)
		shape[i] = pk_get_u64le(c);
	t->shape = shape;
	*job->tensors_tail = t;
	job->tensors_tail = &t->next;
}

static void get_list(struct pk_cursor *c, struct pk_job *job,
		     void (*get)(struct pk_cursor *c, struct pk_job *job))
{
	while (get_below(c, pk_get_u8(c), LIST_MORE + 1) == LIST_MORE)
		get(c, job);
}

enum pk_status pk_wire_decode(struct pk_result *r, struct pk_span bytes)
{
	struct pk_cursor c = pk_cursor_over(bytes, 0);

	get_head(&c, &r->job);
	get_list(&c, &r->job, get_part);
	r->job.parts_dropped = pk_get_u64le(&c);
	get_list(&c, &r->job, get_gap);
	get_list(&c, &r->job, get_finding);
	get_list(&c, &r->job, get_import);
	get_list(&c, &r->job, get_ref);
	get_list(&c, &r->job, get_value);
	get_list(&c, &r->job, get_tensor);
	r->job.notes_dropped = pk_get_u64le(&c);
	if (!pk_cursor_ok(&c) || pk_cursor_left(&c))
		return PK_ERR_IO;
	r->opened = true;
	pk_result_conclude(r);
	return PK_OK;
}
