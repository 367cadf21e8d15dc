/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of onnx/onnx.proto, and where nodes and tensors lie in them:
 * in the graph, in graphs that are attributes of nodes, in functions and the
 * defaults of their attributes, in training graphs.
 */
#include "formats/onnx_model.h"

static void take_node(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_function(struct pk_pb *r, const struct pk_pb_field *f,
			  void *ctx);
static void take_attribute(struct pk_pb *r, const struct pk_pb_field *f,
			   void *ctx);
static void take_attribute_bytes(struct pk_pb *r, const struct pk_pb_field *f,
				 void *ctx);
static void take_attribute_int(struct pk_pb *r, const struct pk_pb_field *f,
			       void *ctx);
static void take_again(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_opset(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_metadata(struct pk_pb *r, const struct pk_pb_field *f,
			  void *ctx);
static void take_number(struct pk_pb *r, const struct pk_pb_field *f,
			void *ctx);
static void take_text(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);

static const struct pk_pb_line pair_lines[] = {
	PK_PB(1, TEXT, "key"),
	PK_PB(2, TEXT, "value"),
};
const struct pk_pb_message onnx_pair = PK_PB_LINES(pair_lines);

static const struct pk_pb_line dimension_lines[] = {
	PK_PB(1, INT, "dim_value"),
	PK_PB(2, TEXT, "dim_param"),
	PK_PB(3, TEXT, "denotation"),
};
static const struct pk_pb_message dimension = PK_PB_LINES(dimension_lines);

static const struct pk_pb_line shape_lines[] = {
	PK_PB(1, MESSAGE, "dim", .of = &dimension),
};
static const struct pk_pb_message shape = PK_PB_LINES(shape_lines);

static const struct pk_pb_line tensor_type_lines[] = {
	PK_PB(1, INT, "elem_type"),
	PK_PB(2, MESSAGE, "shape", .of = &shape),
};
static const struct pk_pb_message tensor_type = PK_PB_LINES(tensor_type_lines);

static const struct pk_pb_message type;
static const struct pk_pb_line holder_lines[] = {
	PK_PB(1, MESSAGE, "elem_type", .of = &type),
};
static const struct pk_pb_message holder = PK_PB_LINES(holder_lines);

static const struct pk_pb_line map_lines[] = {
	PK_PB(1, INT, "key_type"),
	PK_PB(2, MESSAGE, "value_type", .of = &type),
};
static const struct pk_pb_message map = PK_PB_LINES(map_lines);

static const struct pk_pb_line opaque_lines[] = {
	PK_PB(1, TEXT, "domain"),
	PK_PB(2, TEXT, "name"),
};
static const struct pk_pb_message opaque = PK_PB_LINES(opaque_lines);

static const struct pk_pb_line type_lines[] = {
	PK_PB(1, MESSAGE, "tensor_type", .of = &tensor_type),
	PK_PB(4, MESSAGE, "sequence_type", .of = &holder),
	PK_PB(5, MESSAGE, "map_type", .of = &map),
	PK_PB(6, TEXT, "denotation"),
	PK_PB(7, MESSAGE, "opaque_type", .of = &opaque),
	PK_PB(8, MESSAGE, "sparse_tensor_type", .of = &tensor_type),
	PK_PB(9, MESSAGE, "optional_type", .of = &holder),
};
static const struct pk_pb_message type = PK_PB_LINES(type_lines);

static const struct pk_pb_line value_info_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, MESSAGE, "type", .of = &type),
	PK_PB(3, TEXT, "doc_string"),
	PK_PB(4, MESSAGE, "metadata_props", .of = &onnx_pair),
};
static const struct pk_pb_message value_info = PK_PB_LINES(value_info_lines);

static const struct pk_pb_line annotation_lines[] = {
	PK_PB(1, TEXT, "tensor_name"),
	PK_PB(2, MESSAGE, "quant_parameter_tensor_names", .of = &onnx_pair),
};
static const struct pk_pb_message annotation = PK_PB_LINES(annotation_lines);

static const struct pk_pb_message attribute;
static const struct pk_pb_message node;

static const struct pk_pb_line sparse_lines[] = {
	PK_PB(1, MESSAGE, "values", .of = &onnx_tensor,
	      .take = onnx_take_tensor),
	PK_PB(2, MESSAGE, "indices", .of = &onnx_tensor,
	      .take = onnx_take_tensor),
	PK_PB(3, INTS, "dims"),
};
static const struct pk_pb_message sparse = PK_PB_LINES(sparse_lines);

static const struct pk_pb_line graph_lines[] = {
	PK_PB(1, MESSAGE, "node", .of = &node, .take = take_node),
	PK_PB(2, TEXT, "name"),
	PK_PB(5, MESSAGE, "initializer", .of = &onnx_tensor,
	      .take = onnx_take_tensor),
	PK_PB(10, TEXT, "doc_string"),
	PK_PB(11, MESSAGE, "input", .of = &value_info),
	PK_PB(12, MESSAGE, "output", .of = &value_info),
	PK_PB(13, MESSAGE, "value_info", .of = &value_info),
	PK_PB(14, MESSAGE, "quantization_annotation", .of = &annotation),
	PK_PB(15, MESSAGE, "sparse_initializer", .of = &sparse),
	PK_PB(16, MESSAGE, "metadata_props", .of = &onnx_pair),
};
static const struct pk_pb_message graph = PK_PB_LINES(graph_lines);

static const struct pk_pb_line attribute_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, FIXED32, "f"),
	PK_PB(3, INT, "i", .take = take_attribute_int),
	PK_PB(4, BYTES, "s", .take = take_attribute_bytes),
	PK_PB(5, MESSAGE, "t", .of = &onnx_tensor, .take = onnx_take_tensor),
	PK_PB(6, MESSAGE, "g", .of = &graph),
	PK_PB(7, FIXED32S, "floats"),
	PK_PB(8, INTS, "ints"),
	PK_PB(9, BYTES, "strings"),
	PK_PB(10, MESSAGE, "tensors", .of = &onnx_tensor,
	      .take = onnx_take_tensor),
	PK_PB(11, MESSAGE, "graphs", .of = &graph),
	PK_PB(13, TEXT, "doc_string"),
	PK_PB(14, MESSAGE, "tp", .of = &type),
	PK_PB(15, MESSAGE, "type_protos", .of = &type),
	PK_PB(20, INT, "type"),
	PK_PB(21, TEXT, "ref_attr_name"),
	PK_PB(22, MESSAGE, "sparse_tensor", .of = &sparse),
	PK_PB(23, MESSAGE, "sparse_tensors", .of = &sparse),
};
static const struct pk_pb_message attribute = PK_PB_LINES(attribute_lines);

/* How nodes are spread over devices: ShardingSpecProto and below. */
static const struct pk_pb_line simple_shard_lines[] = {
	PK_PB(1, INT, "dim_value"),
	PK_PB(2, TEXT, "dim_param"),
	PK_PB(3, INT, "num_shards"),
};
static const struct pk_pb_message simple_shard =
	PK_PB_LINES(simple_shard_lines);

static const struct pk_pb_line sharded_dim_lines[] = {
	PK_PB(1, INT, "axis"),
	PK_PB(2, MESSAGE, "simple_sharding", .of = &simple_shard),
};
static const struct pk_pb_message sharded_dim = PK_PB_LINES(sharded_dim_lines);

static const struct pk_pb_line int_list_entry_lines[] = {
	PK_PB(1, INT, "key"),
	PK_PB(2, INTS, "value"),
};
static const struct pk_pb_message int_list_entry =
	PK_PB_LINES(int_list_entry_lines);

static const struct pk_pb_line sharding_lines[] = {
	PK_PB(1, TEXT, "tensor_name"),
	PK_PB(2, INTS, "device"),
	PK_PB(3, MESSAGE, "index_to_device_group_map", .of = &int_list_entry),
	PK_PB(4, MESSAGE, "sharded_dim", .of = &sharded_dim),
};
static const struct pk_pb_message sharding = PK_PB_LINES(sharding_lines);

static const struct pk_pb_line node_device_lines[] = {
	PK_PB(1, TEXT, "configuration_id"),
	PK_PB(2, MESSAGE, "sharding_spec", .of = &sharding),
	PK_PB(3, INT, "pipeline_stage"),
};
static const struct pk_pb_message node_device = PK_PB_LINES(node_device_lines);

static const struct pk_pb_line node_lines[] = {
	PK_PB(1, TEXT, "input"),
	PK_PB(2, TEXT, "output"),
	PK_PB(3, TEXT, "name"),
	PK_PB(4, TEXT, "op_type", .take = take_again),
	PK_PB(5, MESSAGE, "attribute", .of = &attribute,
	      .take = take_attribute),
	PK_PB(6, TEXT, "doc_string"),
	PK_PB(7, TEXT, "domain", .take = take_again),
	PK_PB(8, TEXT, "overload"),
	PK_PB(9, MESSAGE, "metadata_props", .of = &onnx_pair),
	PK_PB(10, MESSAGE, "device_configurations", .of = &node_device),
};
static const struct pk_pb_message node = PK_PB_LINES(node_lines);

static const struct pk_pb_line opset_lines[] = {
	PK_PB(1, TEXT, "domain"),
	PK_PB(2, INT, "version"),
};
static const struct pk_pb_message opset = PK_PB_LINES(opset_lines);

static const struct pk_pb_line function_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, INT, "since_version"), /* both only in IR version 8's */
	PK_PB(3, INT, "status"),        /* drafts */
	PK_PB(4, TEXT, "input"),
	PK_PB(5, TEXT, "output"),
	PK_PB(6, TEXT, "attribute"),
	PK_PB(7, MESSAGE, "node", .of = &node, .take = take_node),
	PK_PB(8, TEXT, "doc_string"),
	PK_PB(9, MESSAGE, "opset_import", .of = &opset),
	PK_PB(10, TEXT, "domain"),
	PK_PB(11, MESSAGE, "attribute_proto", .of = &attribute,
	      .take = take_attribute),
	PK_PB(12, MESSAGE, "value_info", .of = &value_info),
	PK_PB(13, TEXT, "overload"),
	PK_PB(14, MESSAGE, "metadata_props", .of = &onnx_pair),
};
static const struct pk_pb_message function = PK_PB_LINES(function_lines);

static const struct pk_pb_line training_lines[] = {
	PK_PB(1, MESSAGE, "initialization", .of = &graph),
	PK_PB(2, MESSAGE, "algorithm", .of = &graph),
	PK_PB(3, MESSAGE, "initialization_binding", .of = &onnx_pair),
	PK_PB(4, MESSAGE, "update_binding", .of = &onnx_pair),
};
static const struct pk_pb_message training = PK_PB_LINES(training_lines);

static const struct pk_pb_line device_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, INT, "num_devices"),
	PK_PB(3, TEXT, "device"),
};
static const struct pk_pb_message device = PK_PB_LINES(device_lines);

static const struct pk_pb_line model_lines[] = {
	PK_PB(1, INT, "ir_version", .take = take_number),
	PK_PB(2, TEXT, "producer_name", .take = take_text),
	PK_PB(3, TEXT, "producer_version", .take = take_text),
	PK_PB(4, TEXT, "domain", .take = take_text),
	PK_PB(5, INT, "model_version", .take = take_number),
	PK_PB(6, TEXT, "doc_string", .take = take_text),
	PK_PB(7, MESSAGE, "graph", .of = &graph),
	PK_PB(8, MESSAGE, "opset_import", .of = &opset, .take = take_opset),
	PK_PB(14, MESSAGE, "metadata_props", .of = &onnx_pair,
	      .take = take_metadata),
	PK_PB(20, MESSAGE, "training_info", .of = &training),
	PK_PB(25, MESSAGE, "functions", .of = &function, .take = take_function),
	PK_PB(26, MESSAGE, "configuration", .of = &device),
};
const struct pk_pb_message onnx_model = PK_PB_LINES(model_lines);

/* What a node is may stand behind its attributes: it is read first. */
static void take_node(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct onnx *o = ctx;
	struct onnx_node n = { .outer = o->node,
			       .off = f->at,
			       .embedded = true };
	const struct pk_pb_pick names[] = { { 4, &n.op },
					    { 7, &n.domain },
					    { 8, &n.overload } };

	o->nodes++;
	pk_pb_pick(r, f, names, sizeof(names) / sizeof(names[0]));
	onnx_saw_node(o, &n);
	o->node = &n;
	pk_pb_walk(r, f, &node, ctx);
	o->node = n.outer;
	onnx_judge_node(o, &n);
}

/* An operator's name or domain that a later one replaces. */
static void take_again(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct onnx *o = ctx;
	const bool is_op = f->number == 4;
	const struct pk_pb_text *last = is_op ? &o->node->op : &o->node->domain;
	struct onnx_node first = *o->node;
	const struct pk_pb_text shown = pk_pb_text(r, f);

	if (f->off == last->off ||
	    (shown.len == last->len &&
	     pk_span_eq(pk_pb_span(&shown), pk_pb_span(last))))
		return;
	*(is_op ? &first.op : &first.domain) = shown;
	pk_report(o->file.s, PK_RULE_ONNX_REPEATED_FIELD, f->at,
		  "a node is called %s first and %s after that",
		  pk_show(o->file.s, pk_pb_span(&shown), 80),
		  pk_show(o->file.s, pk_pb_span(last), 80));
	onnx_saw_node(o, &first);
	onnx_judge_node(o, &first);
}

static void take_function(struct pk_pb *r, const struct pk_pb_field *f,
			  void *ctx)
{
	struct onnx_node id = { .off = f->at };
	const struct pk_pb_pick names[] = { { 1, &id.op },
					    { 10, &id.domain },
					    { 13, &id.overload } };

	pk_pb_pick(r, f, names, sizeof(names) / sizeof(names[0]));
	onnx_saw_function(ctx, &id);
	pk_pb_walk(r, f, &function, ctx);
}

static void take_attribute(struct pk_pb *r, const struct pk_pb_field *f,
			   void *ctx)
{
	struct onnx *o = ctx;
	struct pk_pb_text name = { 0 };
	const struct pk_pb_pick names[] = { { 1, &name } };

	pk_pb_pick(r, f, names, 1);
	if (o->node)
		o->node->attribute = name;
	pk_pb_walk(r, f, &attribute, ctx);
}

static void take_attribute_int(struct pk_pb *r, const struct pk_pb_field *f,
			       void *ctx)
{
	struct onnx *o = ctx;

	(void)r;
	if (o->node && pk_pb_is(&o->node->attribute, "embed_mode"))
		o->node->embedded = f->value != 0;
}

/* Attributes by which reaching operators say what they reach. */
static bool tells_target(const struct pk_pb_text *name)
{
	static const char *const telling[] = {
		"module",
		"class_name",
		"compute",
		"func_name",
		"name",
		"operator",
		"model_uri",
		"ep_cache_context",
		"onnx_model_filename",
	};

	for (size_t i = 0; i < sizeof(telling) / sizeof(telling[0]); i++) {
		if (pk_pb_is(name, telling[i]))
			return true;
	}
	return false;
}

static void take_attribute_bytes(struct pk_pb *r, const struct pk_pb_field *f,
				 void *ctx)
{
	enum { BLOB = 256 }; /* longer than names and settings are */
	struct onnx *o = ctx;
	struct onnx_node *n = o->node;
	const unsigned max = n ? sizeof(n->target) / sizeof(n->target[0]) : 0;

	if (n && n->targets < max && tells_target(&n->attribute))
		n->target[n->targets++] = pk_pb_text(r, f);
	if (f->len >= BLOB)
		(void)pk_pb_descend(&o->file, f->off, f->len,
				    pk_show(o->file.s,
					    n ? pk_pb_span(&n->attribute)
					      : PK_LIT("attribute"),
					    64));
}

static void take_opset(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct onnx *o = ctx;
	struct pk_pb_iter it = { f->off, f->off + f->len };
	struct pk_pb_text domain = { 0 };
	struct pk_pb_field in;
	uint64_t version = 0;

	while (pk_pb_next(r, &it, &in)) {
		const struct pk_pb_line *line = pk_pb_find(&opset, &in);

		if (!line && r->unknown)
			r->unknown(r, &in);
		if (line && line->number == 1)
			domain = pk_pb_text(r, &in);
		if (line && line->number == 2)
			version = in.value;
	}
	if (o->file.s->job->wants_notes)
		pk_note_number(
			o->file.s,
			domain.len ? pk_show(o->file.s, pk_pb_span(&domain), 80)
				   : "opset",
			version);
}

static void take_metadata(struct pk_pb *r, const struct pk_pb_field *f,
			  void *ctx)
{
	onnx_judge_metadata(ctx, f);
	pk_pb_walk(r, f, &onnx_pair, ctx);
}

static void take_number(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct onnx *o = ctx;

	(void)r;
	pk_note_number(o->file.s, pk_pb_find(&onnx_model, f)->name, f->value);
}

static void take_text(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct onnx *o = ctx;

	pk_note_text(o->file.s, pk_pb_find(&onnx_model, f)->name,
		     pk_pb_bytes(r, f, 4096));
}
