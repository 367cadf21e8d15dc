/* SPDX-License-Identifier: Apache-2.0 */
/* Subgraphs of a TensorFlow Lite model: tensors, operators, and whether what
 * they refer to is there. */
#include "engine/note.h"
#include "formats/tflite_parts.h"

enum {
	OPTIONS_MAX = 16 << 20, /* bytes of an operator's options */
	SUBGRAPHS_MAX = 10000,
	NAME_MAX_SHOWN = 200,
};

/* Builtin operators that run other subgraphs, and the type of the options
 * table whose first two numbers name them. */
static const struct {
	int32_t code;
	unsigned callees;
} callers[] = {
	{ 118, 2 }, /* IF */
	{ 119, 2 }, /* WHILE */
	{ 129, 1 }, /* CALL_ONCE */
};

/* By the number of TensorType; bits 0: of no fixed size. */
static const struct {
	const char *name;
	unsigned bits;
} types[] = {
	{ "F32", 32 }, { "F16", 16 },     { "I32", 32 },    { "U8", 8 },
	{ "I64", 64 }, { "STRING", 0 },   { "BOOL", 8 },    { "I16", 16 },
	{ "C64", 64 }, { "I8", 8 },       { "F64", 64 },    { "C128", 128 },
	{ "U64", 64 }, { "RESOURCE", 0 }, { "VARIANT", 0 }, { "U32", 32 },
	{ "U16", 16 }, { "I4", 4 },       { "BF16", 16 },   { "I2", 2 },
	{ "U4", 4 },   { "F8_E4M3", 8 },  { "F8_E5M2", 8 },
};

/* One subgraph. */
struct graph {
	struct tflite *t;
	struct pk_fb_table at;
	struct pk_fb_vec tensors;
};

struct shape {
	struct pk_fb_vec dims;
	uint64_t items;
	bool huge;
};

static struct shape read_shape(struct graph *g,
			       const struct pk_fb_table *tensor)
{
	struct pk_fb *b = &g->t->b;
	struct shape s = { .dims = pk_fb_vector(b, tensor, 0, 4), .items = 1 };

	for (uint32_t i = 0; i < s.dims.n && pk_fb_ok(b); i++) {
		const int64_t dim = pk_fb_int_at(b, &s.dims, i);

		if (dim < -1)
			tflite_refuse(g->t, s.dims.at,
				      "a tensor has a dimension of %lld",
				      (long long)dim);
		s.huge |= __builtin_mul_overflow(
			s.items, dim < 0 ? 0 : (uint64_t)dim, &s.items);
	}
	return s;
}

/* Sparse data is packed by rules of its own. */
static void check_size(struct graph *g, const struct pk_fb_table *tensor,
		       const struct shape *shape, unsigned bits,
		       const struct tflite_data *data)
{
	uint64_t need;

	if (shape->huge ||
	    __builtin_mul_overflow(shape->items, (uint64_t)bits, &need)) {
		tflite_refuse(g->t, tensor->at,
			      "the size of a tensor does not fit 64 bits");
		return;
	}
	need = need / 8 + (need % 8 != 0);
	if (!data->len || !bits || pk_fb_has(&g->t->b, tensor, 6))
		return;
	if (data->len < need)
		tflite_refuse(g->t, tensor->at,
			      "a tensor needs %llu bytes, its buffer has %llu",
			      (unsigned long long)need,
			      (unsigned long long)data->len);
	else if (data->len > need && data->len - need >= 64)
		pk_report(g->t->s, PK_RULE_TFLITE_SLACK, data->off + need,
			  "a buffer has %llu bytes more than its tensor needs",
			  (unsigned long long)(data->len - need));
}

static void note(struct graph *g, const struct pk_fb_table *tensor,
		 const struct shape *shape, const char *type,
		 const struct tflite_data *data)
{
	struct pk_fb *b = &g->t->b;
	struct pk_tensor_note n = { .dtype = { (const uint8_t *)type,
					       strlen(type) },
				    .placed = data->len != 0,
				    .off = data->off,
				    .bytes = data->len };
	uint64_t dims[PK_NOTE_RANK_MAX];
	struct pk_fb_vec name;

	if (!g->t->s->job->wants_notes)
		return;
	name = pk_fb_text(b, tensor, 3);
	n.name = pk_fb_bytes(b, &name, NAME_MAX_SHOWN, &g->t->s->arena);
	n.shape = dims;
	for (; n.rank < shape->dims.n && n.rank < PK_NOTE_RANK_MAX; n.rank++) {
		const int64_t d = pk_fb_int_at(b, &shape->dims, n.rank);

		dims[n.rank] = d < 0 ? 0 : (uint64_t)d;
	}
	pk_note_tensor(g->t->s, &n);
}

static void read_tensor(struct graph *g, uint32_t i)
{
	struct pk_fb *b = &g->t->b;
	const struct pk_fb_table tensor = pk_fb_table_at(b, &g->tensors, i);
	const struct shape shape = read_shape(g, &tensor);
	const uint64_t type = pk_fb_uint(b, &tensor, 1, 1, 0);
	const uint64_t buffer = pk_fb_uint(b, &tensor, 2, 4, 0);
	const uint64_t apart = pk_fb_uint(b, &tensor, 10, 4, 0);
	const bool known = type < sizeof(types) / sizeof(types[0]);
	struct tflite_data data = { 0 };

	if (!tflite_buffer(g->t, buffer, &data) && buffer)
		tflite_refuse(g->t, tensor.at,
			      "a tensor names buffer %llu of %u",
			      (unsigned long long)buffer, g->t->buffers.n);
	if (apart && !g->t->external_buffers)
		tflite_refuse(g->t, tensor.at,
			      "a tensor names an external buffer, and there "
			      "are none");
	check_size(g, &tensor, &shape, known ? types[type].bits : 0, &data);
	note(g, &tensor, &shape, known ? types[type].name : "?", &data);
}

/* Indices of tensors; -1 stands for one that is left out. */
static void check_indices(struct graph *g, const struct pk_fb_table *t,
			  unsigned id)
{
	struct pk_fb *b = &g->t->b;
	const struct pk_fb_vec v = pk_fb_vector(b, t, id, 4);

	for (uint32_t i = 0; i < v.n && pk_fb_ok(b); i++) {
		const int64_t index = pk_fb_int_at(b, &v, i);

		if (index >= -1 && index < (int64_t)g->tensors.n)
			continue;
		tflite_refuse(g->t, v.at, "tensor %lld is named, of %u",
			      (long long)index, g->tensors.n);
		return;
	}
}

static void check_callees(struct graph *g, const struct pk_fb_table *op,
			  int32_t code)
{
	struct pk_fb *b = &g->t->b;

	for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
		struct pk_fb_table options;

		if (callers[i].code != code)
			continue;
		options = pk_fb_child(b, op, 4);
		for (unsigned k = 0; k < callers[i].callees; k++) {
			const int64_t to = pk_fb_int(b, &options, k, 4, 0);

			if (to < 0 || to >= (int64_t)g->t->subgraphs.n)
				tflite_refuse(g->t, op->at,
					      "an operator runs subgraph "
					      "%lld of %u",
					      (long long)to, g->t->subgraphs.n);
		}
	}
}

/* Options that do not fit the FlatBuffer lie behind it. */
static struct pk_span large_options(struct graph *g,
				    const struct pk_fb_table *op)
{
	struct pk_source *src = g->t->b.src;
	const uint64_t off = pk_fb_uint(&g->t->b, op, 9, 8, 0);
	const uint64_t len = pk_fb_uint(&g->t->b, op, 10, 8, 0);
	uint8_t *copy;

	if (off <= 1)
		return (struct pk_span){ 0 };
	if (off > src->size || len > src->size - off) {
		tflite_refuse(g->t, op->at,
			      "an operator's options lie outside of the file");
		return (struct pk_span){ 0 };
	}
	pk_claim(g->t->s, off, len);
	copy = len <= OPTIONS_MAX
		       ? pk_arena_alloc(&g->t->s->arena, (size_t)len + 1, 1)
		       : NULL;
	if (!copy || pk_source_read(src, off, copy, (size_t)len) < len)
		return (struct pk_span){ 0 };
	return (struct pk_span){ copy, (size_t)len };
}

static void read_custom(struct graph *g, const struct pk_fb_table *op,
			const struct tflite_opcode *code)
{
	const struct pk_fb_vec v = pk_fb_vector(&g->t->b, op, 5, 1);
	struct pk_span options = large_options(g, op);

	if (!pk_span_starts(code->custom, PK_LIT("Flex")))
		return;
	if (!options.len)
		options =
			pk_fb_bytes(&g->t->b, &v, OPTIONS_MAX, &g->t->s->arena);
	tflite_judge_flex(g->t, options, op->at);
}

static void read_operator(struct graph *g, const struct pk_fb_table *op)
{
	struct tflite *t = g->t;
	const uint64_t index = pk_fb_uint(&t->b, op, 0, 4, 0);

	check_indices(g, op, 1);
	check_indices(g, op, 2);
	check_indices(g, op, 8);
	if (!pk_fb_ok(&t->b))
		return;
	if (index >= t->opcode_count) {
		tflite_refuse(t, op->at, "operator code %llu is used, of %u",
			      (unsigned long long)index, t->opcode_count);
		return;
	}
	t->uses[index]++;
	check_callees(g, op, t->opcodes[index].code);
	if (t->opcodes[index].code == TFLITE_CUSTOM)
		read_custom(g, op, &t->opcodes[index]);
}

static void read_subgraph(struct tflite *t, uint32_t i)
{
	struct graph g = { .t = t };
	struct pk_fb_vec operators;

	g.at = pk_fb_table_at(&t->b, &t->subgraphs, i);
	g.tensors = pk_fb_vector(&t->b, &g.at, 0, 4);
	operators = pk_fb_vector(&t->b, &g.at, 3, 4);
	for (uint32_t k = 0; k < g.tensors.n && pk_fb_ok(&t->b); k++)
		read_tensor(&g, k);
	check_indices(&g, &g.at, 1);
	check_indices(&g, &g.at, 2);
	for (uint32_t k = 0; k < operators.n && pk_fb_ok(&t->b); k++) {
		const struct pk_fb_table op =
			pk_fb_table_at(&t->b, &operators, k);

		if (pk_out_of_budget(t->s))
			return;
		read_operator(&g, &op);
	}
}

void tflite_read_subgraphs(struct tflite *t)
{
	if (t->subgraphs.n > SUBGRAPHS_MAX)
		pk_fb_fail(&t->b, t->subgraphs.at, PK_FAULT_LIMIT);
	for (uint32_t i = 0; i < t->subgraphs.n && pk_fb_ok(&t->b); i++)
		read_subgraph(t, i);
}
