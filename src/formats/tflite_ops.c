/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of a TensorFlow Lite model that are not its own. */
#include <ctype.h>

#include "analyze/tf_ops.h"
#include "codec/flexbuf.h"
#include "codec/protobuf.h"
#include "formats/tflite_parts.h"
#include "source/memory.h"

enum { SHOWN = 80, CODES_MAX = 100000, NODE_OP = 2 };

static const char *const known[] = {
#define PK_TFLITE_OP(name) name,
#include "formats/tflite_ops.def"
#undef PK_TFLITE_OP
};

/* Words of a name that say that an operator leaves the numbers. */
static const char *const telling[] = {
	"python", "py",         "pyfunc",  "shell",    "system",
	"exec",   "execute",    "eval",    "popen",    "spawn",
	"cmd",    "subprocess", "command", "download", "loadlibrary",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool matches(struct pk_span name, const char *pattern)
{
	const size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '*')
		return name.len >= n - 1 && memcmp(name.p, pattern, n - 1) == 0;
	return name.len == n && memcmp(name.p, pattern, n) == 0;
}

static bool is_in(struct pk_span name, const char *const *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (matches(name, table[i]))
			return true;
	}
	return false;
}

/* Where the word that begins at i ends: at a capital letter, or at what is no
 * letter. */
static size_t word_end(struct pk_span name, size_t i)
{
	const bool capitals = i + 1 < name.len && isupper(name.p[i + 1]);

	for (i++; i < name.len && isalpha(name.p[i]); i++) {
		if (!capitals && isupper(name.p[i]))
			break;
	}
	return i;
}

static bool is_telling(struct pk_span name)
{
	for (size_t i = 0; i < name.len;) {
		const size_t end = word_end(name, i);
		char word[16] = "";

		for (size_t k = i; k < end && k - i < sizeof(word) - 1; k++)
			word[k - i] = (char)tolower(name.p[k]);
		for (size_t k = 0; k < COUNT(telling); k++) {
			if (strcmp(word, telling[k]) == 0)
				return true;
		}
		i = end;
	}
	return false;
}

static bool is_plain(struct pk_span name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] < ' ' || name.p[i] > '~')
			return false;
	}
	return name.len && name.len < TFLITE_NAME_MAX;
}

/* Checkpoints and vocabularies, which are read by names that the host gives,
 * are what training on a device is made of. */
static bool leaves_model(const struct pk_tf_op *op)
{
	switch (op->reach) {
	case PK_TF_FILES:
	case PK_TF_INPUTS:
	case PK_TF_PYTHON:
	case PK_TF_NETWORK:
	case PK_TF_PROCESS:
	case PK_TF_GRAPH:
		return true;
	case PK_TF_SAVED:
	case PK_TF_DEBUG:
	case PK_TF_PRINT:
	case PK_TF_ENGINE:
		break;
	}
	return false;
}

static void judge_op(struct tflite *t, struct pk_span name, uint64_t at)
{
	const struct pk_tf_op *op = pk_tf_op(name);

	if (op && leaves_model(op))
		pk_report(t->s, PK_RULE_TFLITE_FLEX_OPERATOR, at,
			  "TensorFlow's operator %s runs with the model: it %s",
			  pk_show(t->s, name, SHOWN), op->what);
}

void tflite_judge_custom(struct tflite *t, struct pk_span name, uint64_t at)
{
	struct pk_report r = { .rule = PK_RULE_TFLITE_CUSTOM_OPERATOR,
			       .severity = PK_MEDIUM,
			       .off = at };

	if (pk_span_starts(name, PK_LIT("Flex"))) {
		judge_op(t, (struct pk_span){ name.p + 4, name.len - 4 }, at);
		return;
	}
	if (is_in(name, known, COUNT(known)))
		return;
	if (!is_plain(name) || is_telling(name))
		r.severity = PK_HIGH;
	r.evidence = pk_show(t->s, name, SHOWN);
	pk_report_full(t->s, &r,
		       "the operator %s is neither TensorFlow Lite's nor of a "
		       "known runtime: the program that runs the model must "
		       "bring native code for it",
		       r.evidence);
}

/* The serialized NodeDef's op; the last one counts. */
static struct pk_span node_op(struct tflite *t, struct pk_span node)
{
	struct pk_source *src = pk_memory_borrow(node);
	struct pk_span op = { 0 };

	if (src) {
		struct pk_pb r = pk_pb_open(src, &t->s->arena);
		struct pk_pb_iter it = { 0, node.len };
		struct pk_pb_field f;

		while (pk_pb_next(&r, &it, &f)) {
			if (f.number == NODE_OP && f.wire == PK_PB_LEN)
				op = (struct pk_span){ node.p + f.off,
						       (size_t)f.len };
		}
	}
	pk_source_free(src);
	return op;
}

void tflite_judge_flex(struct tflite *t, struct pk_span options, uint64_t at)
{
	struct pk_span name, node;

	/* Whatever the operator is called, the delegate runs what the node
	 * names. */
	if (pk_flex_text(options, 0, &name))
		judge_op(t, name, at);
	if (pk_flex_text(options, 1, &node))
		judge_op(t, node_op(t, node), at);
}

static bool same_as_before(const struct tflite *t, uint32_t i)
{
	enum { LOOK_BACK = 64 };
	const uint32_t from = i > LOOK_BACK ? i - LOOK_BACK : 0;

	for (uint32_t k = from; k < i; k++) {
		if (pk_span_eq(t->opcodes[k].custom, t->opcodes[i].custom))
			return true;
	}
	return false;
}

/* schema_utils.cc: old files have the code in a byte, new ones in both. */
static void read_opcode(struct tflite *t, const struct pk_fb_table *code,
			uint32_t i)
{
	const int64_t byte = pk_fb_int(&t->b, code, 0, 1, 0);
	const int64_t wide = pk_fb_int(&t->b, code, 3, 4, 0);
	const struct pk_fb_vec name = pk_fb_text(&t->b, code, 1);
	struct tflite_opcode *o = &t->opcodes[i];

	o->code = (int32_t)(byte > wide ? byte : wide);
	o->custom = pk_fb_bytes(&t->b, &name, TFLITE_NAME_MAX, &t->s->arena);
	if (o->code == TFLITE_CUSTOM && !o->custom.len)
		tflite_refuse(t, code->at, "a custom operator has no name");
	else if (o->custom.len && !same_as_before(t, i))
		tflite_judge_custom(t, o->custom, code->at);
}

void tflite_read_opcodes(struct tflite *t, const struct pk_fb_table *model)
{
	const struct pk_fb_vec codes = pk_fb_vector(&t->b, model, 1, 4);

	if (codes.n > CODES_MAX) {
		pk_fb_fail(&t->b, codes.at, PK_FAULT_LIMIT);
		return;
	}
	t->opcodes =
		pk_arena_alloc(&t->s->arena, codes.n + 1U, sizeof(*t->opcodes));
	t->uses = pk_arena_alloc(&t->s->arena, codes.n + 1U, sizeof(*t->uses));
	if (!t->opcodes || !t->uses)
		return;
	for (uint32_t i = 0; i < codes.n && pk_fb_ok(&t->b); i++) {
		const struct pk_fb_table code =
			pk_fb_table_at(&t->b, &codes, i);

		read_opcode(t, &code, i);
		t->opcode_count = i + 1;
	}
}
