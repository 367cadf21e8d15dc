/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/safetensors_header.h"

#include <math.h>
#include <stdlib.h>

enum {
	DEPTH = 127,   /* serde_json gives up at 128 */
	ALIGNED = 8,   /* the reference writer pads N to that */
	RANK_FEW = 64, /* a longer shape is read, not kept */
};

void pk_st_fail(struct pk_st_reader *d, enum pk_st_error e, const char *why)
{
	if (d->st->error)
		return;
	d->st->error = e;
	d->st->error_at = d->r.off;
	d->st->error_why = why;
}

static void refuse(struct pk_st_reader *d, const char *why)
{
	pk_st_fail(d, PK_ST_INVALID_HEADER_DESERIALIZATION, why);
}

static void no_memory(struct pk_st_reader *d)
{
	pk_st_fail(d, PK_ST_OUT_OF_MEMORY, NULL);
}

static bool fine(const struct pk_st_reader *d)
{
	return d->st->error == PK_ST_FINE;
}

static void odd(struct pk_st_reader *d, enum pk_st_odd what,
		struct pk_span name, uint64_t at)
{
	if (d->visit->odd)
		d->visit->odd(d->visit->ctx, what, name, at);
}

static enum pk_jtoken next(struct pk_st_reader *d)
{
	const enum pk_jtoken t = pk_jread_next(&d->r);

	if (d->r.cut)
		odd(d, PK_ST_ODD_LONG_TEXT, (struct pk_span){ 0 }, d->r.off);
	return t;
}

static struct pk_span keep(struct pk_st_reader *d, struct pk_span s)
{
	s.p = (const uint8_t *)pk_arena_copy(d->a, s);
	if (!s.p) {
		no_memory(d);
		s.len = 0;
	}
	return s;
}

/* A value that the reference buffers and then ignores: numbers in it must
 * still fit a double. */
static void ignore(struct pk_st_reader *d)
{
	unsigned open = 0;

	do {
		const enum pk_jtoken t = next(d);

		if (t == PK_JT_OBJECT || t == PK_JT_ARRAY)
			open++;
		if (t == PK_JT_OBJECT_END || t == PK_JT_ARRAY_END)
			open--;
		if (t == PK_JT_NUMBER) {
			const char *s = pk_arena_copy(d->a, d->r.text);

			if (s && isinf(strtod(s, NULL)))
				refuse(d, "a number is out of range");
		}
		if (t == PK_JT_END)
			return;
	} while (open);
}

/* "F32", or {"F32": null} as serde takes it. */
static void take_dtype(struct pk_st_reader *d, struct pk_st_tensor *t)
{
	const bool form = d->r.token == PK_JT_OBJECT;

	if (form && next(d) != PK_JT_KEY) {
		refuse(d, "a dtype is an empty object");
		return;
	}
	if (!form && d->r.token != PK_JT_STRING) {
		refuse(d, "a dtype is no text");
		return;
	}
	t->dtype = pk_st_dtype(d->r.text);
	if (!t->dtype) {
		pk_st_fail(d, PK_ST_UNKNOWN_DTYPE, "the dtype is unknown");
		return;
	}
	if (!form)
		return;
	odd(d, PK_ST_ODD_ENTRY_FORM, t->name, t->at);
	if (next(d) == PK_JT_OBJECT) {
		if (next(d) != PK_JT_OBJECT_END)
			refuse(d, "a dtype has a value");
	} else if (d->r.token != PK_JT_NULL) {
		refuse(d, "a dtype has a value");
	}
	if (fine(d) && next(d) != PK_JT_OBJECT_END)
		refuse(d, "a dtype is two");
}

/* Whole numbers up to the bracket; keeps the first of them. */
static unsigned take_numbers(struct pk_st_reader *d, uint64_t *to, unsigned max)
{
	unsigned n = 0;
	uint64_t v;

	if (d->r.token != PK_JT_ARRAY) {
		refuse(d, "a shape or data_offsets is no list");
		return 0;
	}
	while (next(d) == PK_JT_NUMBER) {
		if (!pk_json_u64(d->r.text, &v)) {
			refuse(d, "a size or offset is no whole number");
			return n;
		}
		if (n < max)
			to[n] = v;
		n++;
	}
	if (d->r.token != PK_JT_ARRAY_END)
		refuse(d, "a shape or data_offsets holds what is no number");
	return n;
}

static void count_item(struct pk_st_tensor *t, uint64_t dim)
{
	t->overflow |= __builtin_mul_overflow(t->items, dim, &t->items);
	t->rank++;
}

/* Dimensions are multiplied from the left, and overflow even where a zero
 * follows, as in the reference. */
static void take_shape(struct pk_st_reader *d, struct pk_st_tensor *t)
{
	uint64_t few[RANK_FEW], *kept;
	uint64_t v;

	t->items = 1;
	t->rank = 0;
	if (d->r.token != PK_JT_ARRAY) {
		refuse(d, "a shape is no list");
		return;
	}
	while (next(d) == PK_JT_NUMBER) {
		if (!pk_json_u64(d->r.text, &v)) {
			refuse(d, "a size is no whole number");
			return;
		}
		if (t->rank < RANK_FEW)
			few[t->rank] = v;
		count_item(t, v);
	}
	if (d->r.token != PK_JT_ARRAY_END)
		refuse(d, "a shape holds what is no number");
	if (!fine(d) || !d->visit->keep_shapes || t->rank == 0 ||
	    t->rank > RANK_FEW)
		return;
	kept = pk_arena_alloc(d->a, t->rank, sizeof(*kept));
	if (kept)
		memcpy(kept, few, t->rank * sizeof(*kept));
	else
		no_memory(d);
	t->shape = kept;
}

static void take_offsets(struct pk_st_reader *d, struct pk_st_tensor *t)
{
	uint64_t v[2] = { 0 };

	if (take_numbers(d, v, 2) != 2)
		refuse(d, "data_offsets are not two");
	t->begin = v[0];
	t->end = v[1];
}

enum field { DTYPE, SHAPE, OFFSETS, FIELDS };

static void (*const take[FIELDS])(struct pk_st_reader *d,
				  struct pk_st_tensor *t) = {
	[DTYPE] = take_dtype,
	[SHAPE] = take_shape,
	[OFFSETS] = take_offsets,
};

static enum field field_of(struct pk_span name)
{
	static const struct pk_span names[FIELDS] = {
		[DTYPE] = PK_LIT_INIT("dtype"),
		[SHAPE] = PK_LIT_INIT("shape"),
		[OFFSETS] = PK_LIT_INIT("data_offsets"),
	};
	unsigned f = 0;

	while (f < FIELDS && !pk_span_eq(names[f], name))
		f++;
	return (enum field)f;
}

static void take_object(struct pk_st_reader *d, struct pk_st_tensor *t)
{
	bool had[FIELDS] = { false };

	while (fine(d) && next(d) == PK_JT_KEY) {
		const enum field f = field_of(d->r.text);

		if (f == FIELDS) {
			odd(d, PK_ST_ODD_EXTRA_FIELD, t->name, d->r.off);
			ignore(d);
			continue;
		}
		if (had[f])
			refuse(d, "a field stands twice");
		had[f] = true;
		(void)next(d);
		take[f](d, t);
	}
	if (fine(d) && pk_cursor_ok(d->r.c) &&
	    !(had[DTYPE] && had[SHAPE] && had[OFFSETS]))
		refuse(d, "dtype, shape or data_offsets is missing");
}

/* ["F32", [1], [0, 4]] is the same to serde. */
static void take_array(struct pk_st_reader *d, struct pk_st_tensor *t)
{
	odd(d, PK_ST_ODD_ENTRY_FORM, t->name, t->at);
	for (unsigned f = 0; f < FIELDS && fine(d); f++) {
		(void)next(d);
		take[f](d, t);
	}
	if (fine(d) && next(d) != PK_JT_ARRAY_END)
		refuse(d, "an entry has more than three parts");
}

static struct pk_st_tensor *new_tensor(struct pk_st_reader *d)
{
	struct pk_st_chunk *c = d->last;

	if (!c || c->n == PK_ST_CHUNK) {
		c = PK_NEW(d->a, struct pk_st_chunk);
		if (!c) {
			no_memory(d);
			return NULL;
		}
		*(d->last ? &d->last->next : &d->first) = c;
		d->last = c;
	}
	return &c->v[c->n++];
}

static void name_tensor(struct pk_st_reader *d, struct pk_st_tensor *t)
{
	bool fresh;
	void **place;

	t->name = keep(d, d->r.text);
	t->at = d->r.off;
	place = pk_strmap_put(&d->names, t->name, &fresh);
	if (!place) {
		no_memory(d);
		return;
	}
	if (!fresh) {
		odd(d, PK_ST_ODD_DUPLICATE_TENSOR, t->name, t->at);
		((struct pk_st_tensor *)*place)->replaced = true;
	}
	*place = t;
}

static void take_entry(struct pk_st_reader *d)
{
	struct pk_st_tensor *t = new_tensor(d);

	if (!t)
		return;
	name_tensor(d, t);
	d->st->error_name = t->name;
	(void)next(d);
	if (d->r.token == PK_JT_OBJECT)
		take_object(d, t);
	else if (d->r.token == PK_JT_ARRAY)
		take_array(d, t);
	else
		refuse(d, "an entry is no object");
	if (fine(d) && pk_cursor_ok(d->r.c))
		d->st->error_name = (struct pk_span){ 0 };
}

static void take_pair(struct pk_st_reader *d)
{
	const uint64_t at = d->r.off;
	const struct pk_span key = keep(d, d->r.text);
	bool fresh;

	if (!pk_strmap_put(&d->keys, key, &fresh)) {
		no_memory(d);
		return;
	}
	if (!fresh)
		odd(d, PK_ST_ODD_DUPLICATE_KEY, key, at);
	if (next(d) != PK_JT_STRING)
		refuse(d, "a value of __metadata__ is no text");
	else if (d->visit->metadata)
		d->visit->metadata(d->visit->ctx, key, d->r.text, d->r.off);
}

static void take_metadata(struct pk_st_reader *d)
{
	if (d->had_metadata)
		refuse(d, "__metadata__ stands twice");
	d->had_metadata = true;
	if (next(d) == PK_JT_NULL) {
		odd(d, PK_ST_ODD_NULL_METADATA, (struct pk_span){ 0 },
		    d->r.off);
		return;
	}
	if (d->r.token != PK_JT_OBJECT) {
		refuse(d, "__metadata__ is no object");
		return;
	}
	while (fine(d) && next(d) == PK_JT_KEY)
		take_pair(d);
}

/* What the writer puts behind the object: spaces, up to a multiple of 8. */
static void check_padding(struct pk_st_reader *d)
{
	struct pk_cursor *c = d->r.c;
	const uint64_t at = c->off;
	bool spaces = true;

	while (pk_cursor_left(c)) {
		const struct pk_span s = pk_peek(c);

		for (size_t i = 0; i < s.len; i++)
			spaces &= s.p[i] == ' ';
		if (!s.len)
			break;
		pk_skip(c, s.len);
	}
	if (!spaces || c->off - at >= ALIGNED)
		odd(d, PK_ST_ODD_PADDING, (struct pk_span){ 0 }, at);
	if (d->st->header % ALIGNED)
		odd(d, PK_ST_ODD_ALIGNMENT, (struct pk_span){ 0 }, 0);
}

static void take_end(struct pk_st_reader *d)
{
	struct pk_cursor end = *d->r.c;

	if (pk_jread_at_end(&d->r)) {
		*d->r.c = end;
		check_padding(d);
		return;
	}
	d->r.off = d->r.c->off;
	refuse(d, "other bytes follow the object");
}

static void take_header(struct pk_st_reader *d)
{
	if (pk_peek(d->r.c).len && pk_peek(d->r.c).p[0] != '{')
		odd(d, PK_ST_ODD_START, (struct pk_span){ 0 }, d->r.c->off);
	if (next(d) != PK_JT_OBJECT) {
		refuse(d, "the header is no object");
		return;
	}
	while (fine(d) && next(d) == PK_JT_KEY) {
		if (pk_span_eq(d->r.text, PK_LIT("__metadata__")))
			take_metadata(d);
		else
			take_entry(d);
	}
	if (fine(d) && pk_cursor_ok(d->r.c))
		take_end(d);
}

/* The reference looks at the bytes before it looks for JSON. */
static bool is_utf8(struct pk_source *src, uint64_t len, struct pk_arena *a)
{
	struct pk_cursor c = pk_cursor_open(src, 8, len, a);
	struct pk_utf8_check u = { 0 };

	for (;;) {
		const struct pk_span s = pk_peek(&c);

		if (!s.len)
			return u.need == 0;
		if (!pk_utf8_strict(&u, s))
			return false;
		pk_skip(&c, s.len);
	}
}

static void judge_fault(struct pk_st_reader *d)
{
	const struct pk_cursor *c = d->r.c;

	if (pk_cursor_ok(c))
		return;
	d->st->error = PK_ST_FINE;
	d->r.off = c->fault_off;
	if (d->a->meter->exceeded)
		no_memory(d);
	else if (c->fault == PK_FAULT_IO)
		pk_st_fail(d, PK_ST_UNREADABLE, NULL);
	else if (c->fault == PK_FAULT_LIMIT)
		refuse(d, "the header is nested too deeply");
	else
		refuse(d, "the header is no JSON");
}

void pk_st_read_header(struct pk_st_reader *d, struct pk_source *src)
{
	const struct pk_json_opts opts = { .flags = PK_JSON_STRICT,
					   .max_depth = DEPTH,
					   .max_text = PK_ST_TEXT_MAX };
	struct pk_cursor c = pk_cursor_open(src, 8, d->st->header, d->a);
	const enum pk_st_error *e = &d->st->error;

	pk_jread_open(&d->r, &c, d->a, &opts);
	take_header(d);
	judge_fault(d);
	if ((*e == PK_ST_INVALID_HEADER_DESERIALIZATION ||
	     *e == PK_ST_UNKNOWN_DTYPE) &&
	    !is_utf8(src, d->st->header, d->a))
		d->st->error = PK_ST_INVALID_HEADER;
}
