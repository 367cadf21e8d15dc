/* SPDX-License-Identifier: Apache-2.0 */
#include "report/stored_values.h"

#include <stdio.h>
#include <time.h>

#include "engine/format.h"
#include "engine/loader.h"
#include "engine/map.h"
#include "engine/note.h"

#define NAMES(name, type, call)             \
	static const char *name(unsigned i) \
	{                                   \
		return call((type)i);       \
	}
NAMES(severity_name, enum pk_severity, pk_severity_name)
NAMES(verdict_name, enum pk_verdict, pk_verdict_name)
NAMES(action_name, enum pk_action, pk_action_name)
NAMES(class_name, enum pk_import_class, pk_import_class_name)
NAMES(outcome_name, enum pk_outcome, pk_outcome_name)
NAMES(ref_name, enum pk_ref_kind, pk_ref_kind_name)
#undef NAMES

static enum pk_rule get_rule(struct pk_stored_reader *rd,
			     const struct pk_jvalue *v)
{
	const char *id = pk_stored_text(rd, v, "rule");
	const enum pk_rule rule = id ? pk_rule_by_id(id) : PK_RULE_COUNT;

	if (rule != PK_RULE_COUNT)
		return rule;
	pk_stored_refuse(rd, v, "a rule that this version does not have");
	return (enum pk_rule)0;
}

static void get_finding(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	struct pk_finding *f =
		pk_stored_kept(rd, PK_NEW(rd->arena, struct pk_finding));
	const struct pk_jvalue *at = pk_json_get(v, "location");

	if (!f)
		return;
	f->rule = get_rule(rd, v);
	f->severity = (enum pk_severity)pk_stored_word(
		rd, v, "severity", severity_name, PK_CRITICAL + 1);
	f->message = pk_stored_text(rd, v, "message");
	f->evidence = pk_stored_text(rd, v, "evidence");
	f->accepted = pk_stored_text(rd, v, "accepted");
	f->member = pk_stored_text(rd, at, "member");
	f->off = pk_stored_number(rd, at, "offset");
	f->len = pk_stored_number(rd, at, "length");
	pk_stored_digest(rd, v, "fingerprint", f->fingerprint);
	if (!f->message) {
		pk_stored_refuse(rd, v, "a finding without a message");
		return;
	}
	if ((int)f->severity > rd->job->worst)
		rd->job->worst = (int)f->severity;
	rd->job->finding_count++;
	*rd->job->findings_tail = f;
	rd->job->findings_tail = &f->next;
}

/* "module.name", as Python 3 has it. */
static void get_resolved(struct pk_stored_reader *rd, const struct pk_jvalue *v,
			 struct pk_import *im)
{
	const struct pk_span s = pk_stored_bytes(rd, v, "resolved");

	for (size_t i = s.len; i > 0; i--) {
		if (s.p[i - 1] != '.')
			continue;
		im->py3_module = (struct pk_span){ s.p, i - 1 };
		im->py3_name = (struct pk_span){ s.p + i, s.len - i };
		return;
	}
}

static void get_import(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	const struct pk_jvalue *at = pk_json_get(v, "location");
	struct pk_import im = { .module = pk_stored_bytes(rd, v, "module"),
				.name = pk_stored_bytes(rd, v, "name") };

	get_resolved(rd, v, &im);
	im.class = (enum pk_import_class)pk_stored_word(
		rd, v, "class", class_name, PK_IMPORT_DANGEROUS + 1);
	im.called = pk_stored_bool(rd, v, "called");
	im.member = pk_stored_text(rd, at, "member");
	im.off = pk_stored_number(rd, at, "offset");
	if (rd->status == PK_OK && !pk_job_import(rd->job, &im))
		pk_stored_refuse(rd, v, "more imports than a report can have");
}

static const struct pk_format *format_of(struct pk_stored_reader *rd,
					 const struct pk_jvalue *v)
{
	const struct pk_span text = pk_json_text(v);
	char name[64];

	(void)snprintf(name, sizeof(name), "%.*s",
		       (int)(text.len < sizeof(name) ? text.len : 0),
		       text.len ? (const char *)text.p : "");
	if (!pk_format_by_name(name))
		pk_stored_refuse(rd, v,
				 "a format that this version does not know");
	return pk_format_by_name(name);
}

static void get_formats(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	const size_t max = sizeof(rd->job->formats) / sizeof(*rd->job->formats);
	const struct pk_jvalue *primary = pk_json_get(v, "format");

	if (!primary)
		pk_stored_refuse(rd, v, "a file without a format");
	else if (!pk_json_is(primary, PK_J_NULL))
		rd->job->primary = format_of(rd, primary);
	for (v = pk_stored_list(rd, v, "formats"); v; v = v->next) {
		const struct pk_format *f = format_of(rd, v);

		if (f && rd->job->format_count < max)
			rd->job->formats[rd->job->format_count++] = f;
	}
}

static const struct pk_moment *get_moment(struct pk_stored_reader *rd,
					  const struct pk_jvalue *v)
{
	struct pk_moment *m;

	if (!v)
		return NULL;
	m = pk_stored_kept(rd, PK_NEW(rd->arena, struct pk_moment));
	if (!m)
		return NULL;
	m->known = true;
	m->member = pk_stored_text(rd, v, "member");
	m->off = pk_stored_number(rd, v, "offset");
	return m;
}

static void get_loaders(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	struct pk_loading *list =
		pk_stored_kept(rd, pk_arena_alloc(rd->arena, PK_LOADINGS_MAX,
						  sizeof(struct pk_loading)));
	size_t n = 0;

	for (v = pk_stored_list(rd, v, "loaders"); v && list; v = v->next) {
		if (n == PK_LOADINGS_MAX) {
			pk_stored_refuse(rd, v,
					 "more loaders than a report can have");
			return;
		}
		list[n].loader = pk_stored_text(rd, v, "loader");
		list[n].outcome = (enum pk_outcome)pk_stored_word(
			rd, v, "outcome", outcome_name, PK_RUNS_CODE + 1);
		list[n].at = get_moment(rd, pk_json_get(v, "at"));
		if (!list[n++].loader)
			pk_stored_refuse(rd, v, "a loader without a name");
	}
	rd->job->loadings = list;
	rd->job->loading_count = n;
}

static void get_reference(struct pk_stored_reader *rd,
			  const struct pk_jvalue *v)
{
	const struct pk_ref ref = {
		.kind = (enum pk_ref_kind)pk_stored_word(
			rd, v, "kind", ref_name, PK_REF_KINDS),
		.path = pk_stored_bytes(rd, v, "path"),
		.revision = pk_stored_bytes(rd, v, "revision"),
		.need = pk_stored_number(rd, v, "needs"),
		.member = pk_stored_text(rd, v, "member"),
	};

	if (rd->status == PK_OK && !pk_job_keep_ref(rd->job, &ref))
		pk_stored_refuse(rd, v,
				 "more references than a report can have");
}

static void get_property(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	const struct pk_value_note note = {
		.key = pk_stored_bytes(rd, v, "key"),
		.value = pk_stored_bytes(rd, v, "value")
	};

	if (!note.key.len)
		pk_stored_refuse(rd, v, "a property without a key");
	else if (!pk_job_keep_value(rd->job, &note))
		pk_stored_kept(rd, NULL);
}

static struct pk_range get_range(struct pk_stored_reader *rd,
				 const struct pk_jvalue *v)
{
	struct pk_range r = { .from = pk_stored_number(rd, v, "offset") };

	r.to = r.from + pk_stored_number(rd, v, "length");
	return r;
}

static void get_part(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	const char *name = pk_stored_text(rd, v, "name");

	if (!name || !pk_job_keep_part(rd->job, get_range(rd, v), name))
		pk_stored_refuse(rd, v, "a part that the file cannot have");
}

static void get_gap(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	if (!pk_job_keep_gap(rd->job, get_range(rd, v)))
		pk_stored_refuse(rd, v, "a range that the file cannot have");
}

/* Lists that reports have only where there is something in them. */
static void get_some(struct pk_stored_reader *rd, const struct pk_jvalue *v,
		     const char *key,
		     void (*get)(struct pk_stored_reader *rd,
				 const struct pk_jvalue *v))
{
	if (!pk_json_get(v, key))
		return;
	for (v = pk_stored_list(rd, v, key); v && rd->status == PK_OK;
	     v = v->next)
		get(rd, v);
}

static void get_coverage(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	const struct pk_jvalue *in = pk_json_get(v, "coverage");
	struct pk_job *job = rd->job;

	job->explained = pk_stored_number(rd, in, "explained");
	if (job->explained > job->size)
		pk_stored_refuse(rd, in, "more is explained than there is");
	job->parts_dropped = pk_stored_number(rd, in, "parts_dropped");
	get_some(rd, in, "parts", get_part);
	get_some(rd, in, "unexplained", get_gap);
}

static void get_lists(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	const struct pk_jvalue *x;

	for (x = pk_stored_list(rd, v, "findings"); x; x = x->next)
		get_finding(rd, x);
	for (x = pk_stored_list(rd, v, "imports"); x; x = x->next)
		get_import(rd, x);
	get_formats(rd, v);
	get_loaders(rd, v);
	get_some(rd, v, "references", get_reference);
	get_some(rd, v, "properties", get_property);
	get_coverage(rd, v);
}

/* Where it was fetched from, when it did not lie here. */
static void get_source(struct pk_stored_reader *rd, const struct pk_jvalue *v,
		       struct pk_result *r)
{
	const struct pk_jvalue *in = pk_json_get(v, "source");
	struct pk_origin *o =
		in ? pk_stored_kept(rd, PK_NEW(rd->arena, struct pk_origin))
		   : NULL;

	if (!o)
		return;
	o->uri = pk_stored_text(rd, in, "uri");
	o->commit = pk_stored_text(rd, in, "commit");
	o->licence = pk_stored_text(rd, in, "licence");
	r->arrival.received = pk_stored_number(rd, in, "fetched");
	r->arrival.proven = pk_stored_bool(rd, in, "proven");
	if (!o->uri)
		pk_stored_refuse(rd, in, "a source without a URI");
	else
		r->origin = o;
}

static void get_decision(struct pk_stored_reader *rd, const struct pk_jvalue *v,
			 struct pk_result *r)
{
	r->verdict = (enum pk_verdict)pk_stored_word(rd, v, "verdict",
						     verdict_name, PK_VERDICTS);
	r->action = (enum pk_action)pk_stored_word(rd, v, "action", action_name,
						   PK_ACTION_BLOCK + 1);
	r->action_why = pk_stored_text(rd, v, "action_reason");
	r->job.reason = pk_stored_text(rd, v, "reason");
	r->job.partial = !pk_stored_bool(rd, v, "complete");
	r->opened = r->job.size || r->job.primary;
}

/* A path as bytes, in the arena of the whole report; NULL when it cannot be
 * one. */
static const char *get_path(struct pk_stored_reader *rd,
			    const struct pk_jvalue *v)
{
	const struct pk_span path = pk_stored_bytes(rd, v, "path");

	if (!path.len || memchr(path.p, 0, path.len)) {
		pk_stored_refuse(rd, v, "no path");
		return NULL;
	}
	return pk_stored_kept(rd, pk_arena_copy(rd->arena, path));
}

static void get_file(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	const char *path = get_path(rd, v);
	struct pk_result *r;
	struct pk_stored_reader own = *rd;

	if (!path)
		return;
	rd->st->files++;
	pk_sha256_add(rd->st->paths, path, strlen(path) + 1);
	r = pk_stored_kept(rd, rd->st->more(rd->st->ctx, path));
	if (!r)
		return;
	own.job = &r->job;
	own.arena = &r->job.arena;
	r->job.size = pk_stored_number(&own, v, "size");
	r->job.findings_dropped = pk_stored_number(&own, v, "findings_dropped");
	r->job.has_sha256 = pk_json_get(v, "sha256") != NULL;
	if (r->job.has_sha256)
		pk_stored_digest(&own, v, "sha256", r->job.sha256);
	get_source(&own, v, r);
	get_lists(&own, v);
	get_decision(&own, v, r);
	rd->status = own.status;
}

static void get_error(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	const char *path = get_path(rd, v);
	const char *message = pk_stored_text(rd, v, "message");

	if (!path || !message)
		pk_stored_refuse(rd, v, "an error without a message");
	else if (rd->status == PK_OK)
		rd->status = rd->st->error(rd->st->ctx, path, message);
}

static void get_started(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	const char *text = pk_stored_text(rd, v, "started");
	struct tm tm = { 0 };
	int64_t t;

	if (!text)
		return;
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2dZ", &tm.tm_year, &tm.tm_mon,
		   &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6) {
		pk_stored_refuse(rd, v, "not a time");
		return;
	}
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	t = (int64_t)timegm(&tm);
	if (!rd->st->started || t < rd->st->started)
		rd->st->started = t;
}

static void keep(char *to, size_t size, const char *text)
{
	(void)snprintf(to, size, "%s", text ? text : "");
}

/* What stands beside the files: who made it, under which policy. */
static void get_frame(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	const struct pk_jvalue *policy = pk_json_get(v, "policy");
	const struct pk_jvalue *x;

	if (!pk_span_eq(pk_json_text(pk_json_get(v, "schema")),
			PK_LIT("picket.report/1")))
		pk_stored_refuse(rd, v,
				 "not a report of schema picket.report/1");
	keep(rd->st->policy, sizeof(rd->st->policy),
	     pk_stored_text(rd, policy, "name"));
	keep(rd->st->fail_on, sizeof(rd->st->fail_on),
	     pk_stored_text(rd, policy, "fail_on"));
	rd->st->passes &= pk_stored_bool(rd, v, "pass");
	get_started(rd, v);
	for (x = pk_stored_list(rd, v, "errors"); x; x = x->next)
		get_error(rd, x);
}

static void get_hex(struct pk_stored_reader *rd, const struct pk_jvalue *v,
		    const char *key, char ret[65])
{
	uint8_t digest[PK_SHA256_LEN];

	pk_stored_digest(rd, v, key, digest);
	keep(ret, 65, pk_stored_text(rd, v, key));
}

static void get_place(struct pk_stored_reader *rd, const struct pk_jvalue *v,
		      struct pk_share *share)
{
	const struct pk_jvalue *unit = pk_json_get(v, "unit");
	const struct pk_jvalue *shard = pk_json_get(v, "shard");
	const uint64_t first = unit ? 0 : 1;

	if (!unit && !shard)
		return;
	share->number = pk_stored_number(rd, unit ? unit : shard,
					 unit ? "unit" : "part");
	share->of = pk_stored_number(rd, unit ? unit : shard, "of");
	if (share->number < first || share->number - first >= share->of)
		pk_stored_refuse(rd, unit ? unit : shard,
				 "a part that cannot be");
	if (!unit)
		return;
	get_hex(rd, unit, "plan", share->plan);
	get_hex(rd, unit, "settings", share->settings);
}

/* A report that lost files, or two that were put together in one file, of
 * which the first was cut, does not count right. */
static void get_end(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	const struct pk_jvalue *summary = pk_json_get(v, "summary");
	struct pk_stored *st = rd->st;
	struct pk_stored_end end = { .excluded = pk_stored_number(rd, summary,
								  "excluded") };

	get_place(rd, v, &end.share);
	if (pk_stored_number(rd, summary, "files") != st->files)
		pk_stored_refuse(
			rd, summary ? summary : v,
			"the summary counts other files than there are");
	if (!pk_sha256_end(st->paths, end.paths))
		(void)pk_stored_kept(rd, NULL);
	st->paths = NULL;
	if (rd->status == PK_OK)
		rd->status = st->ended(st->ctx, &end);
	st->files = 0;
	st->paths = pk_sha256_new();
}

/* A whole report, or a line of NDJSON: a file, or all but the files.  True
 * when it is the end of a report. */
static bool get_value(struct pk_stored_reader *rd, const struct pk_jvalue *v)
{
	const struct pk_jvalue *files = pk_json_get(v, "files");

	if (pk_json_get(v, "findings")) {
		get_file(rd, v);
		return false;
	}
	for (v = files ? pk_stored_list(rd, v, "files") : v; files && v;
	     v = v->next)
		get_file(rd, v);
	return true;
}

static enum pk_status read_one(struct pk_stored *st, struct pk_cursor *c,
			       struct pk_arena *a, bool *whole)
{
	struct pk_stored_reader rd = { .st = st, .arena = a };
	const struct pk_jvalue *v = pk_json_parse(c, a, NULL, NULL);

	if (!v) {
		(void)snprintf(st->why, sizeof(st->why), "not JSON");
		return PK_ERR_USAGE;
	}
	*whole = get_value(&rd, v);
	if (*whole) {
		get_frame(&rd, v);
		get_end(&rd, v);
	}
	return rd.status;
}

enum pk_status pk_stored_read(struct pk_stored *st, struct pk_span report)
{
	struct pk_cursor c = pk_cursor_over(report, 0);
	enum pk_status s = PK_OK;
	bool whole = false;
	uint8_t unused[PK_SHA256_LEN];

	st->files = 0;
	st->paths = pk_sha256_new();
	while (s == PK_OK) {
		struct pk_meter meter = { .ceiling = SIZE_MAX };
		struct pk_arena a = PK_ARENA(&meter);
		struct pk_jreader rest;

		pk_jread_open(&rest, &c, &a, NULL);
		if (pk_jread_at_end(&rest)) {
			pk_arena_release(&a);
			break;
		}
		s = read_one(st, &c, &a, &whole);
		pk_arena_release(&a);
	}
	(void)pk_sha256_end(st->paths, unused);
	st->paths = NULL;
	if (s == PK_OK && !whole) {
		(void)snprintf(st->why, sizeof(st->why),
			       "it ends before the summary");
		s = PK_ERR_USAGE;
	}
	return s;
}

enum pk_status pk_stored_read_file(struct pk_stored *st, struct pk_span line)
{
	const struct pk_json_opts opts = { .flags = PK_JSON_WHOLE };
	struct pk_meter meter = { .ceiling = SIZE_MAX };
	struct pk_arena a = PK_ARENA(&meter);
	struct pk_stored_reader rd = { .st = st, .arena = &a };
	struct pk_cursor c = pk_cursor_over(line, 0);
	const struct pk_jvalue *v = pk_json_parse(&c, &a, &opts, NULL);

	if (pk_json_get(v, "findings"))
		get_file(&rd, v);
	else
		pk_stored_refuse(&rd, v, "not a file of a report");
	pk_arena_release(&a);
	return rd.status;
}

bool pk_stored_share(struct pk_span report, struct pk_share *ret)
{
	const struct pk_json_opts opts = { .flags = PK_JSON_WHOLE };
	struct pk_stored st = { 0 };
	struct pk_meter meter = { .ceiling = SIZE_MAX };
	struct pk_arena a = PK_ARENA(&meter);
	struct pk_stored_reader rd = { .st = &st, .arena = &a };
	size_t at = report.len ? report.len - 1 : 0;
	struct pk_cursor c;

	while (at > 0 && report.p[at - 1] != '\n')
		at--;
	c = pk_cursor_over((struct pk_span){ report.p + at, report.len - at },
			   0);
	*ret = (struct pk_share){ 0 };
	get_place(&rd, pk_json_parse(&c, &a, &opts, NULL), ret);
	pk_arena_release(&a);
	return rd.status == PK_OK && ret->of;
}
