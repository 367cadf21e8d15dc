/* SPDX-License-Identifier: Apache-2.0 */
/*
 * result  = "PKR1" u64:size u64:explained u64:dropped u32:facts
 *           u8:partial u8:primary u8:n n*u8:format text:reason
 *           list(finding) list(import)
 * list(x) = (u8:1 x)* u8:0
 * text    = u32:length bytes, or u32:~0 for none
 */
#include "engine/wire.h"

#include "engine/format.h"

enum {
	NO_FORMAT = 0xff,
	LIST_END = 0,
	LIST_MORE = 1,
	ROOM_FOR_IMPORTS = PK_WIRE_MAX / 4, /* kept free of findings */
};
#define NO_TEXT UINT32_MAX

static void put_le(struct pk_buf *b, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		pk_buf_putc(b, (char)(uint8_t)(v >> (8 * i)));
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

static void put_head(struct pk_buf *b, const struct pk_job *job)
{
	pk_buf_puts(b, "PKR1");
	put_le(b, job->size, 8);
	put_le(b, job->explained, 8);
	put_le(b, job->findings_dropped, 8);
	put_le(b, job->facts, 4);
	put_le(b, job->partial, 1);
	put_le(b, format_index(job->primary), 1);
	put_le(b, job->format_count, 1);
	for (unsigned i = 0; i < job->format_count; i++)
		put_le(b, format_index(job->formats[i]), 1);
	put_text(b, job->reason);
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

/* Takes back an item that went over the room; true when it had to. */
static bool cut(struct pk_buf *b, size_t before, size_t room)
{
	if (b->failed || b->len <= room)
		return false;
	b->len = before;
	return true;
}

static bool put_findings(struct pk_buf *b, const struct pk_job *job,
			 size_t room)
{
	bool all = true;

	for (const struct pk_finding *f = job->findings; f && all;
	     f = f->next) {
		const size_t before = b->len;

		put_finding(b, f);
		all = !cut(b, before, room);
	}
	put_le(b, LIST_END, 1);
	return all;
}

static bool put_imports(struct pk_buf *b, const struct pk_job *job, size_t room)
{
	bool all = true;

	for (const struct pk_import *im = job->imports; im && all;
	     im = im->next) {
		const size_t before = b->len;

		put_import(b, im);
		all = !cut(b, before, room);
	}
	put_le(b, LIST_END, 1);
	return all;
}

enum pk_status pk_wire_encode(const struct pk_result *r, struct pk_buf *to)
{
	enum { PARTIAL_AT = 32 };
	const size_t start = to->len;
	const size_t end = start + PK_WIRE_MAX - 2; /* two LIST_ENDs */
	bool all;

	put_head(to, &r->job);
	all = put_findings(to, &r->job, end - ROOM_FOR_IMPORTS);
	all = put_imports(to, &r->job, end) && all;
	if (!pk_buf_ok(to))
		return PK_ERR_NOMEM;
	if (!all)
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
	job->primary = get_format(c);
	n = get_below(c, pk_get_u8(c), max + 1);
	for (unsigned i = 0; i < n; i++) {
		const struct pk_format *f = get_format(c);

		if (f)
			job->formats[job->format_count++] = f;
	}
	job->reason = get_text(c, &job->arena);
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
	get_list(&c, &r->job, get_finding);
	get_list(&c, &r->job, get_import);
	if (!pk_cursor_ok(&c) || pk_cursor_left(&c))
		return PK_ERR_IO;
	r->opened = true;
	pk_result_conclude(r);
	return PK_OK;
}
