/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Core ML models (.mlmodel, and model.mlmodel of an .mlpackage): one message,
 * Model, of Protocol Buffers (coremltools, mlmodel/format/Model.proto): a
 * version, a description, and one of many kinds of model in a field from 200
 * on.  No magic.
 *
 * What can hurt: layers and models that are classes of the loading program;
 * other models and weights taken from a path.
 */
#include "analyze/pb_file.h"
#include "analyze/ref_path.h"
#include "engine/format.h"
#include "engine/note.h"

enum { VERSION_MAX = 255, FIELDS_MAX = 1 << 20 };

struct coreml {
	struct pk_pb_file file; /* first */
	uint64_t layers;
	bool search_path; /* a linked model says where to look */
};

static void take_layer(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_class(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_linked(struct pk_pb *r, const struct pk_pb_field *f,
			void *ctx);
static void take_search(struct pk_pb *r, const struct pk_pb_field *f,
			void *ctx);
static void take_program(struct pk_pb *r, const struct pk_pb_field *f,
			 void *ctx);
static void take_blob_name(struct pk_pb *r, const struct pk_pb_field *f,
			   void *ctx);
static void take_blob(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_pair(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_stated(struct pk_pb *r, const struct pk_pb_field *f,
			void *ctx);
static void take_version(struct pk_pb *r, const struct pk_pb_field *f,
			 void *ctx);

/* CustomLayerParams and CustomModel. */
static const struct pk_pb_line custom_lines[] = {
	PK_PB(10, TEXT, "className", .take = take_class),
};
static const struct pk_pb_message custom = PK_PB_SOME_LINES(custom_lines);

static const struct pk_pb_message network;
static const struct pk_pb_line branch_lines[] = {
	PK_PB(1, MESSAGE, "ifBranch", .of = &network),
	PK_PB(2, MESSAGE, "elseBranch", .of = &network),
};
static const struct pk_pb_message branch = PK_PB_SOME_LINES(branch_lines);

static const struct pk_pb_line loop_lines[] = {
	PK_PB(3, MESSAGE, "conditionNetwork", .of = &network),
	PK_PB(4, MESSAGE, "bodyNetwork", .of = &network),
};
static const struct pk_pb_message loop = PK_PB_SOME_LINES(loop_lines);

static const struct pk_pb_line layer_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(500, MESSAGE, "custom", .of = &custom),
	PK_PB(605, MESSAGE, "branch", .of = &branch),
	PK_PB(615, MESSAGE, "loop", .of = &loop),
};
static const struct pk_pb_message layer = PK_PB_SOME_LINES(layer_lines);

static const struct pk_pb_line network_lines[] = {
	PK_PB(1, MESSAGE, "layers", .take = take_layer),
};
static const struct pk_pb_message network = PK_PB_SOME_LINES(network_lines);

static const struct pk_pb_line model_file_name_lines[] = {
	PK_PB(1, TEXT, "defaultValue", .take = take_linked),
};
static const struct pk_pb_message model_file_name =
	PK_PB_SOME_LINES(model_file_name_lines);

static const struct pk_pb_line search_path_lines[] = {
	PK_PB(1, TEXT, "defaultValue", .take = take_search),
};
static const struct pk_pb_message search_path =
	PK_PB_SOME_LINES(search_path_lines);

static const struct pk_pb_line linked_file_lines[] = {
	PK_PB(1, MESSAGE, "linkedModelFileName", .of = &model_file_name),
	PK_PB(2, MESSAGE, "linkedModelSearchPath", .of = &search_path),
};
static const struct pk_pb_message linked_file =
	PK_PB_SOME_LINES(linked_file_lines);

static const struct pk_pb_line linked_lines[] = {
	PK_PB(1, MESSAGE, "linkedModelFile", .of = &linked_file),
};
static const struct pk_pb_message linked = PK_PB_SOME_LINES(linked_lines);

/* MIL.proto: programs of functions, blocks and operations. */
static const struct pk_pb_line blob_file_lines[] = {
	PK_PB(1, TEXT, "fileName", .take = take_blob_name),
	PK_PB(2, INT, "offset"),
};
static const struct pk_pb_message blob_file = PK_PB_LINES(blob_file_lines);

static const struct pk_pb_line value_lines[] = {
	PK_PB(5, MESSAGE, "blobFileValue", .of = &blob_file),
};
static const struct pk_pb_message value = PK_PB_SOME_LINES(value_lines);

static const struct pk_pb_line value_entry_lines[] = {
	PK_PB(1, TEXT, "key"),
	PK_PB(2, MESSAGE, "value", .of = &value),
};
static const struct pk_pb_message value_entry = PK_PB_LINES(value_entry_lines);

static const struct pk_pb_line binding_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, MESSAGE, "value", .of = &value),
};
static const struct pk_pb_message binding = PK_PB_LINES(binding_lines);

static const struct pk_pb_line argument_lines[] = {
	PK_PB(1, MESSAGE, "arguments", .of = &binding),
};
static const struct pk_pb_message argument = PK_PB_LINES(argument_lines);

static const struct pk_pb_line argument_entry_lines[] = {
	PK_PB(1, TEXT, "key"),
	PK_PB(2, MESSAGE, "value", .of = &argument),
};
static const struct pk_pb_message argument_entry =
	PK_PB_LINES(argument_entry_lines);

static const struct pk_pb_message block;
static const struct pk_pb_line operation_lines[] = {
	PK_PB(1, TEXT, "type"),
	PK_PB(2, MESSAGE, "inputs", .of = &argument_entry),
	PK_PB(4, MESSAGE, "blocks", .of = &block),
	PK_PB(5, MESSAGE, "attributes", .of = &value_entry),
};
static const struct pk_pb_message operation = PK_PB_SOME_LINES(operation_lines);

static const struct pk_pb_line block_lines[] = {
	PK_PB(3, MESSAGE, "operations", .of = &operation),
	PK_PB(4, MESSAGE, "attributes", .of = &value_entry),
};
static const struct pk_pb_message block = PK_PB_SOME_LINES(block_lines);

static const struct pk_pb_line block_entry_lines[] = {
	PK_PB(1, TEXT, "key"),
	PK_PB(2, MESSAGE, "value", .of = &block),
};
static const struct pk_pb_message block_entry = PK_PB_LINES(block_entry_lines);

static const struct pk_pb_line function_lines[] = {
	PK_PB(3, MESSAGE, "block_specializations", .of = &block_entry),
	PK_PB(4, MESSAGE, "attributes", .of = &value_entry),
};
static const struct pk_pb_message function = PK_PB_SOME_LINES(function_lines);

static const struct pk_pb_line function_entry_lines[] = {
	PK_PB(1, TEXT, "key"),
	PK_PB(2, MESSAGE, "value", .of = &function),
};
static const struct pk_pb_message function_entry =
	PK_PB_LINES(function_entry_lines);

static const struct pk_pb_line program_lines[] = {
	PK_PB(2, MESSAGE, "functions", .of = &function_entry),
	PK_PB(4, MESSAGE, "attributes", .of = &value_entry),
};
static const struct pk_pb_message program = PK_PB_SOME_LINES(program_lines);

static const struct pk_pb_line serialized_lines[] = {
	PK_PB(1, TEXT, "identifier"),
	PK_PB(2, BYTES, "model", .take = take_blob),
};
static const struct pk_pb_message serialized = PK_PB_LINES(serialized_lines);

static const struct pk_pb_line metadata_lines[] = {
	PK_PB(1, TEXT, "shortDescription", .take = take_stated),
	PK_PB(2, TEXT, "version", .take = take_stated),
	PK_PB(3, TEXT, "author", .take = take_stated),
	PK_PB(4, TEXT, "license", .take = take_stated),
	PK_PB(100, MESSAGE, "userDefined", .take = take_pair),
};
static const struct pk_pb_message metadata = PK_PB_SOME_LINES(metadata_lines);

static const struct pk_pb_line description_lines[] = {
	PK_PB(100, MESSAGE, "metadata", .of = &metadata),
};
static const struct pk_pb_message description =
	PK_PB_SOME_LINES(description_lines);

static const struct pk_pb_message model;
static const struct pk_pb_line pipeline_lines[] = {
	PK_PB(1, MESSAGE, "models", .of = &model),
	PK_PB(2, TEXT, "names"),
};
static const struct pk_pb_message pipeline = PK_PB_LINES(pipeline_lines);

static const struct pk_pb_line pipeline_of_lines[] = {
	PK_PB(1, MESSAGE, "pipeline", .of = &pipeline),
};
static const struct pk_pb_message pipeline_of =
	PK_PB_SOME_LINES(pipeline_of_lines);

/* The kinds of model that are only numbers are not walked. */
static const struct pk_pb_line model_lines[] = {
	PK_PB(1, INT, "specificationVersion", .take = take_version),
	PK_PB(2, MESSAGE, "description", .of = &description),
	PK_PB(10, INT, "isUpdatable"),
	PK_PB(200, MESSAGE, "pipelineClassifier", .of = &pipeline_of),
	PK_PB(201, MESSAGE, "pipelineRegressor", .of = &pipeline_of),
	PK_PB(202, MESSAGE, "pipeline", .of = &pipeline),
	PK_PB(300, BYTES, "glmRegressor"),
	PK_PB(301, BYTES, "supportVectorRegressor"),
	PK_PB(302, BYTES, "treeEnsembleRegressor"),
	PK_PB(303, MESSAGE, "neuralNetworkRegressor", .of = &network),
	PK_PB(304, BYTES, "bayesianProbitRegressor"),
	PK_PB(400, BYTES, "glmClassifier"),
	PK_PB(401, BYTES, "supportVectorClassifier"),
	PK_PB(402, BYTES, "treeEnsembleClassifier"),
	PK_PB(403, MESSAGE, "neuralNetworkClassifier", .of = &network),
	PK_PB(404, BYTES, "kNearestNeighborsClassifier"),
	PK_PB(500, MESSAGE, "neuralNetwork", .of = &network),
	PK_PB(501, BYTES, "itemSimilarityRecommender"),
	PK_PB(502, MESSAGE, "mlProgram", .take = take_program),
	PK_PB(555, MESSAGE, "customModel", .of = &custom),
	PK_PB(556, MESSAGE, "linkedModel", .of = &linked),
	PK_PB(560, BYTES, "classConfidenceThresholding"),
	PK_PB(600, BYTES, "oneHotEncoder"),
	PK_PB(601, BYTES, "imputer"),
	PK_PB(602, BYTES, "featureVectorizer"),
	PK_PB(603, BYTES, "dictVectorizer"),
	PK_PB(604, BYTES, "scaler"),
	PK_PB(606, BYTES, "categoricalMapping"),
	PK_PB(607, BYTES, "normalizer"),
	PK_PB(609, BYTES, "arrayFeatureExtractor"),
	PK_PB(610, BYTES, "nonMaximumSuppression"),
	PK_PB(900, BYTES, "identity"),
	PK_PB(2000, BYTES, "textClassifier"),
	PK_PB(2001, BYTES, "wordTagger"),
	PK_PB(2002, BYTES, "visionFeaturePrint"),
	PK_PB(2003, BYTES, "soundAnalysisPreprocessing"),
	PK_PB(2004, BYTES, "gazetteer"),
	PK_PB(2005, BYTES, "wordEmbedding"),
	PK_PB(2006, BYTES, "audioFeaturePrint"),
	PK_PB(3000, MESSAGE, "serializedModel", .of = &serialized),
};
static const struct pk_pb_message model = PK_PB_LINES(model_lines);

static void take_layer(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct coreml *m = ctx;

	m->layers++;
	pk_pb_walk(r, f, &layer, ctx);
}

static void take_class(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct coreml *m = ctx;
	const struct pk_pb_text name = pk_pb_text(r, f);

	pk_report(m->file.s, PK_RULE_COREML_CUSTOM_CLASS, f->off,
		  "the class %s of the loading program is run",
		  pk_show(m->file.s, pk_pb_span(&name), 120));
}

static void say_path(struct coreml *m, const struct pk_pb_text *path,
		     struct pk_span shown, const char *what)
{
	const struct pk_path_flaw flaw = pk_path_flaw(shown);
	const struct pk_report r = { .rule = PK_RULE_COREML_EXTERNAL_PATH,
				     .severity = flaw.severity,
				     .off = path->off };

	if (flaw.what && flaw.severity >= PK_MEDIUM)
		pk_report_full(m->file.s, &r, "%s %s %s", what,
			       pk_show(m->file.s, shown, 200), flaw.what);
}

static void take_linked(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct coreml *m = ctx;
	const struct pk_pb_text name = pk_pb_text(r, f);

	pk_report(m->file.s, PK_RULE_COREML_LINKED_MODEL, f->off,
		  "the model is %s, another file",
		  pk_show(m->file.s, pk_pb_span(&name), 120));
	say_path(m, &name, pk_pb_span(&name), "the linked model");
}

/* Folders parted by colons; those in the application's bundle are its own. */
static void take_search(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	const struct pk_pb_text path = pk_pb_text(r, f);
	const struct pk_span all = pk_pb_span(&path);

	for (size_t at = 0; at < all.len;) {
		struct pk_span part = { all.p + at, all.len - at };
		const uint8_t *colon = memchr(part.p, ':', part.len);

		if (colon)
			part.len = (size_t)(colon - part.p);
		if (part.len && !pk_span_starts(part, PK_LIT("$BUNDLE_")))
			say_path(ctx, &path, part, "the linked model's folder");
		at += part.len + 1;
	}
}

static void take_blob_name(struct pk_pb *r, const struct pk_pb_field *f,
			   void *ctx)
{
	struct coreml *m = ctx;
	const struct pk_pb_text name = pk_pb_text(r, f);
	const struct pk_span root = PK_LIT("@model_path/");
	struct pk_span path = pk_pb_span(&name);
	struct pk_ref ref = { .kind = PK_REF_DATA, .at = f->off };

	if (pk_span_starts(path, root)) {
		path.p += root.len;
		path.len -= root.len;
	}
	say_path(m, &name, path, "the weights' file");
	ref.path = path;
	if (!pk_path_flaw(path).what)
		pk_refer(m->file.s, &ref);
}

/* Drafts of the program's messages were published before they settled; those
 * read as nothing known, while the rest of the model still stands. */
static void take_program(struct pk_pb *r, const struct pk_pb_field *f,
			 void *ctx)
{
	struct coreml *m = ctx;

	pk_pb_walk(r, f, &program, ctx);
	if (r->c.fault != PK_FAULT_VALUE && r->c.fault != PK_FAULT_TRUNCATED)
		return;
	pk_report(m->file.s, PK_RULE_COREML_MALFORMED, r->c.fault_off,
		  "the program is not one that the format describes");
	pk_cursor_forgive(&r->c);
}

static void take_blob(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct coreml *m = ctx;

	(void)r;
	(void)pk_pb_descend(&m->file, f->off, f->len, "serialized model");
}

static void take_pair(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct coreml *m = ctx;
	struct pk_pb_text key = { 0 }, text = { 0 };
	const struct pk_pb_pick picks[] = { { 1, &key }, { 2, &text } };

	pk_pb_pick(r, f, picks, 2);
	pk_note_pair(m->file.s, pk_pb_span(&key), pk_pb_span(&text));
}

static void take_stated(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct coreml *m = ctx;

	pk_note_text(m->file.s, pk_pb_find(&metadata, f)->name,
		     pk_pb_bytes(r, f, 4096));
}

static void take_version(struct pk_pb *r, const struct pk_pb_field *f,
			 void *ctx)
{
	struct coreml *m = ctx;

	(void)r;
	pk_note_number(m->file.s, "specificationVersion", f->value);
}

/* A description has named features, results, metadata. */
static bool looks_like_description(struct pk_pb *r, const struct pk_pb_field *f)
{
	struct pk_pb_iter it = { f->off, f->off + f->len };
	struct pk_pb_field in;
	bool known = false;

	while (pk_pb_next(r, &it, &in)) {
		if (in.wire != PK_PB_LEN)
			return false;
		known |= in.number == 1 || in.number == 10 || in.number == 100;
	}
	return known && pk_cursor_ok(&r->c);
}

static enum pk_match coreml_probe(const struct pk_head *head)
{
	struct pk_meter meter = { .ceiling = 4 * PK_WINDOW };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_pb r = pk_pb_open(head->source, &arena);
	struct pk_pb_iter it = { 0, head->source->size };
	bool described = false, kind = false, wrong = false;
	struct pk_pb_field f;

	r.clip = true;
	for (unsigned n = 0; n < FIELDS_MAX && pk_pb_next(&r, &it, &f); n++) {
		if (f.number == 1 && f.wire == PK_PB_VARINT)
			wrong |= f.value > VERSION_MAX;
		if (f.number == 2 && f.wire == PK_PB_LEN)
			described |= looks_like_description(&r, &f);
		if (f.number >= 200 && pk_pb_find(&model, &f))
			kind = true;
	}
	wrong |= !pk_cursor_ok(&r.c) && !kind;
	pk_arena_release(&arena);
	return described && kind && !wrong ? PK_MATCH_SURE : PK_MATCH_NO;
}

static void coreml_scan(struct pk_scan *s)
{
	struct coreml m = { .layers = 0 };
	struct pk_pb_field all;

	pk_pb_file_open(&m.file, s);
	all = pk_pb_whole(&m.file.r);
	pk_pb_walk(&m.file.r, &all, &model, &m);
	pk_note_number(s, "layers", m.layers);
	pk_pb_file_close(&m.file, PK_RULE_COREML_MALFORMED);
}

const struct pk_format pk_format_coreml = {
	.name = "coreml",
	.title = "Core ML model",
	.reads = "layers of networks, programs, nested and linked models; "
		 "references to other files",
	.risk = PK_RISK_PARSER,
	.rank = 40,
	.probe = coreml_probe,
	.scan = coreml_scan,
};
