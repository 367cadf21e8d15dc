/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skops: a zip with schema.json, a tree of nodes that say which loader rebuilds
 * which class (skops/io), beside .npy, .npz and raw members.
 *
 * What can hurt: nodes import what __module__ and __class__ name and call it,
 * MethodNode binds a method of any object, OperatorFuncNode takes any function
 * of operator.  skops refuses types that its caller does not trust; several
 * releases did not look at all of them (CVE-2025-54412, -54413), and its model
 * cards fell back to joblib (CVE-2025-54886).
 */
#include "analyze/globals.h"
#include "analyze/zip_of.h"
#include "codec/json_read.h"

enum { SCHEMA_MAX = 64 << 20, SHOWN = 200, STACK_MAX = 1100 };

static const struct pk_zip_entry *find(const struct pk_zip *z,
				       struct pk_span name)
{
	for (size_t i = 0; z && z->views && i < z->view[0].n; i++) {
		if (pk_span_eq(pk_zip_name(&z->view[0].v[i]), name))
			return &z->view[0].v[i];
	}
	return NULL;
}

/* What a node rebuilds, in the words of an import. */
struct node {
	struct pk_span module;
	struct pk_span class;
	struct pk_span loader;
};

static void note_import(struct pk_scan *s, const struct node *n,
			const struct pk_global *g)
{
	struct pk_import what = { .module = n->module,
				  .name = n->class,
				  .class = g->class,
				  .called = true,
				  .member = pk_member(s),
				  .off = 0 };

	(void)pk_job_import(s->job, &what);
}

static bool is(struct pk_span s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.p, word, s.len) == 0;
}

/* Types by which the loaders themselves are told apart: functions and types
 * are named, not called, by their own nodes. */
static bool is_named_only(const struct node *n)
{
	return is(n->loader, "FunctionNode") || is(n->loader, "TypeNode");
}

/* The element functions of NumPy and SciPy: models name them all the time. */
static bool is_of_numbers(const struct node *n)
{
	return is(n->module, "numpy") ||
	       pk_span_starts(n->module, PK_LIT("scipy.special"));
}

static enum pk_severity severity_of(const struct node *n,
				    const struct pk_global *g)
{
	if (g->class == PK_IMPORT_DANGEROUS)
		return PK_CRITICAL;
	if (g->class != PK_IMPORT_OUTSIDE)
		return PK_MEDIUM;
	if (is_named_only(n))
		return is_of_numbers(n) ? PK_LOW : PK_MEDIUM;
	return g->class_like ? PK_MEDIUM : PK_HIGH;
}

static void judge(struct pk_scan *s, const struct node *n)
{
	const struct pk_global g = pk_global_classify(n->module, n->class);
	struct pk_report r = { .rule = PK_RULE_SKOPS_TYPE,
			       .severity = severity_of(n, &g) };

	note_import(s, n, &g);
	if (g.class == PK_IMPORT_SAFE || g.class == PK_IMPORT_LIBRARY)
		return;
	if (g.class == PK_IMPORT_DANGEROUS) {
		r.rule = PK_RULE_SKOPS_DANGEROUS;
		s->job->facts |= PK_FACT_PICKLE_RUNS_CODE;
	}
	pk_report_full(s, &r, "a %s rebuilds %s.%s: %s",
		       pk_show(s, n->loader, SHOWN),
		       pk_show(s, n->module, SHOWN),
		       pk_show(s, n->class, SHOWN), g.reason);
}

/* The constant names that builtin nodes write: no import is made of them. */
static bool is_plain(const struct node *n)
{
	static const struct {
		const char *loader;
		const char *class; /* NULL: any of builtins */
	} plain[] = {
		{ "JsonNode", NULL },     { "DictNode", "dict" },
		{ "ListNode", "list" },   { "SetNode", "set" },
		{ "TupleNode", "tuple" }, { "BytesNode", "bytes" },
		{ "SliceNode", "slice" }, { "BytearrayNode", "bytearray" },
	};

	if (!is(n->module, "builtins"))
		return false;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (is(n->loader, plain[i].loader) &&
		    (!plain[i].class || is(n->class, plain[i].class)))
			return true;
	}
	return false;
}

/* CVE-2025-54412: any attribute of operator, not only what it offers. */
static void judge_operator(struct pk_scan *s, const struct node *n)
{
	const bool home =
		is(n->module, "operator") || is(n->module, "_operator");
	struct pk_report r = { .rule = PK_RULE_SKOPS_OPERATOR,
			       .severity = PK_CRITICAL };

	if (home && (is(n->class, "attrgetter") || is(n->class, "itemgetter")))
		r.severity = PK_LOW;
	else if (home && is(n->class, "methodcaller"))
		r.severity = PK_MEDIUM;
	pk_report_full(s, &r, "an operator node calls %s.%s",
		       pk_show(s, n->module, SHOWN),
		       pk_show(s, n->class, SHOWN));
}

/* CVE-2025-54413: the caller is shown the node's own class, and the method is
 * taken of whatever the node inside it rebuilds. */
static void judge_method(struct pk_scan *s, const struct pk_jvalue *v,
			 const struct node *n)
{
	const struct pk_jvalue *content = pk_json_get(v, "content");
	const struct pk_jvalue *of = pk_json_get(content, "obj");
	const struct pk_span name = pk_json_text(pk_json_get(content, "func"));
	struct pk_report r = { .rule = PK_RULE_SKOPS_METHOD,
			       .severity = PK_MEDIUM };

	if (pk_span_starts(name, PK_LIT("__")))
		r.severity = PK_CRITICAL;
	else if (!pk_span_eq(pk_json_text(pk_json_get(of, "__class__")),
			     n->class) ||
		 !pk_span_eq(pk_json_text(pk_json_get(of, "__module__")),
			     n->module))
		r.severity = PK_HIGH;
	pk_report_full(
		s, &r, "the method %s of a %s.%s is taken, as of a %s.%s",
		pk_show(s, name, SHOWN),
		pk_show(s, pk_json_text(pk_json_get(of, "__module__")), SHOWN),
		pk_show(s, pk_json_text(pk_json_get(of, "__class__")), SHOWN),
		pk_show(s, n->module, SHOWN), pk_show(s, n->class, SHOWN));
	judge(s, n);
}

/* Before skops 0.3 functions were named within. */
static void judge_old_function(struct pk_scan *s, const struct pk_jvalue *v,
			       const struct node *n)
{
	const struct pk_jvalue *c = pk_json_get(v, "content");
	struct node named = *n;

	named.module = pk_json_text(pk_json_get(c, "module_path"));
	named.class = pk_json_text(pk_json_get(c, "function"));
	if (named.class.len)
		judge(s, &named);
}

static void scan_node(struct pk_scan *s, const struct pk_jvalue *v)
{
	const struct node n = {
		.module = pk_json_text(pk_json_get(v, "__module__")),
		.class = pk_json_text(pk_json_get(v, "__class__")),
		.loader = pk_json_text(pk_json_get(v, "__loader__")),
	};

	if (v->kind != PK_J_OBJECT || !n.class.len)
		return;
	if (is(n.loader, "OperatorFuncNode"))
		judge_operator(s, &n);
	else if (is(n.loader, "MethodNode"))
		judge_method(s, v, &n);
	else if (is(n.loader, "PartialNode") && is(n.module, "functools"))
		; /* what it calls is a node of its own */
	else if (!is_plain(&n))
		judge(s, &n);
	if (is_named_only(&n))
		judge_old_function(s, v, &n);
}

/* Two members of one name in a node: who checks may see the other one. */
static void check_repeated(struct pk_scan *s, const struct pk_jvalue *v)
{
	if (v->repeated)
		pk_report(s, PK_RULE_SKOPS_MALFORMED, 0,
			  "the schema has %s twice in one node",
			  pk_show(s, v->key, SHOWN));
}

static void walk(struct pk_scan *s, const struct pk_jvalue *v)
{
	const struct pk_jvalue **up =
		pk_arena_alloc(&s->arena, STACK_MAX, sizeof(*up));
	size_t depth = 0;

	while (v && up && !pk_out_of_budget(s)) {
		check_repeated(s, v);
		scan_node(s, v);
		if (v->kids && depth < STACK_MAX) {
			up[depth++] = v;
			v = v->kids;
			continue;
		}
		while (!v->next && depth)
			v = up[--depth];
		v = v->next;
	}
}

static void scan_schema(struct pk_scan *s, const struct pk_zip_entry *e)
{
	struct pk_source *src = pk_zip_member(s, e);
	struct pk_jvalue *top = NULL;
	struct pk_cursor c;

	if (src && src->size <= SCHEMA_MAX) {
		c = pk_cursor_open(src, 0, src->size, &s->arena);
		top = pk_json_parse(&c, &s->arena, NULL, NULL);
	}
	if (!top) {
		pk_partial(s);
		pk_report(s, PK_RULE_SKOPS_MALFORMED, e->at,
			  "schema.json cannot be read");
	}
	walk(s, top);
	pk_source_free(src);
}

/* A schema is skops' by the loaders that it names. */
static bool is_skops(struct pk_scan *s, const struct pk_zip_entry *e)
{
	struct pk_source *src = pk_zip_member(s, e);
	uint8_t head[64 * 1024];
	const size_t n = src ? pk_source_read(src, 0, head, sizeof(head)) : 0;

	pk_source_free(src);
	return memmem(head, n, "__loader__", 10) ||
	       memmem(head, n, "_skops_version", 14) ||
	       memmem(head, n, "__class__", 9);
}

static void skops_scan(struct pk_scan *s)
{
	const struct pk_zip_entry *e =
		find(pk_zip_of(s), PK_LIT("schema.json"));

	if (e && is_skops(s, e))
		scan_schema(s, e);
	else
		pk_reject(s);
}

static enum pk_match skops_probe(const struct pk_head *head)
{
	return pk_zip_begins(head) ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_skops = {
	.name = "skops",
	.title = "skops model",
	.reads = "every node of the schema: the types, functions and methods "
		 "that it names; arrays by their own formats",
	.risk = PK_RISK_CODE,
	.rank = 40,
	.probe = skops_probe,
	.scan = skops_scan,
};
