/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TensorFlow Lite: a FlatBuffer (identifier "TFL3") of operator codes,
 * subgraphs and buffers; behind it weights beyond two gigabytes, and a zip of
 * associated files.  Samsung's ONE ("CIR0") has the same tables.
 * tensorflow/compiler/mlir/lite/schema/schema.fbs
 *
 * What can hurt: operators that need native code of the host; TensorFlow's
 * own operators (Flex) that open files; indices and offsets that lead out of
 * bounds in runtimes that do not check them.
 */
#include <stdarg.h>
#include <stdio.h>

#include "analyze/flat_claim.h"
#include "analyze/program.h"
#include "analyze/ref_path.h"
#include "engine/note.h"
#include "formats/tflite_parts.h"

enum {
	NAME_SHOWN = 120,
	VERSION = 3,
};

void tflite_refuse(struct tflite *t, uint64_t at, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	t->s->job->facts |= t->s->parent ? 0U : PK_FACT_REFUSED;
	pk_report(t->s, PK_RULE_TFLITE_MALFORMED, at, "%s", text);
}

/* Buffers that do not fit the FlatBuffer lie behind it; 0 and 1 in place of
 * an offset say that they do not. */
bool tflite_buffer(struct tflite *t, uint64_t index, struct tflite_data *ret)
{
	struct pk_fb_table buffer;
	struct pk_fb_vec v;

	if (index >= t->buffers.n)
		return false;
	buffer = pk_fb_table_at(&t->b, &t->buffers, (uint32_t)index);
	v = pk_fb_vector(&t->b, &buffer, 0, 1);
	*ret = (struct tflite_data){ .off = v.at, .len = v.n };
	if (v.n)
		return true;
	ret->off = pk_fb_uint(&t->b, &buffer, 1, 8, 0);
	if (ret->off > 1)
		ret->len = pk_fb_uint(&t->b, &buffer, 2, 8, 0);
	ret->apart = ret->len != 0;
	return true;
}

static void read_buffers(struct tflite *t)
{
	const uint64_t size = t->s->bytes->size;
	struct tflite_data d;

	for (uint32_t i = 0; i < t->buffers.n && pk_fb_ok(&t->b); i++) {
		if (!tflite_buffer(t, i, &d) || !d.len || !pk_fb_ok(&t->b))
			continue;
		if (d.off > size || d.len > size - d.off) {
			tflite_refuse(t, t->buffers.at,
				      "buffer %u lies outside of the file", i);
			continue;
		}
		if (d.apart)
			pk_claim(t->s, d.off, d.len);
		pk_check_stash(t->s, d.off, d.len, "a buffer");
	}
}

static void read_metadata(struct tflite *t, const struct pk_fb_table *model)
{
	const struct pk_fb_vec list = pk_fb_vector(&t->b, model, 6, 4);

	for (uint32_t i = 0; i < list.n && pk_fb_ok(&t->b); i++) {
		const struct pk_fb_table m = pk_fb_table_at(&t->b, &list, i);
		const struct pk_fb_vec name = pk_fb_text(&t->b, &m, 0);
		const uint64_t buffer = pk_fb_uint(&t->b, &m, 1, 4, 0);
		struct tflite_data d;

		if (!tflite_buffer(t, buffer, &d) && pk_fb_ok(&t->b))
			tflite_refuse(t, m.at,
				      "metadata name buffer %llu of %u",
				      (unsigned long long)buffer, t->buffers.n);
		else if (t->s->job->wants_notes)
			pk_note_text(t->s, "metadata",
				     pk_fb_bytes(&t->b, &name, NAME_SHOWN,
						 &t->s->arena));
	}
}

/* Files beside the model that hold its weights. */
static void read_external(struct tflite *t, const struct pk_fb_table *model)
{
	const struct pk_fb_vec groups = pk_fb_vector(&t->b, model, 8, 4);

	t->external_buffers = pk_fb_vector(&t->b, model, 9, 4).n;
	for (uint32_t i = 0; i < groups.n && pk_fb_ok(&t->b); i++) {
		const struct pk_fb_table g = pk_fb_table_at(&t->b, &groups, i);
		const struct pk_fb_vec v = pk_fb_text(&t->b, &g, 0);
		const struct pk_span name =
			pk_fb_bytes(&t->b, &v, 4096, &t->s->arena);
		const struct pk_path_flaw flaw = pk_path_flaw(name);
		const struct pk_ref ref = { .kind = PK_REF_DATA,
					    .path = name,
					    .at = v.at };

		if (flaw.what)
			pk_report_full(
				t->s,
				&(struct pk_report){
					.rule = PK_RULE_TFLITE_EXTERNAL_PATH,
					.severity = flaw.severity,
					.off = v.at },
				"weights are read from %s, which %s",
				pk_show(t->s, name, NAME_SHOWN), flaw.what);
		if (name.len && !flaw.outside)
			pk_refer(t->s, &ref);
	}
}

static void read_signatures(struct tflite *t, const struct pk_fb_table *model)
{
	const struct pk_fb_vec list = pk_fb_vector(&t->b, model, 7, 4);

	for (uint32_t i = 0; i < list.n && pk_fb_ok(&t->b); i++) {
		const struct pk_fb_table sig = pk_fb_table_at(&t->b, &list, i);
		const uint64_t to = pk_fb_uint(&t->b, &sig, 4, 4, 0);

		if (to >= t->subgraphs.n && pk_fb_ok(&t->b))
			tflite_refuse(t, sig.at,
				      "a signature runs subgraph %llu of %u",
				      (unsigned long long)to, t->subgraphs.n);
	}
}

static void note_model(struct tflite *t, const struct pk_fb_table *model)
{
	const struct pk_fb_vec v = pk_fb_text(&t->b, model, 3);

	if (!t->s->job->wants_notes)
		return;
	pk_note_text(t->s, "description",
		     pk_fb_bytes(&t->b, &v, 4096, &t->s->arena));
	pk_note_number(t->s, "version", pk_fb_uint(&t->b, model, 0, 4, 0));
	pk_note_number(t->s, "subgraphs", t->subgraphs.n);
	for (uint32_t i = 0; i < t->opcode_count; i++) {
		char key[40];

		(void)snprintf(key, sizeof(key), "operators.builtin.%d",
			       t->opcodes[i].code);
		if (t->opcodes[i].custom.len)
			pk_note_text(t->s, "operators.custom",
				     t->opcodes[i].custom);
		else
			pk_note_number(t->s, key, t->uses[i]);
	}
}

static void tflite_scan(struct pk_scan *s)
{
	struct tflite t = { .s = s };
	struct pk_fb_table model;

	pk_fb_open(&t.b, s->bytes, 0, s->bytes->size, &s->arena);
	model = pk_fb_root(&t.b);
	t.buffers = pk_fb_vector(&t.b, &model, 4, 4);
	t.subgraphs = pk_fb_vector(&t.b, &model, 2, 4);
	tflite_read_opcodes(&t, &model);
	read_buffers(&t);
	read_external(&t, &model);
	tflite_read_subgraphs(&t);
	read_metadata(&t, &model);
	read_signatures(&t, &model);
	note_model(&t, &model);
	pk_claim_flat(s, &t.b, s->bytes->size);
	pk_report_fault(s, PK_RULE_TFLITE_MALFORMED, &t.b.where,
			"the FlatBuffer");
}

/* Runtimes do not look at the identifier: a root table of this shape, with
 * the version, will do. */
static bool has_shape(struct pk_fb *b)
{
	const struct pk_fb_table model = pk_fb_root(b);
	const struct pk_fb_vec codes = pk_fb_vector(b, &model, 1, 4);
	const struct pk_fb_vec graphs = pk_fb_vector(b, &model, 2, 4);
	const struct pk_fb_vec buffers = pk_fb_vector(b, &model, 4, 4);
	struct pk_fb_table graph;

	if (!pk_fb_ok(b) || pk_fb_uint(b, &model, 0, 4, 0) != VERSION ||
	    !codes.n || !graphs.n || !buffers.n)
		return false;
	(void)pk_fb_table_at(b, &codes, 0);
	(void)pk_fb_table_at(b, &buffers, 0);
	graph = pk_fb_table_at(b, &graphs, 0);
	return pk_fb_vector(b, &graph, 0, 4).n && pk_fb_ok(b);
}

static bool is_nameless(const struct pk_head *head)
{
	struct pk_arena scratch = PK_ARENA(&head->scan->job->meter);
	struct pk_cursor c = pk_cursor_over(head->bytes, 0);
	const uint32_t root = pk_get_u32le(&c);
	struct pk_fb b;
	bool yes;

	if (head->scan->quiet || root < 8 || root >= head->source->size ||
	    head->bytes.len < 64)
		return false;
	pk_fb_open(&b, head->source, 0, head->source->size, &scratch);
	yes = has_shape(&b);
	pk_arena_release(&scratch);
	return yes;
}

static enum pk_match tflite_probe(const struct pk_head *head)
{
	static const struct pk_span ids[] = { PK_LIT_INIT("TFL3"),
					      PK_LIT_INIT("TFL2"),
					      PK_LIT_INIT("TFL1"),
					      PK_LIT_INIT("CIR0") };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (head->bytes.len >= 8 &&
		    memcmp(head->bytes.p + 4, ids[i].p, 4) == 0)
			return PK_MATCH_SURE;
	}
	return is_nameless(head) ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_tflite = {
	.name = "tflite",
	.title = "TensorFlow Lite model",
	.reads = "operators in all subgraphs, buffers, every offset, metadata",
	.risk = PK_RISK_PARSER,
	.rank = 30,
	.probe = tflite_probe,
	.scan = tflite_scan,
};
