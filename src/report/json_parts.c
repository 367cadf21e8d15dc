/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"

#include <time.h>

#include "engine/catalogue.h"
#include "engine/format.h"
#include "engine/loader.h"
#include "engine/map.h"
#include "engine/note.h"

static struct pk_span text_span(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static void put_tool(struct pk_json *j)
{
	uint8_t digest[PK_SHA256_LEN];

	pk_json_object(j, "tool");
	pk_json_str(j, "name", "picket");
	pk_json_str(j, "version", PICKET_VERSION);
	if (pk_rules_digest(digest))
		pk_json_hex(j, "rules", "sha256:",
			    (struct pk_span){ digest, sizeof(digest) });
	pk_json_close(j);
}

static void put_time(struct pk_json *j, const char *key, int64_t seconds)
{
	const time_t t = (time_t)seconds;
	char text[32];
	struct tm tm;

	if (gmtime_r(&t, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		pk_json_str(j, key, text);
}

static void put_share(struct pk_json *j, const struct pk_share *share)
{
	const bool unit = share->plan[0];

	if (!share->of)
		return;
	pk_json_inline(j);
	pk_json_object(j, unit ? "unit" : "shard");
	pk_json_uint(j, unit ? "unit" : "part", share->number);
	pk_json_uint(j, "of", share->of);
	if (unit) {
		pk_json_str(j, "plan", share->plan);
		pk_json_str(j, "settings", share->settings);
	}
	pk_json_close(j);
}

void pk_json_header(struct pk_output *o)
{
	struct pk_json *j = &o->json;

	pk_json_str(j, "schema", "picket.report/1");
	pk_json_inline(j);
	put_tool(j);
	if (o->style.timestamps)
		put_time(j, "started", o->started);
	pk_json_inline(j);
	pk_json_object(j, "policy");
	pk_json_str(j, "name", o->policy);
	pk_json_str(j, "fail_on", o->fail_on);
	pk_json_close(j);
	put_share(j, &o->share);
}

static void put_member(struct pk_json *j, const char *member)
{
	if (member)
		pk_json_str(j, "member", member);
}

static void put_tags(struct pk_json *j, const char *refs)
{
	pk_json_inline(j);
	pk_json_array(j, "tags");
	while (*refs) {
		const size_t n = strcspn(refs, " ");

		if (n)
			pk_json_bytes(
				j, NULL,
				(struct pk_span){ (const uint8_t *)refs, n });
		refs += n + strspn(refs + n, " ");
	}
	pk_json_close(j);
}

static void put_finding(struct pk_json *j, const struct pk_finding *f)
{
	const struct pk_rule_info *rule = &pk_rules[f->rule];

	pk_json_object(j, NULL);
	pk_json_str(j, "rule", rule->id);
	pk_json_str(j, "severity", pk_severity_name(f->severity));
	pk_json_str(j, "title", rule->title);
	pk_json_str(j, "message", f->message);
	pk_json_inline(j);
	pk_json_object(j, "location");
	put_member(j, f->member);
	pk_json_uint(j, "offset", f->off);
	if (f->len)
		pk_json_uint(j, "length", f->len);
	pk_json_close(j);
	pk_json_hex(j, "fingerprint", "",
		    (struct pk_span){ f->fingerprint, PK_SHA256_LEN });
	if (f->evidence)
		pk_json_str(j, "evidence", f->evidence);
	if (f->accepted)
		pk_json_bytes(j, "accepted", text_span(f->accepted));
	put_tags(j, rule->refs);
	pk_json_close(j);
}

/* The name that Python 3 really imports, when it is another one. */
static void put_resolved(struct pk_json *j, const struct pk_import *im)
{
	struct pk_buf b = { 0 };

	if (!im->py3_module.len && !im->py3_name.len)
		return;
	pk_buf_put(&b, im->py3_module.p, im->py3_module.len);
	pk_buf_putc(&b, '.');
	pk_buf_put(&b, im->py3_name.p, im->py3_name.len);
	pk_json_bytes(j, "resolved", pk_buf_span(&b));
	pk_buf_release(&b);
}

static void put_import(struct pk_json *j, const struct pk_import *im)
{
	pk_json_inline(j);
	pk_json_object(j, NULL);
	pk_json_bytes(j, "module", im->module);
	pk_json_bytes(j, "name", im->name);
	put_resolved(j, im);
	pk_json_str(j, "class", pk_import_class_name(im->class));
	pk_json_bool(j, "called", im->called);
	pk_json_object(j, "location");
	put_member(j, im->member);
	pk_json_uint(j, "offset", im->off);
	pk_json_close(j);
	pk_json_close(j);
}

static void put_loaders(struct pk_json *j, const struct pk_job *job)
{
	struct pk_loading v[PK_LOADINGS_MAX];
	const size_t n = pk_loadings(job, v);

	pk_json_array(j, "loaders");
	for (size_t i = 0; i < n; i++) {
		pk_json_inline(j);
		pk_json_object(j, NULL);
		pk_json_str(j, "loader", v[i].loader);
		pk_json_str(j, "outcome", pk_outcome_name(v[i].outcome));
		if (v[i].at) {
			pk_json_object(j, "at");
			put_member(j, v[i].at->member);
			pk_json_uint(j, "offset", v[i].at->off);
			pk_json_close(j);
		}
		pk_json_close(j);
	}
	pk_json_close(j);
}

static void put_formats(struct pk_json *j, const struct pk_job *job)
{
	if (job->primary)
		pk_json_str(j, "format", job->primary->name);
	else
		pk_json_null(j, "format");
	pk_json_inline(j);
	pk_json_array(j, "formats");
	for (unsigned i = 0; i < job->format_count; i++)
		pk_json_str(j, NULL, job->formats[i]->name);
	pk_json_close(j);
}

static void put_verdict(struct pk_json *j, const struct pk_result *r)
{
	pk_json_str(j, "verdict", pk_verdict_name(r->verdict));
	pk_json_bool(j, "complete", !r->job.partial);
	pk_json_str(j, "action", pk_action_name(r->action));
	if (r->action_why)
		pk_json_str(j, "action_reason", r->action_why);
	if (r->verdict == PK_SKIPPED && r->job.reason)
		pk_json_str(j, "reason", r->job.reason);
}

void pk_json_references(struct pk_json *j, const struct pk_job *job)
{
	pk_json_array(j, "references");
	for (const struct pk_ref *r = job->refs; r; r = r->next) {
		pk_json_inline(j);
		pk_json_object(j, NULL);
		pk_json_str(j, "kind", pk_ref_kind_name(r->kind));
		pk_json_bytes(j, "path", r->path);
		if (r->revision.len)
			pk_json_bytes(j, "revision", r->revision);
		if (r->need)
			pk_json_uint(j, "needs", r->need);
		put_member(j, r->member);
		pk_json_close(j);
	}
	pk_json_close(j);
}

/* What the file says of itself; nobody vouches for it. */
static void put_stated(struct pk_json *j, const struct pk_job *job)
{
	const struct pk_value_note *v = pk_stated_next(job->values);

	if (!v)
		return;
	pk_json_array(j, "properties");
	for (size_t n = 0; v && n < PK_STATED_MAX; n++) {
		pk_json_inline(j);
		pk_json_object(j, NULL);
		pk_json_bytes(j, "key", v->key);
		pk_json_bytes(j, "value", v->value);
		pk_json_close(j);
		v = pk_stated_next(v->next);
	}
	pk_json_close(j);
}

static void put_range(struct pk_json *j, uint64_t from, uint64_t to)
{
	pk_json_uint(j, "offset", from);
	pk_json_uint(j, "length", to - from);
	pk_json_close(j);
}

static void put_map(struct pk_json *j, const struct pk_job *job)
{
	if (job->gap_count) {
		pk_json_array(j, "unexplained");
		for (size_t i = 0; i < job->gap_count; i++) {
			pk_json_object(j, NULL);
			put_range(j, job->gaps[i].from, job->gaps[i].to);
		}
		pk_json_close(j);
	}
	if (!job->parts)
		return;
	pk_json_array(j, "parts");
	for (const struct pk_part *p = job->parts; p; p = p->next) {
		pk_json_object(j, NULL);
		pk_json_str(j, "name", p->what);
		put_range(j, p->from, p->to);
	}
	pk_json_close(j);
	if (job->parts_dropped)
		pk_json_uint(j, "parts_dropped", job->parts_dropped);
}

static void put_coverage(struct pk_json *j, const struct pk_result *r)
{
	const struct pk_job *job = &r->job;

	pk_json_inline(j);
	pk_json_object(j, "coverage");
	pk_json_uint(j, "explained", job->explained);
	pk_json_uint(j, "total", job->size);
	if (r->verdict != PK_SKIPPED)
		put_map(j, job);
	pk_json_close(j);
}

/* Of a file that does not lie here. */
static void put_source(struct pk_json *j, const struct pk_result *r)
{
	const struct pk_origin *o = r->origin;

	pk_json_inline(j);
	pk_json_object(j, "source");
	pk_json_str(j, "uri", o->uri);
	if (o->commit)
		pk_json_str(j, "commit", o->commit);
	if (o->licence)
		pk_json_str(j, "licence", o->licence);
	pk_json_uint(j, "fetched", r->arrival.received);
	pk_json_bool(j, "proven", r->arrival.proven);
	pk_json_close(j);
}

void pk_json_file(struct pk_json *j, const struct pk_result *r)
{
	const struct pk_job *job = &r->job;

	pk_json_object(j, NULL);
	pk_json_bytes(j, "path", text_span(r->path));
	pk_json_uint(j, "size", job->size);
	if (job->has_sha256)
		pk_json_hex(j, "sha256", "",
			    (struct pk_span){ job->sha256, PK_SHA256_LEN });
	if (r->origin)
		put_source(j, r);
	put_formats(j, job);
	put_verdict(j, r);
	pk_json_array(j, "findings");
	for (const struct pk_finding *f = job->findings; f; f = f->next)
		put_finding(j, f);
	pk_json_close(j);
	if (job->findings_dropped)
		pk_json_uint(j, "findings_dropped", job->findings_dropped);
	pk_json_array(j, "imports");
	for (const struct pk_import *im = job->imports; im; im = im->next)
		put_import(j, im);
	pk_json_close(j);
	put_loaders(j, job);
	if (job->refs)
		pk_json_references(j, job);
	put_stated(j, job);
	put_coverage(j, r);
	pk_json_close(j);
}

static void put_summary(struct pk_json *j, const struct pk_summary *s)
{
	pk_json_object(j, "summary");
	pk_json_uint(j, "files", s->files);
	pk_json_uint(j, "blocked", s->blocked);
	if (s->blocked_for_source)
		pk_json_uint(j, "blocked_for_source", s->blocked_for_source);
	pk_json_uint(j, "errors", s->verdicts[PK_ERROR] + s->errors);
	pk_json_uint(j, "skipped", s->verdicts[PK_SKIPPED]);
	pk_json_uint(j, "partial", s->partial);
	pk_json_uint(j, "excluded", s->excluded);
	pk_json_uint(j, "bytes", s->bytes);
	if (s->fetched)
		pk_json_uint(j, "fetched", s->fetched);
	pk_json_inline(j);
	pk_json_object(j, "verdicts");
	for (int v = PK_VERDICTS - 1; v >= 0; v--)
		pk_json_uint(j, pk_verdict_name((enum pk_verdict)v),
			     s->verdicts[v]);
	pk_json_close(j);
	pk_json_close(j);
}

void pk_json_footer(struct pk_output *o, const struct pk_summary *s)
{
	struct pk_json *j = &o->json;

	if (o->style.timestamps)
		pk_json_uint(j, "duration_ms", s->duration_ms);
	pk_json_bool(j, "pass", pk_report_passes(o, s));
	put_summary(j, s);
	pk_json_array(j, "errors");
	for (const struct pk_path_error *e = s->error_list; e; e = e->next) {
		pk_json_inline(j);
		pk_json_object(j, NULL);
		pk_json_bytes(j, "path", text_span(e->path));
		pk_json_str(j, "message", e->message);
		pk_json_close(j);
	}
	pk_json_close(j);
}
