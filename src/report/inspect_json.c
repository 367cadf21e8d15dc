/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/format.h"
#include "report/inspect.h"
#include "report/json_parts.h"

static struct pk_span span_of(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

void pk_json_tensor(struct pk_json *j, const struct pk_tensor_note *t)
{
	pk_json_inline(j);
	pk_json_object(j, NULL);
	pk_json_bytes(j, "name", t->name);
	pk_json_bytes(j, "dtype", t->dtype);
	pk_json_array(j, "shape");
	for (unsigned i = 0; i < t->rank; i++)
		pk_json_uint(j, NULL, t->shape[i]);
	pk_json_close(j);
	if (t->placed)
		pk_json_uint(j, "offset", t->off);
	pk_json_uint(j, "bytes", t->bytes);
	if (t->counted) {
		pk_json_uint(j, "nan", t->nan);
		pk_json_uint(j, "inf", t->inf);
	}
	if (t->member)
		pk_json_bytes(j, "member", span_of(t->member));
	pk_json_close(j);
}

static void put_total(struct pk_json *j, const struct pk_dtype_total *t)
{
	pk_json_uint(j, "tensors", t->tensors);
	pk_json_uint(j, "parameters", t->items);
	pk_json_uint(j, "bytes", t->bytes);
}

static void put_totals(struct pk_json *j, const struct pk_job *job)
{
	struct pk_tensor_totals totals;

	pk_count_tensors(job, &totals);
	pk_json_object(j, "totals");
	put_total(j, &totals.all);
	pk_json_array(j, "dtypes");
	for (size_t i = 0; i < totals.n; i++) {
		pk_json_inline(j);
		pk_json_object(j, NULL);
		pk_json_bytes(j, "dtype", totals.by[i].dtype);
		put_total(j, &totals.by[i]);
		pk_json_close(j);
	}
	pk_json_close(j);
	pk_json_close(j);
}

static void put_values(struct pk_json *j, const struct pk_job *job)
{
	pk_json_array(j, "properties");
	for (const struct pk_value_note *v = job->values; v; v = v->next) {
		if (pk_span_eq(v->key, PK_LIT("member")))
			continue;
		pk_json_inline(j);
		pk_json_object(j, NULL);
		pk_json_bytes(j, "key", v->key);
		pk_json_bytes(j, "value", v->value);
		if (v->member)
			pk_json_bytes(j, "member", span_of(v->member));
		pk_json_close(j);
	}
	pk_json_close(j);
}

static void put_members(struct pk_json *j, const struct pk_job *job)
{
	pk_json_array(j, "members");
	for (const struct pk_value_note *v = job->values; v; v = v->next) {
		if (!pk_span_eq(v->key, PK_LIT("member")))
			continue;
		pk_json_inline(j);
		pk_json_object(j, NULL);
		pk_json_bytes(j, "name", v->value);
		if (v->member)
			pk_json_bytes(j, "in", span_of(v->member));
		pk_json_close(j);
	}
	pk_json_close(j);
}

static void put_imports(struct pk_json *j, const struct pk_job *job)
{
	pk_json_array(j, "imports");
	for (const struct pk_import *im = job->imports; im; im = im->next) {
		pk_json_inline(j);
		pk_json_object(j, NULL);
		pk_json_bytes(j, "module", im->module);
		pk_json_bytes(j, "name", im->name);
		pk_json_str(j, "class", pk_import_class_name(im->class));
		pk_json_bool(j, "called", im->called);
		if (im->member)
			pk_json_bytes(j, "member", span_of(im->member));
		pk_json_close(j);
	}
	pk_json_close(j);
}

static void put_head(struct pk_json *j, const struct pk_result *r)
{
	const struct pk_job *job = &r->job;

	pk_json_str(j, "schema", "picket.inspect/1");
	pk_json_bytes(j, "path", span_of(r->path));
	pk_json_uint(j, "size", job->size);
	if (job->primary)
		pk_json_str(j, "format", job->primary->name);
	else
		pk_json_null(j, "format");
	pk_json_inline(j);
	pk_json_array(j, "formats");
	for (unsigned i = 0; i < job->format_count; i++)
		pk_json_str(j, NULL, job->formats[i]->name);
	pk_json_close(j);
	if (!job->primary && job->reason)
		pk_json_str(j, "reason", job->reason);
	pk_json_str(j, "verdict", pk_verdict_name(r->verdict));
	pk_json_uint(j, "findings", job->finding_count);
	pk_json_bool(j, "complete", !job->partial && !job->notes_dropped);
}

void pk_inspect_json(struct pk_output *o, const struct pk_result *r)
{
	struct pk_json *j = &o->json;

	*j = (struct pk_json){ .out = &o->out, .pretty = true };
	pk_json_object(j, NULL);
	put_head(j, r);
	put_values(j, &r->job);
	put_members(j, &r->job);
	pk_json_array(j, "tensors");
	for (const struct pk_tensor_note *t = r->job.tensors; t; t = t->next)
		pk_json_tensor(j, t);
	pk_json_close(j);
	put_totals(j, &r->job);
	put_imports(j, &r->job);
	pk_json_references(j, &r->job);
	pk_json_close(j);
	pk_buf_putc(&o->out, '\n');
}
