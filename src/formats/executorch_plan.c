/* SPDX-License-Identifier: Apache-2.0 */
/* One method of an ExecuTorch program. */
#include "engine/note.h"
#include "formats/executorch_parts.h"

enum {
	SHOWN = 100,
	NAME_MAX = 512,
	RANK_MAX = 16,
	VALUE_TENSOR = 5,
	KERNEL_CALL = 1,
	DELEGATE_CALL = 2,
	MOVE_CALL = 3,
	JUMP_FALSE_CALL = 4,
	FREE_CALL = 5,
	IN_SEGMENT = 1, /* where a delegate's data is */
};

static const char *const types[] = { "U8",  "I8",  "I16",  "I32", "I64", "F16",
				     "F32", "F64", "?",    "?",   "?",   "BOOL",
				     "QI8", "QU8", "QI32", "BF16" };

/* What a method consists of. */
struct plan {
	struct et *e;
	struct pk_fb_vec values, operators, delegates;
};

static struct pk_span text_of(struct et *e, const struct pk_fb_table *t,
			      unsigned id)
{
	const struct pk_fb_vec v = pk_fb_text(&e->b, t, id);

	return pk_fb_bytes(&e->b, &v, NAME_MAX, &e->s->arena);
}

/* Each dimension has its place, once. */
static bool is_permutation(struct et *e, const struct pk_fb_vec *order)
{
	uint32_t seen = 0;

	for (uint32_t i = 0; i < order->n; i++) {
		const uint64_t at = pk_fb_uint_at(&e->b, order, i);

		if (at >= order->n || seen & 1U << at)
			return false;
		seen |= 1U << at;
	}
	return true;
}

static void note_tensor(struct et *e, const struct pk_fb_vec *sizes,
			uint64_t type)
{
	struct pk_tensor_note n = { 0 };
	uint64_t dims[RANK_MAX];
	const char *name =
		type < sizeof(types) / sizeof(types[0]) ? types[type] : "?";

	n.dtype = (struct pk_span){ (const uint8_t *)name, strlen(name) };
	n.shape = dims;
	for (; n.rank < sizes->n && n.rank < RANK_MAX; n.rank++)
		dims[n.rank] = pk_fb_uint_at(&e->b, sizes, n.rank);
	pk_note_tensor(e->s, &n);
}

static void read_tensor(struct et *e, const struct pk_fb_table *tensor)
{
	const struct pk_fb_vec sizes = pk_fb_vector(&e->b, tensor, 2, 4);
	const struct pk_fb_vec order = pk_fb_vector(&e->b, tensor, 3, 1);
	const uint64_t buffer = pk_fb_uint(&e->b, tensor, 5, 4, 0);
	uint64_t items = 8; /* the widest type */
	bool wrong = sizes.n > RANK_MAX || order.n > RANK_MAX;

	for (uint32_t i = 0; i < sizes.n && !wrong && pk_fb_ok(&e->b); i++) {
		const int64_t dim = pk_fb_int_at(&e->b, &sizes, i);

		wrong = dim < 0 ||
			__builtin_mul_overflow(items, (uint64_t)dim, &items);
	}
	wrong |= order.n && (order.n != sizes.n || !is_permutation(e, &order));
	if (!pk_fb_ok(&e->b))
		return;
	if (wrong)
		et_refuse(e, tensor->at,
			  "a tensor's sizes are none, or their order is");
	if (buffer && e->constants && buffer >= e->constants)
		et_refuse(e, tensor->at, "a tensor's data is in no buffer");
	if (e->s->job->wants_notes && !wrong)
		note_tensor(e, &sizes, pk_fb_uint(&e->b, tensor, 0, 1, 0));
}

static void read_values(struct plan *p)
{
	struct pk_fb *b = &p->e->b;

	for (uint32_t i = 0; i < p->values.n && pk_fb_ok(b); i++) {
		const struct pk_fb_table v = pk_fb_table_at(b, &p->values, i);
		struct pk_fb_table tensor;

		if (pk_out_of_budget(p->e->s))
			return;
		if (pk_fb_uint(b, &v, 0, 1, 0) != VALUE_TENSOR)
			continue;
		tensor = pk_fb_child(b, &v, 1);
		read_tensor(p->e, &tensor);
	}
}

/* Whether all of a list are numbers of values. */
static void check_values(struct plan *p, const struct pk_fb_table *t,
			 unsigned id)
{
	struct pk_fb *b = &p->e->b;
	const struct pk_fb_vec v = pk_fb_vector(b, t, id, 4);

	for (uint32_t i = 0; i < v.n && pk_fb_ok(b); i++) {
		const uint64_t at = pk_fb_uint_at(b, &v, i);

		if (at < p->values.n || !pk_fb_ok(b))
			continue;
		et_refuse(p->e, v.at, "a value is used that does not exist");
		return;
	}
}

static void check_index(struct plan *p, const struct pk_fb_table *t,
			unsigned id, uint32_t n)
{
	if (pk_fb_uint(&p->e->b, t, id, 4, 0) >= n && pk_fb_ok(&p->e->b))
		et_refuse(p->e, t->at,
			  "an instruction leads to what does not exist");
}

static void read_instruction(struct plan *p, const struct pk_fb_table *t,
			     uint32_t instructions)
{
	const uint64_t type = pk_fb_uint(&p->e->b, t, 0, 1, 0);
	const struct pk_fb_table args = pk_fb_child(&p->e->b, t, 1);

	switch (type) {
	case KERNEL_CALL:
		check_index(p, &args, 0, p->operators.n);
		check_values(p, &args, 1);
		break;
	case DELEGATE_CALL:
		check_index(p, &args, 0, p->delegates.n);
		check_values(p, &args, 1);
		break;
	case MOVE_CALL:
		check_index(p, &args, 0, p->values.n);
		check_index(p, &args, 1, p->values.n);
		break;
	case JUMP_FALSE_CALL:
		check_index(p, &args, 0, p->values.n);
		check_index(p, &args, 1, instructions + 1);
		break;
	case FREE_CALL:
		check_index(p, &args, 0, p->values.n);
		break;
	default:
		if (pk_fb_ok(&p->e->b))
			et_refuse(p->e, t->at, "an unknown instruction");
	}
}

static void read_chains(struct plan *p, const struct pk_fb_table *plan)
{
	struct pk_fb *b = &p->e->b;
	const struct pk_fb_vec chains = pk_fb_vector(b, plan, 5, 4);

	for (uint32_t i = 0; i < chains.n && pk_fb_ok(b); i++) {
		const struct pk_fb_table chain = pk_fb_table_at(b, &chains, i);
		const struct pk_fb_vec list = pk_fb_vector(b, &chain, 2, 4);

		check_values(p, &chain, 0);
		check_values(p, &chain, 1);
		for (uint32_t k = 0; k < list.n && pk_fb_ok(b); k++) {
			const struct pk_fb_table t =
				pk_fb_table_at(b, &list, k);

			if (pk_out_of_budget(p->e->s))
				return;
			read_instruction(p, &t, list.n);
		}
	}
}

/* Namespaces of operators that ExecuTorch and its backends register. */
static bool is_known(struct pk_span op)
{
	static const char *const spaces[] = {
		"aten::",
		"dim_order_ops::",
		"executorch_prim::",
		"quantized_decomposed::",
		"quantized::",
		"llama::",
		"torchao::",
		"et_vk::",
		"cadence::",
		"cortex_m::",
		"sym::",
		"edge::",
		"executorch::",
		"torchvision::",
		"xnnpack::",
		"dim_order::",
		"prim::",
		"torch::",
		"mps::",
		"coreml::",
		"et_copy::",
		"bolt::",
		"triton::",
	};

	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		const size_t n = strlen(spaces[i]);

		if (op.len > n && memcmp(op.p, spaces[i], n) == 0)
			return true;
	}
	return op.len == 0;
}

static void read_operators(struct plan *p)
{
	struct pk_fb *b = &p->e->b;

	for (uint32_t i = 0; i < p->operators.n && pk_fb_ok(b); i++) {
		const struct pk_fb_table t =
			pk_fb_table_at(b, &p->operators, i);
		const struct pk_span name = text_of(p->e, &t, 0);

		pk_note_text(p->e->s, "operators", name);
		if (!is_known(name))
			pk_report(p->e->s, PK_RULE_EXECUTORCH_CUSTOM_OPERATOR,
				  t.at,
				  "the operator %s needs native code "
				  "that the host must bring",
				  pk_show(p->e->s, name, SHOWN));
	}
}

static void read_delegates(struct plan *p)
{
	struct pk_fb *b = &p->e->b;

	for (uint32_t i = 0; i < p->delegates.n && pk_fb_ok(b); i++) {
		const struct pk_fb_table t =
			pk_fb_table_at(b, &p->delegates, i);
		const struct pk_fb_table data = pk_fb_child(b, &t, 1);
		const uint64_t where = pk_fb_uint(b, &data, 0, 1, 0);
		const uint32_t n =
			where == IN_SEGMENT ? p->e->segments : p->e->inlined;

		pk_note_text(p->e->s, "delegates", text_of(p->e, &t, 0));
		if (data.at && pk_fb_uint(b, &data, 1, 4, 0) >= n &&
		    pk_fb_ok(b))
			et_refuse(p->e, t.at,
				  "a delegate's data does not exist");
	}
}

void et_read_plan(struct et *e, const struct pk_fb_table *plan)
{
	struct plan p = { .e = e };
	const struct pk_fb_vec sizes = pk_fb_vector(&e->b, plan, 8, 8);

	p.values = pk_fb_vector(&e->b, plan, 2, 4);
	p.operators = pk_fb_vector(&e->b, plan, 6, 4);
	p.delegates = pk_fb_vector(&e->b, plan, 7, 4);
	pk_note_text(e->s, "method", text_of(e, plan, 0));
	read_values(&p);
	check_values(&p, plan, 3);
	check_values(&p, plan, 4);
	read_chains(&p, plan);
	read_operators(&p);
	read_delegates(&p);
	for (uint32_t i = 0; i < sizes.n && pk_fb_ok(&e->b); i++) {
		if (pk_fb_int_at(&e->b, &sizes, i) < 0)
			et_refuse(e, sizes.at, "memory of a negative size");
	}
}
