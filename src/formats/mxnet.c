/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MXNet symbols (-symbol.json): a graph in JSON: "nodes" (op, name, attrs,
 * inputs, subgraphs), "arg_nodes", "heads".
 *
 * What can hurt: _Native and _NDArray, whose "info" is a pointer printed as a
 * number; Custom operators, which are Python code of the host; attributes
 * that name libraries.
 */
#include "analyze/ref_path.h"
#include "analyze/tally.h"
#include "codec/json_read.h"
#include "engine/format.h"
#include "engine/note.h"

enum { NESTED_MAX = 32, KEYS_UP_TO = 8 << 20 };

struct mxnet {
	struct pk_scan *s;
	struct pk_tally ops;
	unsigned depth;
};

/* Attributes under which operators take files. */
static bool names_file(struct pk_span key)
{
	static const char *const keys[] = {
		"lib",      "library", "lib_path",     "dll", "path",
		"filename", "uri",     "library_path", "so",  "path_imgrec"
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (key.len == strlen(keys[i]) &&
		    memcmp(key.p, keys[i], key.len) == 0)
			return true;
	}
	return false;
}

static bool ends_with(struct pk_span s, const char *suffix)
{
	const size_t n = strlen(suffix);

	return s.len >= n && memcmp(s.p + s.len - n, suffix, n) == 0;
}

static void judge_attr(struct mxnet *m, struct pk_span op,
		       const struct pk_jvalue *a)
{
	const struct pk_span text = pk_json_text(a);
	const struct pk_path_flaw flaw = pk_path_flaw(text);
	const bool library =
		ends_with(text, ".so") || ends_with(text, ".dll") ||
		ends_with(text, ".dylib") || ends_with(text, ".py");

	if (text.len && names_file(a->key) &&
	    (library || flaw.severity >= PK_HIGH))
		pk_report(m->s, PK_RULE_MXNET_LIBRARY, a->off,
			  "%s of the operator %s is %s",
			  pk_show(m->s, a->key, 40), pk_show(m->s, op, 80),
			  pk_show(m->s, text, 160));
}

static void judge_op(struct mxnet *m, struct pk_span op,
		     const struct pk_jvalue *node,
		     const struct pk_jvalue *attrs)
{
	const bool native = pk_span_eq(op, PK_LIT("_Native")) ||
			    pk_span_eq(op, PK_LIT("_NDArray"));
	const bool custom = pk_span_eq(op, PK_LIT("Custom")) ||
			    pk_span_eq(op, PK_LIT("_CustomFunction"));
	const struct pk_jvalue *info = pk_json_get(attrs, "info");

	if (native)
		pk_report(m->s, PK_RULE_MXNET_RAW_POINTER, node->off,
			  "the operator %s%s%s", pk_show(m->s, op, 80),
			  info ? " takes the address " : "",
			  pk_show(m->s, pk_json_text(info), 80));
	if (custom)
		pk_report(m->s, PK_RULE_MXNET_HOST_CALLABLE, node->off,
			  "the operator %s calls %s", pk_show(m->s, op, 80),
			  pk_show(m->s,
				  pk_json_text(pk_json_get(attrs, "op_type")),
				  80));
}

static void walk_graph(struct mxnet *m, const struct pk_jvalue *graph);

static void walk_node(struct mxnet *m, const struct pk_jvalue *node)
{
	static const char *const holders[] = { "attrs", "attr", "param" };
	const struct pk_jvalue *k, *subgraphs = pk_json_get(node, "subgraphs");
	struct pk_span op = { 0 };

	/* Every "op", should there be more than one. */
	for (k = node->kids; k; k = k->next) {
		if (!pk_span_eq(k->key, PK_LIT("op")))
			continue;
		op = pk_json_text(k);
		judge_op(m, op, node, pk_json_get(node, "attrs"));
	}
	(void)pk_tally(&m->ops, m->s, op, node->off);
	for (size_t i = 0; i < sizeof(holders) / sizeof(holders[0]); i++) {
		const struct pk_jvalue *attrs = pk_json_get(node, holders[i]);

		for (k = attrs ? attrs->kids : NULL; k; k = k->next)
			judge_attr(m, op, k);
	}
	for (k = subgraphs ? subgraphs->kids : NULL; k; k = k->next)
		walk_graph(m, k);
}

static void walk_graph(struct mxnet *m, const struct pk_jvalue *graph)
{
	const struct pk_jvalue *k, *node;

	if (++m->depth > NESTED_MAX) {
		pk_partial(m->s);
		pk_report(m->s, PK_RULE_MXNET_MALFORMED, graph->off,
			  "graphs lie more than %d deep", NESTED_MAX);
		m->depth--;
		return;
	}
	for (k = graph->kids; k; k = k->next) {
		if (!pk_span_eq(k->key, PK_LIT("nodes")))
			continue;
		for (node = k->kids; node; node = node->next)
			walk_node(m, node);
	}
	m->depth--;
}

static void mxnet_scan(struct pk_scan *s)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	struct mxnet *m = PK_NEW(&s->arena, struct mxnet);
	const struct pk_jvalue *graph;

	if (!m) {
		pk_partial(s);
		return;
	}
	m->s = s;
	graph = pk_json_parse(&c, &s->arena, NULL, NULL);
	if (graph)
		walk_graph(m, graph);
	pk_tally_note(&m->ops, s, "operator");
	pk_claim(s, 0, s->bytes->size);
	pk_report_fault(s, PK_RULE_MXNET_MALFORMED, &c, "the symbol");
	if (!pk_cursor_ok(&c) && s->depth == 0)
		s->job->facts |= PK_FACT_REFUSED;
}

/* The first node of the array has an op and a name. */
static bool begins_nodes(struct pk_jreader *r)
{
	bool op = false, name = false;

	if (pk_jread_next(r) != PK_JT_ARRAY || pk_jread_next(r) != PK_JT_OBJECT)
		return false;
	while (pk_jread_next(r) == PK_JT_KEY) {
		op |= pk_span_eq(r->text, PK_LIT("op"));
		name |= pk_span_eq(r->text, PK_LIT("name"));
		if (op && name)
			return true;
		(void)pk_jread_next(r);
		if (!pk_jread_skip(r))
			return false;
	}
	return false;
}

static bool has_nodes(struct pk_jreader *r)
{
	if (pk_jread_next(r) != PK_JT_OBJECT)
		return false;
	while (pk_jread_next(r) == PK_JT_KEY && r->off < KEYS_UP_TO) {
		if (pk_span_eq(r->text, PK_LIT("nodes")))
			return begins_nodes(r);
		(void)pk_jread_next(r);
		if (!pk_jread_skip(r))
			return false;
	}
	return false;
}

static enum pk_match mxnet_probe(const struct pk_head *head)
{
	struct pk_meter meter = { .ceiling = 1 << 20 };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_jreader r;
	struct pk_cursor c;
	size_t at = 0;
	bool is;

	while (at < head->bytes.len && head->bytes.p[at] != '{' &&
	       (head->bytes.p[at] <= ' ' || head->bytes.p[at] >= 0xbb))
		at++;
	if (at == head->bytes.len || head->bytes.p[at] != '{')
		return PK_MATCH_NO;
	c = pk_cursor_open(head->source, 0, KEYS_UP_TO, &arena);
	pk_jread_open(&r, &c, &arena, NULL);
	is = has_nodes(&r);
	pk_arena_release(&arena);
	return is ? PK_MATCH_SURE : PK_MATCH_NO;
}

const struct pk_format pk_format_mxnet = {
	.name = "mxnet",
	.title = "MXNet symbol",
	.reads = "every node and its attributes, in subgraphs too",
	.risk = PK_RISK_PARSER,
	.rank = 36,
	.probe = mxnet_probe,
	.scan = mxnet_scan,
};
