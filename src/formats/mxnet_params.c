/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MXNet parameters (-0000.params, also TVM's and GluonCV's): 0x112 (u64),
 * reserved (u64), number of arrays (u64), arrays, number of names (u64),
 * names (src/ndarray/ndarray.cc).  Nothing but numbers.
 *
 * An array: a magic that is its version, [storage type,] shape, context (two
 * i32), type (i32), data; the oldest has its rank where others have the magic.
 */
#include "engine/format.h"
#include "engine/note.h"

enum {
	RANK_MAX = 32,
	ARRAY_MIN = 4,
};

struct array {
	uint64_t dims[RANK_MAX];
	uint32_t rank;
	uint64_t data;
	uint64_t bytes;
	int32_t type;
};

static unsigned type_size(int32_t type)
{
	static const uint8_t sizes[] = {
		[0] = 4, [1] = 8, [2] = 2, [3] = 1,  [4] = 4,  [5] = 1, [6] = 8,
		[7] = 1, [8] = 2, [9] = 2, [10] = 4, [11] = 8, [12] = 2
	};

	return type >= 0 && (size_t)type < sizeof(sizes) ? sizes[type] : 0;
}

/* Dimensions of 8 bytes, of 4 in the oldest arrays. */
static void read_dims(struct pk_cursor *c, uint32_t rank, bool wide,
		      struct array *a)
{
	if (rank > RANK_MAX) {
		pk_cursor_fail(c, PK_FAULT_VALUE);
		return;
	}
	a->rank = rank;
	for (uint32_t i = 0; i < rank && pk_cursor_ok(c); i++)
		a->dims[i] = wide ? pk_get_u64le(c) : pk_get_u32le(c);
}

/* False for storage that is not dense, whose layout is not read. */
static bool read_shape(struct pk_cursor *c, struct array *a)
{
	const uint32_t magic = pk_get_u32le(c);

	if (magic == 0xf993faca || magic == 0xf993fac9) {
		if (pk_get_u32le(c) != 0)
			return false;
		read_dims(c, pk_get_u32le(c), true, a);
	} else if (magic == 0xf993fac8) {
		read_dims(c, pk_get_u32le(c), true, a);
	} else {
		read_dims(c, magic, false, a);
	}
	return true;
}

static bool read_array(struct pk_cursor *c, struct array *a)
{
	*a = (struct array){ .rank = 0 };
	if (!read_shape(c, a))
		return false;
	if (a->rank == 0)
		return pk_cursor_ok(c); /* an empty one has no more */
	pk_skip(c, 8);
	a->type = (int32_t)pk_get_u32le(c);
	a->data = c->off;
	a->bytes = type_size(a->type);
	if (a->bytes == 0)
		pk_cursor_fail(c, PK_FAULT_VALUE);
	for (uint32_t i = 0; i < a->rank; i++) {
		if (__builtin_mul_overflow(a->bytes, a->dims[i], &a->bytes))
			pk_cursor_fail(c, PK_FAULT_RANGE);
	}
	pk_skip(c, a->bytes);
	return pk_cursor_ok(c);
}

static void read_names(struct pk_cursor *c)
{
	const uint64_t names = pk_get_u64le(c);

	if (!pk_cursor_fits(c, names, 8))
		return;
	for (uint64_t i = 0; i < names && pk_cursor_ok(c); i++)
		(void)pk_get_bytes_u64le(c);
}

static void tell(struct pk_scan *s, const struct array *a)
{
	const struct pk_tensor_note note = { .shape = a->dims,
					     .rank = a->rank,
					     .placed = true,
					     .off = a->data,
					     .bytes = a->bytes };

	pk_note_tensor(s, &note);
}

/* Whether all of them are dense. */
static bool read_arrays(struct pk_scan *s, struct pk_cursor *c)
{
	const uint64_t arrays = pk_get_u64le(c);
	struct array a;

	if (!pk_cursor_fits(c, arrays, ARRAY_MIN))
		return true;
	for (uint64_t i = 0; i < arrays && pk_cursor_ok(c); i++) {
		if (pk_out_of_budget(s))
			return true;
		if (!read_array(c, &a))
			return !pk_cursor_ok(c);
		tell(s, &a);
	}
	return true;
}

static void mxnet_params_scan(struct pk_scan *s)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	bool dense;

	pk_skip(&c, 16);
	dense = read_arrays(s, &c);
	if (dense)
		read_names(&c);
	else
		pk_report(s, PK_RULE_MXNET_MALFORMED, c.off,
			  "a sparse array, whose layout is not read");
	pk_claim(s, 0, dense ? c.off : s->bytes->size);
	pk_report_fault(s, PK_RULE_MXNET_MALFORMED, &c, "the parameters");
	if (!pk_cursor_ok(&c) && s->depth == 0)
		s->job->facts |= PK_FACT_REFUSED;
}

static enum pk_match mxnet_params_probe(const struct pk_head *head)
{
	struct pk_cursor c = pk_cursor_over(head->bytes, 0);
	const bool magic = pk_get_u64le(&c) == 0x112 && pk_get_u64le(&c) == 0;
	const uint64_t arrays = pk_get_u64le(&c);

	return magic && pk_cursor_ok(&c) &&
			       arrays <= head->source->size / ARRAY_MIN
		       ? PK_MATCH_SURE
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_mxnet_params = {
	.name = "mxnet-params",
	.title = "MXNet parameters",
	.reads = "every array's header and size",
	.risk = PK_RISK_DATA,
	.rank = 30,
	.probe = mxnet_params_probe,
	.scan = mxnet_params_scan,
};
