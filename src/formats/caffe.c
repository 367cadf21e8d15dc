/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Caffe networks with their weights (.caffemodel): NetParameter of
 * caffe/proto/caffe.proto, a name and layers; and Caffe2's NetDef
 * (caffe2/proto/caffe2.proto), a name and operators.  No magic.
 *
 * What can hurt: Python layers, which import a module that the file names;
 * operators that open files.
 */
#include "analyze/globals.h"
#include "analyze/pb_file.h"
#include "analyze/pb_text.h"
#include "analyze/ref_path.h"
#include "analyze/tally.h"
#include "engine/format.h"

struct caffe {
	struct pk_pb_file file; /* first */
	struct pk_tally layers;
};

static void take_layer(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_python(struct pk_pb *r, const struct pk_pb_field *f,
			void *ctx);
static void take_op(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_data(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);

static const struct pk_pb_line python_lines[] = {
	PK_PB(1, TEXT, "module"),
	PK_PB(2, TEXT, "layer"),
	PK_PB(3, TEXT, "param_str"),
	PK_PB(4, INT, "share_in_parallel"),
};
static const struct pk_pb_message python = PK_PB_LINES(python_lines);

static const struct pk_pb_line data_lines[] = {
	PK_PB(1, TEXT, "source"),
};
static const struct pk_pb_message data = PK_PB_SOME_LINES(data_lines);

static const struct pk_pb_line argument_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(4, BYTES, "s"),
};
static const struct pk_pb_message operator_argument =
	PK_PB_SOME_LINES(argument_lines);

static const struct pk_pb_line op_lines[] = {
	PK_PB(1, TEXT, "input"),
	PK_PB(2, TEXT, "output"),
	PK_PB(3, TEXT, "name"),
	PK_PB(4, TEXT, "type"),
	PK_PB(5, MESSAGE, "arg", .of = &operator_argument),
};
static const struct pk_pb_message operator= PK_PB_SOME_LINES(op_lines);

static const struct pk_pb_line layer_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, TEXT, "type"),
	PK_PB(107, MESSAGE, "data_param", .of = &data, .take = take_data),
	PK_PB(112, MESSAGE, "hdf5_data_param", .of = &data, .take = take_data),
	PK_PB(115, MESSAGE, "image_data_param", .of = &data, .take = take_data),
	PK_PB(130, MESSAGE, "python_param", .of = &python, .take = take_python),
};
static const struct pk_pb_message layer = PK_PB_SOME_LINES(layer_lines);

static const struct pk_pb_line net_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, BYTES, "layers"), /* before 2014: types are numbers */
	PK_PB(3, TEXT, "input"),
	PK_PB(4, INTS, "input_dim"),
	PK_PB(5, INT, "force_backward"),
	PK_PB(6, BYTES, "state"),
	PK_PB(7, INT, "debug_info"),
	PK_PB(8, BYTES, "input_shape"),
	PK_PB(100, MESSAGE, "layer", .of = &layer, .take = take_layer),
};
static const struct pk_pb_message net = PK_PB_LINES(net_lines);

static const struct pk_pb_line net2_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, MESSAGE, "op", .of = &operator, .take = take_op),
	PK_PB(3, TEXT, "type"),
	PK_PB(4, INT, "num_workers"),
	PK_PB(5, BYTES, "device_option"),
	PK_PB(6, BYTES, "arg"),
	PK_PB(7, TEXT, "external_input"),
	PK_PB(8, TEXT, "external_output"),
	PK_PB(9, BYTES, "partition_info"),
};
static const struct pk_pb_message net2 = PK_PB_LINES(net2_lines);

static void take_layer(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct caffe *c = ctx;
	struct pk_pb_text type = { .off = f->off }, module = { 0 };
	const struct pk_pb_pick picks[] = { { 2, &type }, { 130, &module } };

	pk_pb_pick(r, f, picks, 2);
	(void)pk_tally(&c->layers, c->file.s, pk_pb_span(&type), f->at);
	if (pk_pb_is(&type, "Python") && !module.off)
		pk_report(c->file.s, PK_RULE_CAFFE_PYTHON_LAYER, f->at,
			  "a layer of type Python");
	pk_pb_walk(r, f, &layer, ctx);
}

static void take_python(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct caffe *c = ctx;
	struct pk_scan *s = c->file.s;
	struct pk_pb_text module = { .off = f->off }, name = { .off = f->off };
	struct pk_pb_text param = { 0 };
	const struct pk_pb_pick picks[] = { { 1, &module },
					    { 2, &name },
					    { 3, &param } };
	struct pk_report report = { .rule = PK_RULE_CAFFE_PYTHON_LAYER,
				    .severity = PK_HIGH,
				    .off = f->at };

	pk_pb_pick(r, f, picks, 3);
	if (pk_global_classify(pk_pb_span(&module), pk_pb_span(&name)).class ==
	    PK_IMPORT_DANGEROUS)
		report.severity = PK_CRITICAL;
	pk_report_full(
		s, &report, "building the network imports %s and calls %s%s%s",
		pk_show(s, pk_pb_span(&module), 80),
		pk_show(s, pk_pb_span(&name), 80), param.len ? " with " : "",
		pk_show(s, pk_pb_span(&param), 120));
}

/* Training data: "source" is field 1 of the three that have one. */
static void take_data(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct caffe *c = ctx;
	struct pk_pb_text source = { 0 };
	const struct pk_pb_pick picks[] = { { 1, &source } };
	const struct pk_report report = { .rule = PK_RULE_CAFFE_FILE_OPERATOR,
					  .severity = PK_LOW,
					  .off = f->at };

	pk_pb_pick(r, f, picks, 1);
	if (source.len)
		pk_report_full(c->file.s, &report,
			       "a layer reads its data from %s",
			       pk_show(c->file.s, pk_pb_span(&source), 160));
}

/* The first text argument of that name. */
static struct pk_pb_text argument(struct pk_pb *r, const struct pk_pb_field *of,
				  const char *name)
{
	struct pk_pb_iter it = { of->off, of->off + of->len };
	struct pk_pb_field f;

	while (pk_pb_next(r, &it, &f)) {
		struct pk_pb_text is = { 0 }, s = { 0 };
		const struct pk_pb_pick picks[] = { { 1, &is }, { 4, &s } };

		if (f.number != 5 || f.wire != PK_PB_LEN)
			continue;
		pk_pb_pick(r, &f, picks, 2);
		if (pk_pb_is(&is, name) && s.len)
			return s;
	}
	return (struct pk_pb_text){ 0 };
}

static void judge_file_op(struct caffe *c, const struct pk_pb_field *f,
			  const struct pk_pb_text *type)
{
	const struct pk_pb_text db = argument(&c->file.r, f, "db");
	const struct pk_path_flaw flaw = pk_path_flaw(pk_pb_span(&db));
	const bool away = db.len && flaw.severity >= PK_HIGH;
	const struct pk_report report = { .rule = PK_RULE_CAFFE_FILE_OPERATOR,
					  .severity =
						  away ? PK_HIGH : PK_MEDIUM,
					  .off = f->at };
	struct pk_scan *s = c->file.s;

	pk_report_full(s, &report, "the operator %s opens %s%s%s",
		       pk_show(s, pk_pb_span(type), 80),
		       db.len ? pk_show(s, pk_pb_span(&db), 160) : "a file",
		       away ? ", which " : "", away ? flaw.what : "");
}

static void take_op(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	static const char *const files[] = { "Load",     "Save",
					     "CreateDB", "DBExists",
					     "Snapshot", "Checkpoint" };
	struct caffe *c = ctx;
	struct pk_pb_text type = { .off = f->off };
	const struct pk_pb_pick picks[] = { { 4, &type } };

	pk_pb_pick(r, f, picks, 1);
	(void)pk_tally(&c->layers, c->file.s, pk_pb_span(&type), f->at);
	if (pk_pb_is(&type, "Python") || pk_pb_is(&type, "PythonGradient") ||
	    pk_pb_is(&type, "PythonDLPack") ||
	    pk_pb_is(&type, "PythonDLPackGradient"))
		pk_report(c->file.s, PK_RULE_CAFFE_PYTHON_LAYER, f->at,
			  "the operator %s calls a Python function of the "
			  "loading process",
			  pk_show(c->file.s, pk_pb_span(&type), 80));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (pk_pb_is(&type, files[i]))
			judge_file_op(c, f, &type);
	}
}

static bool is_word(struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		const uint8_t ch = s.p[i];

		if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
		      (ch >= '0' && ch <= '9') || ch == '_'))
			return false;
	}
	return s.len != 0;
}

struct signs {
	unsigned layers, ops, others;
};

/* A layer has a type and a name; an operator a type, and takes or gives. */
static void look_at(struct pk_pb *r, const struct pk_pb_field *f,
		    struct signs *seen)
{
	struct pk_pb_text one = { 0 }, two = { 0 }, four = { 0 };
	const struct pk_pb_pick picks[] = { { 1, &one },
					    { 2, &two },
					    { 4, &four } };

	if (f->wire != PK_PB_LEN || (f->number != 100 && f->number != 2))
		return;
	pk_pb_pick(r, f, picks, 3);
	if (f->number == 100 && is_word(pk_pb_span(&two)) && one.len)
		seen->layers++;
	else if (f->number == 2 && is_word(pk_pb_span(&four)) &&
		 (one.off || two.off))
		seen->ops++;
	else
		seen->others++;
}

static struct signs look(struct pk_source *src)
{
	enum { FIELDS_MAX = 1 << 20, ENOUGH = 4, LOOKED_MAX = 256 };
	struct pk_meter meter = { .ceiling = 4 * PK_WINDOW };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_pb r = pk_pb_open(src, &arena);
	struct pk_pb_iter it = { 0, src->size };
	struct signs seen = { 0 };
	struct pk_pb_field f;

	r.clip = true;
	for (unsigned n = 0;
	     n < FIELDS_MAX && seen.layers < ENOUGH && seen.ops < ENOUGH &&
	     seen.others < LOOKED_MAX && pk_pb_next(&r, &it, &f);
	     n++)
		look_at(&r, &f, &seen);
	pk_arena_release(&arena);
	return seen;
}

static bool is_caffe2(const struct signs *seen)
{
	return seen->ops && seen->ops >= seen->others && !seen->layers;
}

static bool is_caffe(const struct signs *seen)
{
	return seen->layers && seen->layers >= seen->others;
}

static enum pk_match caffe_probe(const struct pk_head *head)
{
	const struct signs seen = look(head->source);

	if (is_caffe(&seen) || is_caffe2(&seen))
		return PK_MATCH_SURE;
	return pk_pb_text_begins(head->bytes, &net) ||
			       pk_pb_text_begins(head->bytes, &net2)
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

/* Both networks begin with a name: layers or operators tell. */
static void scan_text(struct pk_scan *s)
{
	pk_pb_text_scan(s, &net);
	if (!s->rejected)
		return;
	s->rejected = false;
	pk_pb_text_scan(s, &net2);
}

static void caffe_scan(struct pk_scan *s)
{
	struct caffe *c = PK_NEW(&s->arena, struct caffe);
	const struct signs seen = look(s->bytes);
	struct pk_pb_field all;

	if (!c) {
		pk_partial(s);
		return;
	}
	if (!is_caffe(&seen) && !is_caffe2(&seen)) {
		scan_text(s);
		return;
	}
	pk_pb_file_open(&c->file, s);
	all = pk_pb_whole(&c->file.r);
	pk_pb_walk(&c->file.r, &all, is_caffe2(&seen) ? &net2 : &net, c);
	pk_tally_note(&c->layers, s, "layer");
	pk_pb_file_close(&c->file, PK_RULE_CAFFE_MALFORMED);
}

const struct pk_format pk_format_caffe = {
	.name = "caffe",
	.title = "Caffe or Caffe2 network",
	.reads = "types of layers and operators, Python layers, paths",
	.risk = PK_RISK_PARSER,
	.rank = 39,
	.probe = caffe_probe,
	.scan = caffe_scan,
};
