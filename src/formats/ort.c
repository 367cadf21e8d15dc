/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ONNX Runtime's own format: a FlatBuffer "ORTM" with the graph of an ONNX
 * model, ready to run; "ODTC" is a checkpoint of its training.
 * onnxruntime/core/flatbuffers/schema/ort.fbs
 *
 * What can hurt: the same operators as in ONNX, in graphs within attributes
 * too; sizes and offsets that lead out of bounds.
 */
#include "analyze/flat_claim.h"
#include "analyze/onnx_ops.h"
#include "codec/flatbuf.h"
#include "engine/format.h"
#include "engine/note.h"

enum {
	SHOWN = 100,
	NAME_MAX = 512,
	/* tables and their fields */
	SESSION_MODEL = 1,
	MODEL_PRODUCER = 2,
	MODEL_GRAPH = 7,
	MODEL_METADATA = 9,
	GRAPH_INITIALIZERS = 0,
	GRAPH_NODES = 2,
	NODE_DOMAIN = 2,
	NODE_OP = 5,
	NODE_ATTRIBUTES = 10,
	ATTRIBUTE_TENSOR = 6,
	ATTRIBUTE_GRAPH = 7,
	ATTRIBUTE_TENSORS = 11,
	ATTRIBUTE_GRAPHS = 12,
	TENSOR_NAME = 0,
	TENSOR_DIMS = 2,
	TENSOR_TYPE = 3,
	TENSOR_RAW = 4,
};

struct ort {
	struct pk_scan *s;
	struct pk_fb b;
	uint64_t nodes;
};

/* By onnx.TensorProto.DataType; bits 0: of no fixed size. */
static const struct {
	const char *name;
	unsigned bits;
} types[] = {
	{ "?", 0 },           { "F32", 32 },    { "U8", 8 },
	{ "I8", 8 },          { "U16", 16 },    { "I16", 16 },
	{ "I32", 32 },        { "I64", 64 },    { "STRING", 0 },
	{ "BOOL", 8 },        { "F16", 16 },    { "F64", 64 },
	{ "U32", 32 },        { "U64", 64 },    { "C64", 64 },
	{ "C128", 128 },      { "BF16", 16 },   { "F8_E4M3", 8 },
	{ "F8_E4M3FNUZ", 8 }, { "F8_E5M2", 8 }, { "F8_E5M2FNUZ", 8 },
	{ "U4", 4 },          { "I4", 4 },      { "F4", 4 },
};

static struct pk_span text_of(struct ort *o, const struct pk_fb_table *t,
			      unsigned id)
{
	const struct pk_fb_vec v = pk_fb_text(&o->b, t, id);

	return pk_fb_bytes(&o->b, &v, NAME_MAX, &o->s->arena);
}

/* What stands in place of a name that is not there. */
static struct pk_span domain_of(struct ort *o, const struct pk_fb_table *node)
{
	struct pk_span domain = text_of(o, node, NODE_DOMAIN);

	return domain.p ? domain : PK_LIT("");
}

static void judge_node(struct ort *o, const struct pk_fb_table *node)
{
	const struct pk_span domain = domain_of(o, node);
	const struct pk_span op = text_of(o, node, NODE_OP);
	const struct pk_onnx_op is = pk_onnx_op(domain, op);
	const struct pk_report r = { .rule = is.rule,
				     .severity = is.severity,
				     .off = node->at };

	if (!pk_fb_ok(&o->b))
		return;
	if (is.what)
		pk_report_full(o->s, &r, "an operator %s %s",
			       pk_show(o->s, op, SHOWN), is.what);
	else if (!pk_onnx_domain_known(domain))
		pk_report(o->s, PK_RULE_ONNX_CUSTOM_DOMAIN, node->at,
			  "the operator %s is of the domain %s, which nobody "
			  "knows",
			  pk_show(o->s, op, SHOWN),
			  pk_show(o->s, domain, SHOWN));
}

static void refuse(struct ort *o, uint64_t at, const char *what)
{
	if (!o->s->parent)
		o->s->job->facts |= PK_FACT_REFUSED;
	pk_report(o->s, PK_RULE_ORT_MALFORMED, at, "%s", what);
}

static void read_tensor(struct ort *o, const struct pk_fb_table *tensor)
{
	const struct pk_fb_vec dims =
		pk_fb_vector(&o->b, tensor, TENSOR_DIMS, 8);
	const struct pk_fb_vec raw = pk_fb_vector(&o->b, tensor, TENSOR_RAW, 1);
	const uint64_t type = pk_fb_uint(&o->b, tensor, TENSOR_TYPE, 4, 0);
	const bool known = type < sizeof(types) / sizeof(types[0]);
	struct pk_tensor_note note = { .placed = raw.n != 0,
				       .off = raw.at,
				       .bytes = raw.n };
	uint64_t shape[PK_NOTE_RANK_MAX], need = known ? types[type].bits : 0;
	bool huge = false;

	for (uint32_t i = 0; i < dims.n && pk_fb_ok(&o->b); i++) {
		const uint64_t dim = pk_fb_uint_at(&o->b, &dims, i);

		huge |= __builtin_mul_overflow(need, dim, &need) ||
			dim > INT64_MAX;
		if (i < PK_NOTE_RANK_MAX)
			shape[note.rank++] = dim;
	}
	if (huge)
		refuse(o, tensor->at, "the size of a tensor is out of range");
	else if (raw.n && need && raw.n != need / 8 + (need % 8 != 0))
		refuse(o, tensor->at,
		       "a tensor's data is not as long as its shape says");
	if (!o->s->job->wants_notes)
		return;
	note.name = text_of(o, tensor, TENSOR_NAME);
	note.dtype =
		(struct pk_span){ (const uint8_t *)types[known ? type : 0].name,
				  strlen(types[known ? type : 0].name) };
	note.shape = shape;
	pk_note_tensor(o->s, &note);
}

static void read_tensors(struct ort *o, const struct pk_fb_table *t,
			 unsigned id)
{
	const struct pk_fb_vec list = pk_fb_vector(&o->b, t, id, 4);

	for (uint32_t i = 0; i < list.n && pk_fb_ok(&o->b); i++) {
		const struct pk_fb_table tensor =
			pk_fb_table_at(&o->b, &list, i);

		read_tensor(o, &tensor);
	}
}

static void read_graph(struct ort *o, const struct pk_fb_table *g,
		       unsigned depth);

static void read_attribute(struct ort *o, const struct pk_fb_table *a,
			   unsigned depth)
{
	const struct pk_fb_vec graphs =
		pk_fb_vector(&o->b, a, ATTRIBUTE_GRAPHS, 4);
	struct pk_fb_table child = pk_fb_child(&o->b, a, ATTRIBUTE_TENSOR);

	if (child.at)
		read_tensor(o, &child);
	read_tensors(o, a, ATTRIBUTE_TENSORS);
	child = pk_fb_child(&o->b, a, ATTRIBUTE_GRAPH);
	if (child.at)
		read_graph(o, &child, depth);
	for (uint32_t i = 0; i < graphs.n && pk_fb_ok(&o->b); i++) {
		child = pk_fb_table_at(&o->b, &graphs, i);
		read_graph(o, &child, depth);
	}
}

static void read_node(struct ort *o, const struct pk_fb_table *node,
		      unsigned depth)
{
	const struct pk_fb_vec attributes =
		pk_fb_vector(&o->b, node, NODE_ATTRIBUTES, 4);

	o->nodes++;
	judge_node(o, node);
	for (uint32_t i = 0; i < attributes.n && pk_fb_ok(&o->b); i++) {
		const struct pk_fb_table a =
			pk_fb_table_at(&o->b, &attributes, i);

		read_attribute(o, &a, depth);
	}
}

static void read_graph(struct ort *o, const struct pk_fb_table *g,
		       unsigned depth)
{
	const struct pk_fb_vec nodes = pk_fb_vector(&o->b, g, GRAPH_NODES, 4);

	if (depth >= PK_FB_DEPTH_MAX) {
		pk_fb_fail(&o->b, g->at, PK_FAULT_LIMIT);
		return;
	}
	read_tensors(o, g, GRAPH_INITIALIZERS);
	for (uint32_t i = 0; i < nodes.n && pk_fb_ok(&o->b); i++) {
		const struct pk_fb_table node =
			pk_fb_table_at(&o->b, &nodes, i);

		if (pk_out_of_budget(o->s))
			return;
		read_node(o, &node, depth + 1);
	}
}

static void note_model(struct ort *o, const struct pk_fb_table *model)
{
	const struct pk_fb_vec props =
		pk_fb_vector(&o->b, model, MODEL_METADATA, 4);

	pk_note_text(o->s, "producer", text_of(o, model, MODEL_PRODUCER));
	pk_note_number(o->s, "nodes", o->nodes);
	for (uint32_t i = 0; i < props.n && pk_fb_ok(&o->b); i++) {
		const struct pk_fb_table p = pk_fb_table_at(&o->b, &props, i);

		pk_note_pair(o->s, text_of(o, &p, 0), text_of(o, &p, 1));
	}
}

static bool is_checkpoint(struct pk_source *src)
{
	uint8_t id[4];

	return pk_source_read(src, 4, id, 4) == 4 && memcmp(id, "ODTC", 4) == 0;
}

static void ort_scan(struct pk_scan *s)
{
	struct ort o = { .s = s };
	struct pk_fb_table root, model, graph;

	pk_fb_open(&o.b, s->bytes, 0, s->bytes->size, &s->arena);
	root = pk_fb_root(&o.b);
	if (is_checkpoint(s->bytes)) {
		/* Tensors and properties; nothing in it names an operator. */
		o.b.end = s->bytes->size;
	} else {
		model = pk_fb_child(&o.b, &root, SESSION_MODEL);
		graph = pk_fb_child(&o.b, &model, MODEL_GRAPH);
		if (graph.at)
			read_graph(&o, &graph, 0);
		else if (pk_fb_ok(&o.b))
			refuse(&o, root.at, "the model has no graph");
		note_model(&o, &model);
	}
	pk_claim_flat(s, &o.b, s->bytes->size);
	pk_report_fault(s, PK_RULE_ORT_MALFORMED, &o.b.where, "the FlatBuffer");
}

static enum pk_match ort_probe(const struct pk_head *head)
{
	if (head->bytes.len < 8)
		return PK_MATCH_NO;
	return memcmp(head->bytes.p + 4, "ORTM", 4) == 0 ||
			       memcmp(head->bytes.p + 4, "ODTC", 4) == 0
		       ? PK_MATCH_SURE
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_ort = {
	.name = "ort",
	.title = "ONNX Runtime model",
	.reads = "operators and tensors of all graphs, every offset",
	.risk = PK_RISK_PARSER,
	.rank = 30,
	.probe = ort_probe,
	.scan = ort_scan,
};
