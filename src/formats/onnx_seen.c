/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of a model and the functions that it defines: only when all
 * are known can be said what a host would have to bring. */
#include "analyze/onnx_ops.h"
#include "analyze/ref_path.h"
#include "formats/onnx_model.h"

enum {
	DISTINCT_MAX = 65536,
	NAME_SHOWN = 120,
};

static uint32_t hash(uint32_t h, struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.p[i]) * 16777619U; /* FNV-1a */
	return (h ^ 0xff) * 16777619U;
}

/* The standard's domain has two spellings. */
static struct pk_span domain_of(const struct onnx_node *n)
{
	if (pk_pb_is(&n->domain, "ai.onnx"))
		return (struct pk_span){ 0 };
	return pk_pb_span(&n->domain);
}

static struct pk_span keep(struct onnx *o, struct pk_span s)
{
	s.p = (const uint8_t *)pk_arena_copy(&o->file.s->arena, s);
	if (!s.p)
		s.len = 0;
	return s;
}

static bool same(const struct onnx_seen *e, const struct onnx_node *n)
{
	return pk_span_eq(e->op, pk_pb_span(&n->op)) &&
	       pk_span_eq(e->domain, domain_of(n)) &&
	       pk_span_eq(e->overload, pk_pb_span(&n->overload));
}

static struct onnx_seen *add(struct onnx *o, const struct onnx_node *n,
			     struct onnx_seen **bucket)
{
	struct onnx_seen *e = NULL;

	if (o->distinct < DISTINCT_MAX)
		e = PK_NEW(&o->file.s->arena, struct onnx_seen);
	if (!e) {
		pk_partial(o->file.s);
		return NULL;
	}
	*e = (struct onnx_seen){ .next = *bucket,
				 .op = keep(o, pk_pb_span(&n->op)),
				 .domain = keep(o, domain_of(n)),
				 .overload = keep(o, pk_pb_span(&n->overload)),
				 .off = n->off };
	*bucket = e;
	*o->last = e;
	o->last = &e->later;
	o->distinct++;
	return e;
}

static struct onnx_seen *find(struct onnx *o, const struct onnx_node *n)
{
	uint32_t h = hash(2166136261U, pk_pb_span(&n->op));
	struct onnx_seen **bucket, *e;

	h = hash(h, domain_of(n));
	h = hash(h, pk_pb_span(&n->overload));
	bucket = &o->bucket[h % ONNX_BUCKETS];
	for (e = *bucket; e; e = e->next) {
		if (same(e, n))
			return e;
	}
	return add(o, n, bucket);
}

void onnx_saw_node(struct onnx *o, const struct onnx_node *n)
{
	struct onnx_seen *e = find(o, n);

	if (e && e->used++ == 0)
		e->off = n->off;
}

void onnx_saw_function(struct onnx *o, const struct onnx_node *f)
{
	struct onnx_seen *e = find(o, f);

	if (e && e->defined++ == 0)
		e->defined_off = f->off;
	else if (e)
		pk_report(o->file.s, PK_RULE_ONNX_DUPLICATE_FUNCTION, f->off,
			  "the function %s is defined again",
			  pk_show(o->file.s, e->op, NAME_SHOWN));
}

static void say_custom(struct onnx *o, const struct onnx_seen *e)
{
	struct pk_scan *s = o->file.s;

	pk_report(s, PK_RULE_ONNX_CUSTOM_DOMAIN, e->off,
		  "%llu node%s need%s the operator %s of the domain \"%s\"",
		  (unsigned long long)e->used, e->used == 1 ? "" : "s",
		  e->used == 1 ? "s" : "", pk_show(s, e->op, NAME_SHOWN),
		  pk_show(s, e->domain, NAME_SHOWN));
}

static void tell(struct onnx *o, const struct onnx_seen *e)
{
	struct pk_scan *s = o->file.s;
	const char *key = pk_arena_printf(
		&s->arena, "operator.%s%s%s", pk_show(s, e->domain, NAME_SHOWN),
		e->domain.len ? "." : "", pk_show(s, e->op, NAME_SHOWN));

	if (key && e->used)
		pk_note_number(s, key, e->used);
}

void onnx_judge_seen(struct onnx *o)
{
	const struct onnx_seen *e = o->first;

	for (; e; e = e->later) {
		if (e->defined && pk_onnx_domain_official(e->domain))
			pk_report(o->file.s, PK_RULE_ONNX_SHADOWED_OPERATOR,
				  e->defined_off,
				  "the model brings its own body for the "
				  "operator %s",
				  pk_show(o->file.s, e->op, NAME_SHOWN));
		if (e->used && !e->defined && !pk_onnx_domain_known(e->domain))
			say_custom(o, e);
		if (o->file.s->job->wants_notes)
			tell(o, e);
	}
}

/* An engine that lies in a file of its own. */
static void judge_engine_path(struct onnx *o, const struct onnx_node *n,
			      const struct pk_pb_text *path)
{
	const struct pk_path_flaw flaw = pk_path_flaw(pk_pb_span(path));
	const struct pk_ref ref = { .kind = PK_REF_SHARD,
				    .path = pk_pb_span(path),
				    .at = path->off };
	const struct pk_report r = { .rule = PK_RULE_ONNX_EXTERNAL_PATH,
				     .severity = flaw.severity,
				     .off = path->off };

	(void)n;
	if (flaw.what)
		pk_report_full(o->file.s, &r, "the path of an engine, %s, %s",
			       pk_show(o->file.s, pk_pb_span(path), 200),
			       flaw.what);
	else
		pk_refer(o->file.s, &ref);
}

static bool reads_files(const struct onnx_node *n)
{
	for (unsigned i = 0; i < n->targets; i++) {
		const struct pk_span t = pk_pb_span(&n->target[i]);

		if (memmem(t.p, t.len, "from_file", 9) ||
		    pk_span_eq(t, PK_LIT("load")) ||
		    pk_span_eq(t, PK_LIT("save")))
			return true;
	}
	return false;
}

void onnx_judge_node(struct onnx *o, const struct onnx_node *n)
{
	const struct pk_onnx_op is =
		pk_onnx_op(domain_of(n), pk_pb_span(&n->op));
	struct pk_scan *s = o->file.s;
	struct pk_report r = { .rule = is.rule,
			       .severity = is.severity,
			       .off = n->off };
	const char *targets = "";

	if (!is.what)
		return;
	if (is.rule == PK_RULE_ONNX_ATEN && reads_files(n))
		r.severity = PK_HIGH;
	for (unsigned i = 0; i < n->targets && targets; i++) {
		if (is.rule == PK_RULE_ONNX_NATIVE_ENGINE && !n->embedded)
			judge_engine_path(o, n, &n->target[i]);
		if (is.rule != PK_RULE_ONNX_NATIVE_ENGINE)
			targets = pk_arena_printf(
				&s->arena, "%s%s%s", targets,
				*targets ? ", " : ": ",
				pk_show(s, pk_pb_span(&n->target[i]), 80));
	}
	pk_report_full(s, &r, "an operator %s %s%s",
		       pk_show(s, pk_pb_span(&n->op), NAME_SHOWN), is.what,
		       targets ? targets : "");
}
