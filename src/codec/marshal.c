/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/marshal.h"

#include "core/cursor.h"

enum {
	FLAG_REF = 0x80,
	DEPTH_MAX = 200, /* marshal.c allows 2000; compilers nest less */
	LONGS_MAX = 6,
	PARTS_MAX = 12,
};

/* What a part of a code object is, in the order of its stream. */
enum part {
	BYTECODE,
	CONSTS,
	NAMES,
	LOCALS, /* tuples of names of variables */
	KINDS,  /* bytes */
	FILENAME,
	NAME,
	QUALNAME,
	LINE, /* a number, not a value */
	TABLE,
};

struct layout {
	const char *python;
	uint8_t longs; /* numbers before the parts */
	uint8_t n;
	uint8_t part[PARTS_MAX];
};

static const struct layout layouts[] = {
	{ "3.11 to 3.14",
	  5,
	  11,
	  { BYTECODE, CONSTS, NAMES, LOCALS, KINDS, FILENAME, NAME, QUALNAME,
	    LINE, TABLE, TABLE } },
	{ "3.8 to 3.10",
	  6,
	  10,
	  { BYTECODE, CONSTS, NAMES, LOCALS, LOCALS, LOCALS, FILENAME, NAME,
	    LINE, TABLE } },
	{ "3.0 to 3.7",
	  5,
	  10,
	  { BYTECODE, CONSTS, NAMES, LOCALS, LOCALS, LOCALS, FILENAME, NAME,
	    LINE, TABLE } },
	{ "2.3 to 2.7",
	  4,
	  10,
	  { BYTECODE, CONSTS, NAMES, LOCALS, LOCALS, LOCALS, FILENAME, NAME,
	    LINE, TABLE } },
};

enum { LAYOUTS = sizeof(layouts) / sizeof(layouts[0]) };

/* Values that later ones refer to by number. */
struct refs {
	struct pk_mvalue *v;
	size_t n, cap;
};

struct reader {
	struct pk_cursor c;
	struct pk_arena *a;
	const struct layout *layout;
	struct refs refs;     /* FLAG_REF, from Python 3.4 on */
	struct refs interned; /* 't' and 'R', of Python 2 */
	struct pk_code **tail;
	unsigned depth, code_depth;
};

static struct pk_mvalue value(struct reader *r);

/* Room for one more; the number of its place, or SIZE_MAX. */
static size_t keep(struct reader *r, struct refs *refs)
{
	struct pk_mvalue *more;

	if (refs->n == refs->cap) {
		const size_t cap = refs->cap ? refs->cap * 2 : 8;

		more = pk_arena_alloc(r->a, cap, sizeof(*more));
		if (!more) {
			pk_cursor_fail(&r->c, PK_FAULT_LIMIT);
			return SIZE_MAX;
		}
		if (refs->n)
			memcpy(more, refs->v, refs->n * sizeof(*more));
		refs->v = more;
		refs->cap = cap;
	}
	refs->v[refs->n] = (struct pk_mvalue){ 0 };
	return refs->n++;
}

static struct pk_mvalue refer(struct reader *r, const struct refs *refs)
{
	const uint32_t n = pk_get_u32le(&r->c);

	if (n < refs->n)
		return refs->v[n];
	pk_cursor_fail(&r->c, PK_FAULT_RANGE);
	return (struct pk_mvalue){ 0 };
}

static struct pk_mvalue string(struct reader *r, enum pk_mkind kind,
			       uint64_t len)
{
	return (struct pk_mvalue){ .kind = kind,
				   .text = pk_get_bytes(&r->c, len) };
}

/* A dict ends with a NULL for a key and does not say how long it is. */
static bool at_null(struct reader *r)
{
	if (!pk_cursor_ready(&r->c, 1) || *r->c.p != '0')
		return false;
	pk_skip(&r->c, 1);
	return true;
}

/* Grows with what is there, whatever the stream claims. */
static struct pk_mvalue sequence(struct reader *r, uint64_t n)
{
	struct refs items = { 0 };

	if (!pk_cursor_fits(&r->c, n, 1))
		return (struct pk_mvalue){ 0 };
	for (uint64_t i = 0; i < n && pk_cursor_ok(&r->c); i++) {
		const struct pk_mvalue v = value(r);
		const size_t at = keep(r, &items);

		if (at == SIZE_MAX)
			break;
		items.v[at] = v;
	}
	return (struct pk_mvalue){ .kind = PK_M_SEQUENCE,
				   .items = items.v,
				   .n = items.n };
}

static struct pk_mvalue dict(struct reader *r)
{
	struct refs items = { 0 };

	while (pk_cursor_ok(&r->c) && !at_null(r)) {
		for (unsigned i = 0; i < 2; i++) {
			const struct pk_mvalue v = value(r);
			const size_t at = keep(r, &items);

			if (at == SIZE_MAX)
				break;
			items.v[at] = v;
		}
	}
	return (struct pk_mvalue){ .kind = PK_M_SEQUENCE,
				   .items = items.v,
				   .n = items.n };
}

static void wants(struct reader *r, const struct pk_mvalue *v,
		  enum pk_mkind kind)
{
	if (v->kind != kind)
		pk_cursor_fail(&r->c, PK_FAULT_VALUE);
}

/* Python 2 has one kind of string for names and bytes. */
static void wants_text(struct reader *r, const struct pk_mvalue *v)
{
	if (v->kind != PK_M_BYTES)
		wants(r, v, PK_M_TEXT);
}

static void wants_names(struct reader *r, const struct pk_mvalue *v)
{
	wants(r, v, PK_M_SEQUENCE);
	for (size_t i = 0; i < v->n && pk_cursor_ok(&r->c); i++)
		wants_text(r, &v->items[i]);
}

static void read_part(struct reader *r, struct pk_code *code, enum part part)
{
	struct pk_mvalue v = { 0 };

	if (part == LINE) {
		code->line = pk_get_u32le(&r->c);
		return;
	}
	v = value(r);
	if (!pk_cursor_ok(&r->c))
		return;
	switch (part) {
	case BYTECODE:
		wants(r, &v, PK_M_BYTES);
		code->bytecode = v.text;
		break;
	case CONSTS:
		wants(r, &v, PK_M_SEQUENCE);
		code->consts = v;
		break;
	case NAMES:
		wants_names(r, &v);
		code->names = v;
		break;
	case LOCALS:
		wants_names(r, &v);
		if (!code->locals.n)
			code->locals = v;
		break;
	case FILENAME:
		wants_text(r, &v);
		code->file = v.text;
		break;
	case NAME:
		wants_text(r, &v);
		code->name = v.text;
		break;
	case QUALNAME:
		wants_text(r, &v);
		break;
	case LINE:
	case KINDS:
	case TABLE:
	default:
		wants(r, &v, PK_M_BYTES);
		break;
	}
}

static struct pk_mvalue code(struct reader *r)
{
	struct pk_code *code = PK_NEW(r->a, struct pk_code);

	if (!code) {
		pk_cursor_fail(&r->c, PK_FAULT_LIMIT);
		return (struct pk_mvalue){ 0 };
	}
	code->depth = r->code_depth++;
	*r->tail = code;
	r->tail = &code->next;
	pk_skip(&r->c, 4ULL * r->layout->longs);
	for (unsigned i = 0; i < r->layout->n && pk_cursor_ok(&r->c); i++)
		read_part(r, code, (enum part)r->layout->part[i]);
	r->code_depth--;
	return (struct pk_mvalue){ .kind = PK_M_CODE, .code = code };
}

static struct pk_mvalue interned(struct reader *r, struct pk_mvalue v)
{
	const size_t at = keep(r, &r->interned);

	if (at != SIZE_MAX)
		r->interned.v[at] = v;
	return v;
}

static void skip_float(struct reader *r, unsigned n)
{
	while (n--)
		pk_skip(&r->c, pk_get_u8(&r->c));
}

/* A long's digits are of 15 bits, in two bytes each; its sign is that of
 * their number. */
static void skip_long(struct reader *r)
{
	const int32_t n = (int32_t)pk_get_u32le(&r->c);

	pk_skip(&r->c, 2 * (n < 0 ? -(uint64_t)(int64_t)n : (uint64_t)n));
}

static struct pk_mvalue of_type(struct reader *r, uint8_t type)
{
	struct pk_mvalue v = { 0 };

	switch (type) {
	case 'N':
	case 'F':
	case 'T':
	case 'S':
	case '.':
		return v;
	case 'i':
		pk_skip(&r->c, 4);
		return v;
	case 'I':
	case 'g':
		pk_skip(&r->c, 8);
		return v;
	case 'y':
		pk_skip(&r->c, 16);
		return v;
	case 'f':
		skip_float(r, 1);
		return v;
	case 'x':
		skip_float(r, 2);
		return v;
	case 'l':
		skip_long(r);
		return v;
	case 's':
		return string(r, PK_M_BYTES, pk_get_u32le(&r->c));
	case 't':
		return interned(r, string(r, PK_M_TEXT, pk_get_u32le(&r->c)));
	case 'u':
	case 'a':
	case 'A':
		return string(r, PK_M_TEXT, pk_get_u32le(&r->c));
	case 'z':
	case 'Z':
		return string(r, PK_M_TEXT, pk_get_u8(&r->c));
	case ')':
		return sequence(r, pk_get_u8(&r->c));
	case '(':
	case '[':
	case '<':
	case '>':
		return sequence(r, pk_get_u32le(&r->c));
	case ':':
		return sequence(r, 3);
	case '{':
		return dict(r);
	case 'R':
		return refer(r, &r->interned);
	case 'r':
		return refer(r, &r->refs);
	case 'c':
		return code(r);
	default:
		pk_cursor_fail(&r->c, PK_FAULT_VALUE);
		return v;
	}
}

static struct pk_mvalue value(struct reader *r)
{
	struct pk_mvalue v = { 0 };
	size_t at = SIZE_MAX;
	uint8_t type;

	if (r->depth == DEPTH_MAX) {
		pk_cursor_fail(&r->c, PK_FAULT_LIMIT);
		return v;
	}
	r->depth++;
	type = pk_get_u8(&r->c);
	if (type & FLAG_REF)
		at = keep(r, &r->refs);
	v = of_type(r, type & (uint8_t)~FLAG_REF);
	if (at != SIZE_MAX)
		r->refs.v[at] = v;
	r->depth--;
	return v;
}

bool pk_marshal_read(struct pk_span bytes, struct pk_arena *a,
		     struct pk_marshal *ret)
{
	for (size_t i = 0; i < LAYOUTS; i++) {
		struct pk_marshal m = { .python = layouts[i].python };
		struct reader r = { .c = pk_cursor_over(bytes, 0),
				    .a = a,
				    .layout = &layouts[i],
				    .tail = &m.codes };

		m.value = value(&r);
		m.used = (size_t)r.c.off;
		if (pk_cursor_ok(&r.c)) {
			*ret = m;
			return true;
		}
	}
	return false;
}

bool pk_marshal_may_be_code(struct pk_span bytes)
{
	return bytes.len > 32 && (bytes.p[0] & (uint8_t)~FLAG_REF) == 'c';
}
