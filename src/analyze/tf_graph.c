/* SPDX-License-Identifier: Apache-2.0 */
/* The messages around TensorFlow's nodes, and where nodes lie in them: in
 * the graph and in the library of functions of each meta graph. */
#include "analyze/tf_graph.h"

#include "analyze/ref_path.h"
#include "engine/note.h"
#include "source/slice.h"

static void take_node(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_op(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_graph(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_function(struct pk_pb *r, const struct pk_pb_field *f,
			  void *ctx);
static void take_attr(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_attr_bytes(struct pk_pb *r, const struct pk_pb_field *f,
			    void *ctx);
static void take_content(struct pk_pb *r, const struct pk_pb_field *f,
			 void *ctx);
static void take_string(struct pk_pb *r, const struct pk_pb_field *f,
			void *ctx);
static void take_asset(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_config(struct pk_pb *r, const struct pk_pb_field *f,
			void *ctx);
static void take_version(struct pk_pb *r, const struct pk_pb_field *f,
			 void *ctx);
static void take_tag(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);

static const struct pk_pb_line dim_lines[] = {
	PK_PB(1, INT, "size"),
	PK_PB(2, TEXT, "name"),
};
static const struct pk_pb_message dim = PK_PB_LINES(dim_lines);

static const struct pk_pb_line shape_lines[] = {
	PK_PB(2, MESSAGE, "dim", .of = &dim),
	PK_PB(3, INT, "unknown_rank"),
};
static const struct pk_pb_message shape = PK_PB_LINES(shape_lines);

static const struct pk_pb_message tensor;
static const struct pk_pb_line variant_lines[] = {
	PK_PB(1, TEXT, "type_name"),
	PK_PB(2, BYTES, "metadata"),
	PK_PB(3, MESSAGE, "tensors", .of = &tensor),
};
static const struct pk_pb_message variant = PK_PB_LINES(variant_lines);

static const struct pk_pb_line dtype_shape_lines[] = {
	PK_PB(1, INT, "dtype"),
	PK_PB(2, MESSAGE, "shape", .of = &shape),
};
static const struct pk_pb_message dtype_shape = PK_PB_LINES(dtype_shape_lines);

static const struct pk_pb_line handle_lines[] = {
	PK_PB(1, TEXT, "device"),
	PK_PB(2, TEXT, "container"),
	PK_PB(3, TEXT, "name"),
	PK_PB(4, INT, "hash_code"),
	PK_PB(5, TEXT, "maybe_type_name"),
	PK_PB(6, MESSAGE, "dtypes_and_shapes", .of = &dtype_shape),
};
static const struct pk_pb_message handle = PK_PB_LINES(handle_lines);

static const struct pk_pb_line tensor_lines[] = {
	PK_PB(1, INT, "dtype"),
	PK_PB(2, MESSAGE, "tensor_shape", .of = &shape),
	PK_PB(3, INT, "version_number"),
	PK_PB(4, BYTES, "tensor_content", .take = take_content),
	PK_PB(5, FIXED32S, "float_val"),
	PK_PB(6, FIXED64S, "double_val"),
	PK_PB(7, INTS, "int_val"),
	PK_PB(8, BYTES, "string_val", .take = take_string),
	PK_PB(9, FIXED32S, "scomplex_val"),
	PK_PB(10, INTS, "int64_val"),
	PK_PB(11, INTS, "bool_val"),
	PK_PB(12, FIXED64S, "dcomplex_val"),
	PK_PB(13, INTS, "half_val"),
	PK_PB(14, MESSAGE, "resource_handle_val", .of = &handle),
	PK_PB(15, MESSAGE, "variant_val", .of = &variant),
	PK_PB(16, INTS, "uint32_val"),
	PK_PB(17, INTS, "uint64_val"),
	PK_PB(18, BYTES, "float8_val"),
};
static const struct pk_pb_message tensor = PK_PB_LINES(tensor_lines);

static const struct pk_pb_message attr_value;
static const struct pk_pb_line attr_lines[] = {
	PK_PB(1, TEXT, "key"),
	PK_PB(2, MESSAGE, "value", .of = &attr_value),
};
static const struct pk_pb_message attr_entry = PK_PB_LINES(attr_lines);

static const struct pk_pb_line func_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, MESSAGE, "attr", .of = &attr_entry),
};
static const struct pk_pb_message func = PK_PB_LINES(func_lines);

static const struct pk_pb_line list_lines[] = {
	PK_PB(2, BYTES, "s", .take = take_attr_bytes),
	PK_PB(3, INTS, "i"),
	PK_PB(4, FIXED32S, "f"),
	PK_PB(5, INTS, "b"),
	PK_PB(6, INTS, "type"),
	PK_PB(7, MESSAGE, "shape", .of = &shape),
	PK_PB(8, MESSAGE, "tensor", .of = &tensor),
	PK_PB(9, MESSAGE, "func", .of = &func),
};
static const struct pk_pb_message list = PK_PB_LINES(list_lines);

static const struct pk_pb_line attr_value_lines[] = {
	PK_PB(1, MESSAGE, "list", .of = &list),
	PK_PB(2, BYTES, "s", .take = take_attr_bytes),
	PK_PB(3, INT, "i"),
	PK_PB(4, FIXED32, "f"),
	PK_PB(5, INT, "b"),
	PK_PB(6, INT, "type"),
	PK_PB(7, MESSAGE, "shape", .of = &shape),
	PK_PB(8, MESSAGE, "tensor", .of = &tensor),
	PK_PB(9, TEXT, "placeholder"),
	PK_PB(10, MESSAGE, "func", .of = &func),
};
static const struct pk_pb_message attr_value = PK_PB_LINES(attr_value_lines);

static const struct pk_pb_line debug_names_lines[] = {
	PK_PB(1, TEXT, "original_node_names"),
	PK_PB(2, TEXT, "original_func_names"),
};
static const struct pk_pb_message debug_names = PK_PB_LINES(debug_names_lines);

static const struct pk_pb_message full_type;
static const struct pk_pb_line full_type_lines[] = {
	PK_PB(1, INT, "type_id"),
	PK_PB(2, MESSAGE, "args", .of = &full_type),
	PK_PB(3, TEXT, "s"),
	PK_PB(4, INT, "i"),
};
static const struct pk_pb_message full_type = PK_PB_LINES(full_type_lines);

static const struct pk_pb_line node_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, TEXT, "op", .take = take_op),
	PK_PB(3, TEXT, "input"),
	PK_PB(4, TEXT, "device"),
	PK_PB(5, MESSAGE, "attr", .of = &attr_entry, .take = take_attr),
	PK_PB(6, MESSAGE, "experimental_debug_info", .of = &debug_names),
	PK_PB(7, MESSAGE, "experimental_type", .of = &full_type),
};
static const struct pk_pb_message node = PK_PB_LINES(node_lines);

static const struct pk_pb_line arg_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, TEXT, "description"),
	PK_PB(3, INT, "type"),
	PK_PB(4, TEXT, "type_attr"),
	PK_PB(5, TEXT, "number_attr"),
	PK_PB(6, TEXT, "type_list_attr"),
	PK_PB(7, MESSAGE, "handle_data", .of = &dtype_shape),
	PK_PB(16, INT, "is_ref"),
	PK_PB(17, MESSAGE, "experimental_full_type", .of = &full_type),
};
static const struct pk_pb_message arg = PK_PB_LINES(arg_lines);

static const struct pk_pb_line attr_def_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, TEXT, "type"),
	PK_PB(3, MESSAGE, "default_value", .of = &attr_value),
	PK_PB(4, TEXT, "description"),
	PK_PB(5, INT, "has_minimum"),
	PK_PB(6, INT, "minimum"),
	PK_PB(7, MESSAGE, "allowed_values", .of = &attr_value),
};
static const struct pk_pb_message attr_def = PK_PB_LINES(attr_def_lines);

static const struct pk_pb_line deprecation_lines[] = {
	PK_PB(1, INT, "version"),
	PK_PB(2, TEXT, "explanation"),
};
static const struct pk_pb_message deprecation = PK_PB_LINES(deprecation_lines);

static const struct pk_pb_line op_def_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, MESSAGE, "input_arg", .of = &arg),
	PK_PB(3, MESSAGE, "output_arg", .of = &arg),
	PK_PB(4, MESSAGE, "attr", .of = &attr_def),
	PK_PB(5, TEXT, "summary"),
	PK_PB(6, TEXT, "description"),
	PK_PB(8, MESSAGE, "deprecation", .of = &deprecation),
	PK_PB(16, INT, "is_aggregate"),
	PK_PB(17, INT, "is_stateful"),
	PK_PB(18, INT, "is_commutative"),
	PK_PB(19, INT, "allows_uninitialized_input"),
	PK_PB(20, TEXT, "control_output"),
	PK_PB(21, INT, "is_distributed_communication"),
};
static const struct pk_pb_message op_def = PK_PB_LINES(op_def_lines);

static const struct pk_pb_line op_list_lines[] = {
	PK_PB(1, MESSAGE, "op", .of = &op_def),
};
static const struct pk_pb_message op_list = PK_PB_LINES(op_list_lines);

static const struct pk_pb_line text_pair_lines[] = {
	PK_PB(1, TEXT, "key"),
	PK_PB(2, TEXT, "value"),
};
static const struct pk_pb_message text_pair = PK_PB_LINES(text_pair_lines);

static const struct pk_pb_line arg_attrs_lines[] = {
	PK_PB(1, MESSAGE, "attr", .of = &attr_entry),
};
static const struct pk_pb_message arg_attrs = PK_PB_LINES(arg_attrs_lines);

static const struct pk_pb_line arg_attr_entry_lines[] = {
	PK_PB(1, INT, "key"),
	PK_PB(2, MESSAGE, "value", .of = &arg_attrs),
};
static const struct pk_pb_message arg_attr_entry =
	PK_PB_LINES(arg_attr_entry_lines);

static const struct pk_pb_line int_entry_lines[] = {
	PK_PB(1, INT, "key"),
	PK_PB(2, INT, "value"),
};
static const struct pk_pb_message int_entry = PK_PB_LINES(int_entry_lines);

static const struct pk_pb_line function_lines[] = {
	PK_PB(1, MESSAGE, "signature", .of = &op_def),
	PK_PB(3, MESSAGE, "node_def", .of = &node, .take = take_node),
	PK_PB(4, MESSAGE, "ret", .of = &text_pair),
	PK_PB(5, MESSAGE, "attr", .of = &attr_entry),
	PK_PB(6, MESSAGE, "control_ret", .of = &text_pair),
	PK_PB(7, MESSAGE, "arg_attr", .of = &arg_attr_entry),
	PK_PB(8, MESSAGE, "resource_arg_unique_id", .of = &int_entry),
};
static const struct pk_pb_message function = PK_PB_LINES(function_lines);

static const struct pk_pb_line gradient_lines[] = {
	PK_PB(1, TEXT, "function_name"),
	PK_PB(2, TEXT, "gradient_func"),
};
static const struct pk_pb_message gradient = PK_PB_LINES(gradient_lines);

static const struct pk_pb_line library_lines[] = {
	PK_PB(1, MESSAGE, "function", .of = &function, .take = take_function),
	PK_PB(2, MESSAGE, "gradient", .of = &gradient),
	PK_PB(3, MESSAGE, "registered_gradients", .of = &gradient),
};
static const struct pk_pb_message library = PK_PB_LINES(library_lines);

static const struct pk_pb_line versions_lines[] = {
	PK_PB(1, INT, "producer"),
	PK_PB(2, INT, "min_consumer"),
	PK_PB(3, INTS, "bad_consumers"),
};
static const struct pk_pb_message versions = PK_PB_LINES(versions_lines);

static const struct pk_pb_line graph_lines[] = {
	PK_PB(1, MESSAGE, "node", .of = &node, .take = take_node),
	PK_PB(2, MESSAGE, "library", .of = &library),
	PK_PB(3, INT, "version"),
	PK_PB(4, MESSAGE, "versions", .of = &versions),
	PK_PB(5, BYTES, "debug_info"),
};
static const struct pk_pb_message graph = PK_PB_LINES(graph_lines);

static const struct pk_pb_line meta_info_lines[] = {
	PK_PB(1, TEXT, "meta_graph_version"),
	PK_PB(2, MESSAGE, "stripped_op_list", .of = &op_list),
	PK_PB(3, BYTES, "any_info"),
	PK_PB(4, TEXT, "tags", .take = take_tag),
	PK_PB(5, TEXT, "tensorflow_version", .take = take_version),
	PK_PB(6, TEXT, "tensorflow_git_version"),
	PK_PB(7, INT, "stripped_default_attrs"),
	PK_PB(8, MESSAGE, "function_aliases", .of = &text_pair),
};
static const struct pk_pb_message meta_info = PK_PB_LINES(meta_info_lines);

static const struct pk_pb_line saver_lines[] = {
	PK_PB(1, TEXT, "filename_tensor_name"),
	PK_PB(2, TEXT, "save_tensor_name"),
	PK_PB(3, TEXT, "restore_op_name"),
	PK_PB(4, INT, "max_to_keep"),
	PK_PB(5, INT, "sharded"),
	PK_PB(6, FIXED32, "keep_checkpoint_every_n_hours"),
	PK_PB(7, INT, "version"),
};
static const struct pk_pb_message saver = PK_PB_LINES(saver_lines);

static const struct pk_pb_line asset_lines[] = {
	PK_PB(1, BYTES, "tensor_info"),
	PK_PB(2, TEXT, "filename", .take = take_asset),
};
static const struct pk_pb_message asset = PK_PB_LINES(asset_lines);

static const struct pk_pb_line user_object_lines[] = {
	PK_PB(1, TEXT, "identifier"),
	PK_PB(3, TEXT, "metadata", .take = take_config),
};
static const struct pk_pb_message user_object =
	PK_PB_SOME_LINES(user_object_lines);

static const struct pk_pb_line object_lines[] = {
	PK_PB(4, MESSAGE, "user_object", .of = &user_object),
};
static const struct pk_pb_message object = PK_PB_SOME_LINES(object_lines);

static const struct pk_pb_line object_graph_lines[] = {
	PK_PB(1, MESSAGE, "nodes", .of = &object),
};
static const struct pk_pb_message object_graph =
	PK_PB_SOME_LINES(object_graph_lines);

/* Collections and signatures name things and hold no nodes: they are known,
 * and not walked. */
static const struct pk_pb_line meta_graph_lines[] = {
	PK_PB(1, MESSAGE, "meta_info_def", .of = &meta_info),
	PK_PB(2, MESSAGE, "graph_def", .of = &graph, .take = take_graph),
	PK_PB(3, MESSAGE, "saver_def", .of = &saver),
	PK_PB(4, BYTES, "collection_def"),
	PK_PB(5, BYTES, "signature_def"),
	PK_PB(6, MESSAGE, "asset_file_def", .of = &asset),
	PK_PB(7, MESSAGE, "object_graph_def", .of = &object_graph),
};
static const struct pk_pb_message meta_graph = PK_PB_LINES(meta_graph_lines);

static const struct pk_pb_line saved_model_lines[] = {
	PK_PB(1, INT, "saved_model_schema_version"),
	PK_PB(2, MESSAGE, "meta_graphs", .of = &meta_graph),
};
static const struct pk_pb_message saved_model = PK_PB_LINES(saved_model_lines);

const struct pk_pb_message *pk_tf_message(enum pk_tf_root root)
{
	static const struct pk_pb_message *const roots[] = {
		[PK_TF_GRAPH_DEF] = &graph,
		[PK_TF_META_GRAPH_DEF] = &meta_graph,
		[PK_TF_SAVED_MODEL] = &saved_model,
	};

	return roots[root];
}

static void take_graph(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct pk_tf *t = ctx;

	t->scope = *f;
	t->scope_nodes = 1;
	pk_pb_walk(r, f, &graph, ctx);
}

static void take_function(struct pk_pb *r, const struct pk_pb_field *f,
			  void *ctx)
{
	struct pk_tf *t = ctx;
	const struct pk_pb_field scope = t->scope;
	const uint32_t nodes = t->scope_nodes;

	t->functions++;
	t->scope = *f;
	t->scope_nodes = 3;
	pk_pb_walk(r, f, &function, ctx);
	t->scope = scope;
	t->scope_nodes = nodes;
}

static void take_node(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct pk_tf *t = ctx;
	const struct pk_pb_pick picks[] = { { 2, &t->op } };

	t->nodes++;
	t->op = (struct pk_pb_text){ .off = f->off };
	pk_pb_pick(r, f, picks, 1);
	(void)pk_tally(&t->ops, t->file.s, pk_pb_span(&t->op), f->at);
	pk_tf_judge_node(t, f, &t->op);
	pk_pb_walk(r, f, &node, ctx);
}

/* An operator's name that a later one replaces. */
static void take_op(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct pk_tf *t = ctx;
	const struct pk_pb_text first = pk_pb_text(r, f);
	const struct pk_tf_op *is;

	if (f->off == t->op.off ||
	    pk_span_eq(pk_pb_span(&first), pk_pb_span(&t->op)))
		return;
	is = pk_tf_op(pk_pb_span(&first));
	pk_report(t->file.s, PK_RULE_TENSORFLOW_REPEATED_FIELD, f->at,
		  "a node is a %s first and a %s after that%s%s",
		  pk_show(t->file.s, pk_pb_span(&first), 80),
		  pk_show(t->file.s, pk_pb_span(&t->op), 80),
		  is ? "; the first " : "", is ? is->what : "");
}

static void take_attr(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct pk_tf *t = ctx;
	const struct pk_pb_pick picks[] = { { 1, &t->attr } };

	t->attr = (struct pk_pb_text){ .off = f->off };
	pk_pb_pick(r, f, picks, 1);
	pk_pb_walk(r, f, &attr_entry, ctx);
}

/* Targets of XLA's custom calls that run Python, found in the bytes of a
 * compiled module. */
static const char *callback_in(struct pk_pb *r, const struct pk_pb_field *f)
{
	static const char *const targets[] = {
		"xla_python_cpu_callback", "xla_ffi_python_cpu_callback",
		"xla_python_gpu_callback", "xla_ffi_python_gpu_callback",
		"tf.call_tf_function",
	};
	enum { STEP = PK_WINDOW / 2 };
	struct pk_pb_field piece = *f;

	for (uint64_t at = 0; at < f->len && pk_cursor_ok(&r->c); at += STEP) {
		struct pk_span got;

		piece.off = f->off + at;
		piece.len = f->len - at;
		got = pk_pb_bytes(r, &piece, STEP + 64);
		for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]);
		     i++) {
			if (memmem(got.p, got.len, targets[i],
				   strlen(targets[i])))
				return targets[i];
		}
	}
	return NULL;
}

static void take_attr_bytes(struct pk_pb *r, const struct pk_pb_field *f,
			    void *ctx)
{
	enum { BLOB = 256 }; /* longer than settings are */
	struct pk_tf *t = ctx;
	const char *target;

	if (f->len < BLOB)
		return;
	if (pk_pb_is(&t->op, "XlaCallModule")) {
		target = callback_in(r, f);
		if (target)
			pk_report(t->file.s, PK_RULE_TENSORFLOW_HOST_CALLBACK,
				  f->off, "a compiled module calls %s", target);
	}
	(void)pk_pb_descend(&t->file, f->off, f->len,
			    pk_show(t->file.s, pk_pb_span(&t->attr), 64));
}

static void take_content(struct pk_pb *r, const struct pk_pb_field *f,
			 void *ctx)
{
	struct pk_tf *t = ctx;

	(void)r;
	pk_pb_look_into(&t->file, f->off, f->len, "tensor data");
}

/* Graphs and vocabularies travel in strings. */
static void take_string(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	enum { FILE_MIN = 16 };
	struct pk_tf *t = ctx;

	(void)r;
	if (f->len >= FILE_MIN)
		(void)pk_pb_descend(&t->file, f->off, f->len, "a string");
}

static void take_asset(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct pk_tf *t = ctx;
	struct pk_scan *s = t->file.s;
	const struct pk_pb_text name = pk_pb_text(r, f);
	const struct pk_path_flaw flaw = pk_path_flaw(pk_pb_span(&name));
	const struct pk_report report = { .rule = PK_RULE_TENSORFLOW_ASSET_PATH,
					  .severity = flaw.severity,
					  .off = f->off };

	if (flaw.what && flaw.severity >= PK_MEDIUM)
		pk_report_full(s, &report, "the asset %s %s",
			       pk_show(s, pk_pb_span(&name), 200), flaw.what);
	pk_note_text(s, "asset", pk_pb_span(&name));
}

/* TensorFlow 2.0 to 2.4 kept the configuration of Keras' layers here. */
static void take_config(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct pk_tf *t = ctx;

	(void)r;
	(void)pk_descend(t->file.s, PK_LIT("layer.json"),
			 pk_slice_new(t->file.s->bytes, f->off, f->len),
			 PK_MEMBER_RAW);
}

static void take_version(struct pk_pb *r, const struct pk_pb_field *f,
			 void *ctx)
{
	struct pk_tf *t = ctx;

	pk_note_text(t->file.s, "tensorflow_version", pk_pb_bytes(r, f, 64));
}

static void take_tag(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct pk_tf *t = ctx;

	pk_note_text(t->file.s, "tag", pk_pb_bytes(r, f, 64));
}

void pk_tf_scan(struct pk_scan *s, enum pk_tf_root root)
{
	struct pk_tf *t = PK_NEW(&s->arena, struct pk_tf);
	struct pk_pb_field all;

	if (!t) {
		pk_partial(s);
		return;
	}
	t->said.arena = &s->arena;
	pk_pb_file_open(&t->file, s);
	all = pk_pb_whole(&t->file.r);
	t->scope = all;
	t->scope_nodes = 1;
	pk_pb_walk(&t->file.r, &all, pk_tf_message(root), t);
	pk_tally_note(&t->ops, s, "operator");
	pk_note_number(s, "nodes", t->nodes);
	pk_note_number(s, "functions", t->functions);
	pk_pb_file_close(&t->file, PK_RULE_TENSORFLOW_MALFORMED);
}
