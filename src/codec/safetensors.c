/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/safetensors_header.h"

static const struct pk_st_dtype dtypes[] = {
	{ PK_LIT_INIT("F32"), 32, NULL },
	{ PK_LIT_INIT("F16"), 16, NULL },
	{ PK_LIT_INIT("BF16"), 16, NULL },
	{ PK_LIT_INIT("I64"), 64, NULL },
	{ PK_LIT_INIT("I32"), 32, NULL },
	{ PK_LIT_INIT("I16"), 16, NULL },
	{ PK_LIT_INIT("I8"), 8, NULL },
	{ PK_LIT_INIT("U8"), 8, NULL },
	{ PK_LIT_INIT("BOOL"), 8, NULL },
	{ PK_LIT_INIT("F64"), 64, NULL },
	{ PK_LIT_INIT("U64"), 64, NULL },
	{ PK_LIT_INIT("U32"), 32, NULL },
	{ PK_LIT_INIT("U16"), 16, NULL },
	{ PK_LIT_INIT("F8_E5M2"), 8, NULL },
	{ PK_LIT_INIT("F8_E4M3"), 8, NULL },
	{ PK_LIT_INIT("F8_E8M0"), 8, "0.6" },
	{ PK_LIT_INIT("F4"), 4, "0.6" },
	{ PK_LIT_INIT("F6_E2M3"), 6, "0.6" },
	{ PK_LIT_INIT("F6_E3M2"), 6, "0.6" },
	{ PK_LIT_INIT("C64"), 64, "0.7" },
	{ PK_LIT_INIT("F8_E4M3FNUZ"), 8, "0.8" },
	{ PK_LIT_INIT("F8_E5M2FNUZ"), 8, "0.8" },
};

const struct pk_st_dtype *pk_st_dtype(struct pk_span name)
{
	for (size_t i = 0; i < sizeof(dtypes) / sizeof(*dtypes); i++) {
		if (pk_span_eq(dtypes[i].name, name))
			return &dtypes[i];
	}
	return NULL;
}

const char *pk_st_error_name(enum pk_st_error e)
{
	static const char *const names[] = {
		[PK_ST_FINE] = "fine",
		[PK_ST_HEADER_TOO_SMALL] = "HeaderTooSmall",
		[PK_ST_HEADER_TOO_LARGE] = "HeaderTooLarge",
		[PK_ST_INVALID_HEADER_LENGTH] = "InvalidHeaderLength",
		[PK_ST_INVALID_HEADER] = "InvalidHeader",
		[PK_ST_INVALID_HEADER_DESERIALIZATION] =
			"InvalidHeaderDeserialization",
		[PK_ST_UNKNOWN_DTYPE] = "InvalidHeaderDeserialization",
		[PK_ST_INVALID_OFFSET_OVERLAP] = "InvalidOffset",
		[PK_ST_INVALID_OFFSET_HOLE] = "InvalidOffset",
		[PK_ST_INVALID_OFFSET_ORDER] = "InvalidOffset",
		[PK_ST_VALIDATION_OVERFLOW] = "ValidationOverflow",
		[PK_ST_MISALIGNED_SLICE] = "MisalignedSlice",
		[PK_ST_TENSOR_INVALID_INFO] = "TensorInvalidInfo",
		[PK_ST_INCOMPLETE_SHORT] = "MetadataIncompleteBuffer",
		[PK_ST_INCOMPLETE_LONG] = "MetadataIncompleteBuffer",
		[PK_ST_UNREADABLE] = "IoError",
		[PK_ST_OUT_OF_MEMORY] = "out of memory",
	};

	return names[e];
}

static int by_place(const void *a, const void *b)
{
	const struct pk_st_tensor *x = *(struct pk_st_tensor *const *)a;
	const struct pk_st_tensor *y = *(struct pk_st_tensor *const *)b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static void line_up(struct pk_st_reader *d)
{
	struct pk_st *st = d->st;
	bool sorted = true;

	st->v = pk_arena_alloc(d->a, d->names.n + 1,
			       sizeof(struct pk_st_tensor *));
	if (!st->v) {
		pk_st_fail(d, PK_ST_OUT_OF_MEMORY, NULL);
		return;
	}
	for (struct pk_st_chunk *c = d->first; c; c = c->next) {
		for (size_t i = 0; i < c->n; i++) {
			if (!c->v[i].replaced)
				st->v[st->n++] = &c->v[i];
		}
	}
	for (size_t i = 1; i < st->n && sorted; i++)
		sorted = by_place(&st->v[i - 1], &st->v[i]) < 0;
	if (!sorted)
		qsort(st->v, st->n, sizeof(struct pk_st_tensor *), by_place);
}

static enum pk_st_error check_place(const struct pk_st_tensor *t,
				    uint64_t start)
{
	if (t->end < t->begin)
		return PK_ST_INVALID_OFFSET_ORDER;
	if (t->begin < start)
		return PK_ST_INVALID_OFFSET_OVERLAP;
	return t->begin > start ? PK_ST_INVALID_OFFSET_HOLE : PK_ST_FINE;
}

static enum pk_st_error check_size(const struct pk_st_tensor *t)
{
	uint64_t bits;

	if (t->overflow ||
	    __builtin_mul_overflow(t->items, t->dtype->bits, &bits))
		return PK_ST_VALIDATION_OVERFLOW;
	if (bits % 8)
		return PK_ST_MISALIGNED_SLICE;
	return bits / 8 == t->end - t->begin ? PK_ST_FINE
					     : PK_ST_TENSOR_INVALID_INFO;
}

static void check_tensors(struct pk_st_reader *d, uint64_t size)
{
	struct pk_st *st = d->st;
	uint64_t start = 0, end;

	for (size_t i = 0; i < st->n; i++) {
		const struct pk_st_tensor *t = st->v[i];
		enum pk_st_error e = check_place(t, start);

		if (!e)
			e = check_size(t);
		if (e) {
			st->error_name = t->name;
			d->r.off = t->at;
			pk_st_fail(d, e, NULL);
			return;
		}
		start = t->end;
		if (start <= size - st->data)
			st->end = st->data + start;
	}
	d->r.off = st->end;
	if (__builtin_add_overflow(st->data, start, &end) || end > size)
		pk_st_fail(d, PK_ST_INCOMPLETE_SHORT, NULL);
	else if (end < size)
		pk_st_fail(d, PK_ST_INCOMPLETE_LONG, NULL);
}

/* The length is believed only within the file. */
static void take_length(struct pk_st_reader *d, struct pk_source *src)
{
	struct pk_cursor c = pk_cursor_open(src, 0, 8, d->a);
	struct pk_st *st = d->st;

	st->header = pk_get_u64le(&c);
	if (src->size < 8)
		pk_st_fail(d, PK_ST_HEADER_TOO_SMALL, NULL);
	else if (!pk_cursor_ok(&c))
		pk_st_fail(d, PK_ST_UNREADABLE, NULL);
	else if (st->header > PK_ST_HEADER_MAX)
		pk_st_fail(d, PK_ST_HEADER_TOO_LARGE, NULL);
	else if (st->header > src->size - 8)
		pk_st_fail(d, PK_ST_INVALID_HEADER_LENGTH, NULL);
	st->data = 8 + st->header;
}

void pk_st_read(struct pk_st *st, struct pk_source *src, struct pk_arena *a,
		const struct pk_st_visit *visit)
{
	struct pk_st_reader d = { .st = st,
				  .visit = visit,
				  .a = a,
				  .names = { .arena = a },
				  .keys = { .arena = a } };

	*st = (struct pk_st){ 0 };
	take_length(&d, src);
	if (st->error)
		return;
	st->end = 8;
	pk_st_read_header(&d, src);
	if (st->error)
		return;
	st->end = st->data;
	line_up(&d);
	if (!st->error)
		check_tensors(&d, src->size);
}
