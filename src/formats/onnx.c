/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ONNX models: one message, ModelProto, of Protocol Buffers
 * (onnx/onnx.proto).  No magic.
 *
 * What can hurt: operators that run Python, read files or talk to servers;
 * operators that need a native library; tensor data taken from any file that
 * the model names; fields that its parser skips.
 */
#include "formats/onnx_model.h"

#include "analyze/pb_text.h"
#include "engine/format.h"

enum {
	FIELDS_MAX = 1 << 24, /* of a message, that the probe looks at */
	NODES_MAX = 64,       /* of the graph */
	IR_VERSION_MAX = 255,
};

/* What the probe has seen of a model. */
struct signs {
	bool ir_version;
	bool opset;
	bool graph;     /* a message that can be a graph */
	bool cut;       /* a graph that goes on behind the end of the file */
	unsigned nodes; /* that look like nodes */
	bool odd;       /* a field that onnx.proto has and means otherwise */
};

static bool is_identifier(struct pk_span s)
{
	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
			return false;
	}
	return true;
}

/* A node has a type, and takes or gives something. */
static bool looks_like_node(struct pk_pb *r, const struct pk_pb_field *f)
{
	struct pk_pb_text op = { 0 }, in = { 0 }, out = { 0 };
	const struct pk_pb_pick picks[] = { { 4, &op },
					    { 1, &in },
					    { 2, &out } };

	pk_pb_pick(r, f, picks, sizeof(picks) / sizeof(picks[0]));
	return pk_cursor_ok(&r->c) && is_identifier(pk_pb_span(&op)) &&
	       (out.off || in.off);
}

static void look_at_graph(struct pk_pb *r, const struct pk_pb_field *f,
			  struct signs *seen)
{
	struct pk_pb_iter it = { f->off, f->off + f->len };
	struct pk_pb_field in;
	unsigned fields = 0, looked = 0;

	while (fields++ < FIELDS_MAX && looked < NODES_MAX &&
	       pk_pb_next(r, &it, &in)) {
		if (in.number != 1 || in.wire != PK_PB_LEN)
			continue;
		looked++;
		seen->nodes += looks_like_node(r, &in);
	}
	seen->graph |= pk_cursor_ok(&r->c);
}

static void look_at_opset(struct pk_pb *r, const struct pk_pb_field *f,
			  struct signs *seen)
{
	struct pk_pb_iter it = { f->off, f->off + f->len };
	struct pk_pb_field in;
	bool fine = f->len != 0;

	while (fine && pk_pb_next(r, &it, &in))
		fine = (in.number == 1 && in.wire == PK_PB_LEN) ||
		       (in.number == 2 && in.wire == PK_PB_VARINT);
	seen->opset |= fine && pk_cursor_ok(&r->c);
}

/* A model's fields in any order, with others between them; a file that was
 * cut short in its graph is still one. */
static void look_at_model(struct pk_pb *r, struct signs *seen)
{
	struct pk_pb_field f = pk_pb_whole(r);
	struct pk_pb_iter it = { 0, f.len };
	unsigned fields = 0;

	while (fields++ < FIELDS_MAX && pk_pb_next(r, &it, &f)) {
		if (f.number == 1 && f.wire == PK_PB_VARINT)
			seen->ir_version |= f.value <= IR_VERSION_MAX;
		else if (f.number == 7 && f.wire == PK_PB_LEN)
			look_at_graph(r, &f, seen);
		else if (f.number == 8 && f.wire == PK_PB_LEN)
			look_at_opset(r, &f, seen);
		else if (!pk_pb_find(&onnx_model, &f) &&
			 (f.number <= 8 || f.number == 14))
			seen->odd = true;
	}
	if (!pk_cursor_ok(&r->c))
		seen->cut = f.number == 7 && f.wire == PK_PB_LEN &&
			    r->c.fault == PK_FAULT_TRUNCATED;
}

static enum pk_match look(struct pk_source *src)
{
	struct pk_meter meter = { .ceiling = 4 * PK_WINDOW };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_pb r = pk_pb_open(src, &arena);
	struct signs seen = { 0 };
	bool whole;

	look_at_model(&r, &seen);
	whole = pk_cursor_ok(&r.c);
	pk_arena_release(&arena);
	if (whole && seen.graph && seen.nodes)
		return PK_MATCH_SURE;
	if (seen.odd)
		return PK_MATCH_NO;
	if (whole && seen.graph && seen.opset && seen.ir_version)
		return PK_MATCH_SURE;
	if (!whole && seen.ir_version && (seen.cut || seen.nodes))
		return PK_MATCH_LIKELY;
	return PK_MATCH_NO;
}

static enum pk_match onnx_probe(const struct pk_head *head)
{
	const enum pk_match binary = look(head->source);

	if (binary != PK_MATCH_NO)
		return binary;
	return pk_pb_text_begins(head->bytes, &onnx_model) ? PK_MATCH_LIKELY
							   : PK_MATCH_NO;
}

static struct pk_span head_of(struct pk_scan *s, uint8_t head[256])
{
	return (struct pk_span){ head, pk_source_read(s->bytes, 0, head, 256) };
}

static void onnx_scan(struct pk_scan *s)
{
	struct onnx *o = PK_NEW(&s->arena, struct onnx);
	uint8_t head[256];
	struct pk_pb_field all;

	if (!o) {
		pk_partial(s);
		return;
	}
	if (look(s->bytes) == PK_MATCH_NO &&
	    pk_pb_text_begins(head_of(s, head), &onnx_model)) {
		pk_pb_text_scan(s, &onnx_model);
		return;
	}
	o->last = &o->first;
	pk_pb_file_open(&o->file, s);
	all = pk_pb_whole(&o->file.r);
	pk_pb_walk(&o->file.r, &all, &onnx_model, o);
	onnx_judge_seen(o);
	pk_note_number(s, "nodes", o->nodes);
	pk_pb_file_close(&o->file, PK_RULE_ONNX_MALFORMED);
}

const struct pk_format pk_format_onnx = {
	.name = "onnx",
	.title = "ONNX model",
	.reads = "every node, function and tensor of all graphs; references "
		 "to other files",
	.risk = PK_RISK_PARSER,
	.rank = 40,
	.probe = onnx_probe,
	.scan = onnx_scan,
};
