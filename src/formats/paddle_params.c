/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PaddlePaddle's combined parameters (.pdiparams, __params__): tensors one
 * after another, without names: version 0 (u32), levels of detail (u64, none),
 * version 0 (u32), length (u32) and TensorDesc { data_type = 1, dims = 2 },
 * data (paddle/fluid/framework/lod_tensor.cc).  Nothing but numbers.
 */
#include "codec/protobuf.h"
#include "engine/format.h"
#include "engine/note.h"

enum { DESC_MAX = 4096, DIMS_MAX = 16, TENSOR_MIN = 4 + 8 + 4 + 4 };

struct tensor {
	uint64_t type;
	uint64_t dims[DIMS_MAX];
	unsigned rank;
	uint64_t data;
	uint64_t bytes;
};

/* VarType.Type of framework.proto. */
static unsigned type_size(uint64_t type)
{
	static const uint8_t sizes[] = {
		[0] = 1,  [1] = 2,   [2] = 4,  [3] = 8,  [4] = 2,
		[5] = 4,  [6] = 8,   [20] = 1, [21] = 1, [22] = 2,
		[23] = 8, [24] = 16, [32] = 1, [33] = 1,
	};

	return type < sizeof(sizes) ? sizes[type] : 0;
}

static void read_desc(struct pk_pb *r, uint64_t len, struct tensor *t)
{
	struct pk_pb_iter it = { r->c.off, r->c.off + len };
	struct pk_pb_field f;

	t->type = UINT64_MAX;
	while (pk_pb_next(r, &it, &f)) {
		uint64_t at = 0, v;

		if (f.number == 1 && f.wire == PK_PB_VARINT)
			t->type = f.value;
		while (f.number == 2 && pk_pb_int(r, &f, &at, &v)) {
			if (t->rank == DIMS_MAX)
				pk_cursor_fail(&r->c, PK_FAULT_VALUE);
			else
				t->dims[t->rank++] = v;
		}
	}
	pk_seek(&r->c, it.end);
}

/* One tensor at the cursor, up to its data. */
static bool read_tensor(struct pk_pb *r, struct tensor *t)
{
	uint64_t len;

	*t = (struct tensor){ .rank = 0 };
	if (pk_get_u32le(&r->c) != 0 || pk_get_u64le(&r->c) != 0 ||
	    pk_get_u32le(&r->c) != 0)
		pk_cursor_fail(&r->c, PK_FAULT_VALUE);
	len = pk_get_u32le(&r->c);
	if (len == 0 || len > DESC_MAX || len > pk_cursor_left(&r->c))
		pk_cursor_fail(&r->c, PK_FAULT_VALUE);
	if (!pk_cursor_ok(&r->c))
		return false;
	read_desc(r, len, t);
	t->data = r->c.off;
	t->bytes = type_size(t->type);
	if (!t->bytes)
		pk_cursor_fail(&r->c, PK_FAULT_VALUE);
	for (unsigned i = 0; i < t->rank; i++) {
		if (__builtin_mul_overflow(t->bytes, t->dims[i], &t->bytes))
			pk_cursor_fail(&r->c, PK_FAULT_RANGE);
	}
	return pk_cursor_ok(&r->c);
}

static enum pk_match paddle_params_probe(const struct pk_head *head)
{
	struct pk_meter meter = { .ceiling = 4 * PK_WINDOW };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_pb r;
	struct tensor t;
	bool is;

	if (head->source->size < TENSOR_MIN)
		return PK_MATCH_NO;
	r = pk_pb_open(head->source, &arena);
	is = read_tensor(&r, &t) && t.rank;
	pk_arena_release(&arena);
	return is ? PK_MATCH_SURE : PK_MATCH_NO;
}

static void paddle_params_scan(struct pk_scan *s)
{
	struct pk_pb r = pk_pb_open(s->bytes, &s->arena);
	struct tensor t;

	while (pk_cursor_left(&r.c) && !pk_out_of_budget(s) &&
	       read_tensor(&r, &t)) {
		const struct pk_tensor_note note = { .shape = t.dims,
						     .rank = t.rank,
						     .placed = true,
						     .off = t.data,
						     .bytes = t.bytes };

		pk_skip(&r.c, t.bytes);
		pk_note_tensor(s, &note);
	}
	pk_claim(s, 0, r.c.off);
	pk_report_fault(s, PK_RULE_PADDLE_MALFORMED, &r.c, "a tensor");
	if (!pk_cursor_ok(&r.c) && s->depth == 0)
		s->job->facts |= PK_FACT_REFUSED;
}

const struct pk_format pk_format_paddle_params = {
	.name = "paddle-params",
	.title = "PaddlePaddle parameters",
	.reads = "every tensor's header and size",
	.risk = PK_RISK_DATA,
	.rank = 30,
	.probe = paddle_params_probe,
	.scan = paddle_params_scan,
};
