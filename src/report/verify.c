/* SPDX-License-Identifier: Apache-2.0 */
#include "report/verify.h"

#include <inttypes.h>

#include "core/utf8.h"
#include "engine/format.h"

enum { SHOWN = 160 };

static struct pk_span span_of(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

const char *pk_verify_failure(const struct pk_result *r)
{
	if (!r->job.primary)
		return "no format whose integrity can be verified";
	if (r->job.primary->risk == PK_RISK_CODE)
		return "a format that can carry code; picket scan judges it";
	if (r->job.facts & PK_FACT_REFUSED)
		return "its reader refuses it";
	if (r->job.worst >= PK_MEDIUM)
		return "it does not hold together";
	return r->job.partial ? "not all of it could be read" : NULL;
}

static void put_what(struct pk_output *o, const struct pk_result *r)
{
	struct pk_tensor_totals totals;

	pk_count_tensors(&r->job, &totals);
	if (r->job.primary)
		pk_buf_printf(&o->out, "%s, ", r->job.primary->title);
	if (totals.all.tensors) {
		pk_put_count(&o->out, totals.all.tensors, "tensor");
		pk_buf_puts(&o->out, ", ");
	}
	pk_put_size(&o->out, r->job.size);
	pk_buf_putc(&o->out, '\n');
}

static void put_findings(struct pk_output *o, const struct pk_result *r)
{
	enum { INDENT = 10, SEVERITY = 10 };

	for (const struct pk_finding *f = r->job.findings; f; f = f->next) {
		pk_buf_printf(&o->out, "%*s", INDENT, "");
		pk_paint_cell(o, pk_paint_of_severity(f->severity),
			      pk_severity_name(f->severity), SEVERITY);
		pk_paint(o, PK_PLAIN, f->message);
		pk_buf_puts(&o->out, "  ");
		pk_paint(o, PK_DIM, pk_rules[f->rule].id);
		pk_buf_putc(&o->out, '\n');
	}
}

struct values {
	uint64_t tensors, nan, inf;
};

static struct values count_values(const struct pk_result *r)
{
	struct values v = { 0 };

	for (const struct pk_tensor_note *t = r->job.tensors; t; t = t->next) {
		v.tensors += t->counted;
		v.nan += t->counted ? t->nan : 0;
		v.inf += t->counted ? t->inf : 0;
	}
	return v;
}

static void put_counts(struct pk_buf *b, uint64_t nan, uint64_t inf)
{
	pk_buf_printf(b, "%" PRIu64 " NaN, %" PRIu64 " Inf\n", nan, inf);
}

/* A line for each tensor that has any, and what it comes to. */
static void put_values(struct pk_output *o, const struct pk_result *r)
{
	const struct values v = count_values(r);

	if (v.tensors == 0)
		return;
	pk_buf_puts(&o->out, "\nValues (of ");
	pk_put_count(&o->out, v.tensors, "floating-point tensor");
	pk_buf_puts(&o->out, ")\n");
	for (const struct pk_tensor_note *t = r->job.tensors; t; t = t->next) {
		if (!t->counted || (t->nan == 0 && t->inf == 0))
			continue;
		pk_buf_puts(&o->out, "  ");
		pk_utf8_escape(&o->out, t->name, SHOWN);
		pk_buf_puts(&o->out, "  ");
		put_counts(&o->out, t->nan, t->inf);
	}
	pk_buf_puts(&o->out, "  total  ");
	put_counts(&o->out, v.nan, v.inf);
}

void pk_verify_text(struct pk_output *o, const struct pk_result *r, bool all)
{
	const char *failure = pk_verify_failure(r);
	struct pk_buf path = { 0 };

	pk_utf8_escape(&path, span_of(r->path), SIZE_MAX);
	pk_paint_cell(o, failure ? PK_BOLD_RED : PK_GREEN,
		      failure ? "FAILED" : "ok", 8);
	pk_buf_puts(&o->out, "  ");
	pk_paint(o, PK_BOLD, pk_buf_str(&path));
	pk_buf_puts(&o->out, "  ");
	put_what(o, r);
	if (failure)
		pk_buf_printf(&o->out, "%10s%s\n", "", failure);
	put_findings(o, r);
	pk_inspect_tensors(o, &r->job, all);
	put_values(o, r);
	pk_buf_release(&path);
}

static void put_list(struct pk_json *j, const struct pk_result *r,
		     const char *key, bool errors)
{
	pk_json_array(j, key);
	for (const struct pk_finding *f = r->job.findings; f; f = f->next) {
		if ((f->severity >= PK_MEDIUM) != errors)
			continue;
		pk_json_inline(j);
		pk_json_object(j, NULL);
		pk_json_str(j, "rule", pk_rules[f->rule].id);
		pk_json_str(j, "severity", pk_severity_name(f->severity));
		pk_json_str(j, "message", f->message);
		if (f->member)
			pk_json_str(j, "member", f->member);
		pk_json_uint(j, "offset", f->off);
		pk_json_close(j);
	}
	pk_json_close(j);
}

static void put_value_totals(struct pk_json *j, const struct pk_result *r)
{
	const struct values v = count_values(r);

	if (v.tensors == 0)
		return;
	pk_json_object(j, "values");
	pk_json_uint(j, "tensors", v.tensors);
	pk_json_uint(j, "nan", v.nan);
	pk_json_uint(j, "inf", v.inf);
	pk_json_close(j);
}

void pk_verify_json(struct pk_output *o, const struct pk_result *r)
{
	const char *failure = pk_verify_failure(r);
	struct pk_json *j = &o->json;

	pk_json_object(j, NULL);
	pk_json_bytes(j, "path", span_of(r->path));
	pk_json_bool(j, "ok", failure == NULL);
	if (failure)
		pk_json_str(j, "reason", failure);
	if (r->job.primary)
		pk_json_str(j, "format", r->job.primary->name);
	else
		pk_json_null(j, "format");
	pk_json_uint(j, "size", r->job.size);
	put_list(j, r, "errors", true);
	put_list(j, r, "warnings", false);
	pk_json_array(j, "tensors");
	for (const struct pk_tensor_note *t = r->job.tensors; t; t = t->next)
		pk_json_tensor(j, t);
	pk_json_close(j);
	put_value_totals(j, r);
	pk_json_bool(j, "complete",
		     !r->job.partial && r->job.notes_dropped == 0);
	pk_json_close(j);
}
