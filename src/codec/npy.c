/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/npy.h"

enum {
	MAGIC = 6,
	VERSION_MAX = 3,
	DEPTH_MAX = 16,
	TEXT_MAX = PK_WINDOW, /* NumPy's own limit is 10,000 characters */
};

/* A Python literal, as far as such headers use it. */
struct literal {
	struct pk_span s;
	size_t i;
	bool bad;
	unsigned depth;
	bool objects;
};

static bool is_blank(uint8_t ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

static uint8_t peek(struct literal *l)
{
	while (l->i < l->s.len && is_blank(l->s.p[l->i]))
		l->i++;
	return l->i < l->s.len ? l->s.p[l->i] : 0;
}

static bool take(struct literal *l, uint8_t ch)
{
	if (peek(l) != ch)
		return false;
	l->i++;
	return true;
}

static void want(struct literal *l, uint8_t ch)
{
	if (!take(l, ch))
		l->bad = true;
}

/* A string without escapes; u'' and b'' as Python 2 wrote them. */
static struct pk_span take_string(struct literal *l)
{
	struct pk_span text = { 0 };
	uint8_t quote = peek(l);
	const uint8_t *end;

	if (quote == 'u' || quote == 'b') {
		l->i++;
		quote = peek(l);
	}
	if (quote != '\'' && quote != '"') {
		l->bad = true;
		return text;
	}
	text.p = l->s.p + ++l->i;
	end = memchr(text.p, quote, l->s.len - l->i);
	if (!end || memchr(text.p, '\\', (size_t)(end - text.p))) {
		l->bad = true;
		return (struct pk_span){ 0 };
	}
	text.len = (size_t)(end - text.p);
	l->i += text.len + 1;
	return text;
}

static uint64_t take_number(struct literal *l)
{
	uint64_t v = 0;
	bool some = false;

	for (peek(l); l->i < l->s.len; l->i++) {
		uint8_t ch = l->s.p[l->i];

		if (ch < '0' || ch > '9')
			break;
		some = true;
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(ch - '0'), &v))
			l->bad = true;
	}
	if (some && l->i < l->s.len && l->s.p[l->i] == 'L')
		l->i++; /* a long of Python 2 */
	l->bad |= !some;
	return v;
}

/* The array's own shape is kept, too. */
static void take_dims(struct literal *l, struct pk_npy *npy)
{
	npy->rank = 0;
	want(l, '(');
	while (!l->bad && peek(l) != ')') {
		const uint64_t n = take_number(l);

		if (npy->rank == PK_NPY_RANK_MAX) {
			l->bad = true;
			break;
		}
		npy->shape[npy->rank++] = n;
		if (!take(l, ','))
			break;
	}
	want(l, ')');
	npy->items = 1;
	for (uint32_t i = 0; i < npy->rank; i++) {
		if (__builtin_mul_overflow(npy->items, npy->shape[i],
					   &npy->items))
			l->bad = true;
	}
}

/* A shape: a tuple of numbers, or one number in a field; its product. */
static uint64_t take_shape(struct literal *l)
{
	uint64_t items = 1;

	if (peek(l) != '(')
		return take_number(l);
	want(l, '(');
	while (!l->bad && peek(l) != ')') {
		if (__builtin_mul_overflow(items, take_number(l), &items))
			l->bad = true;
		if (!take(l, ','))
			break;
	}
	want(l, ')');
	return items;
}

bool pk_npy_type_size(struct pk_span t, uint64_t *ret_size, bool *objects)
{
	uint64_t n = 0;
	uint8_t letter;

	if (t.len && memchr("<>=|", t.p[0], 4))
		t = (struct pk_span){ t.p + 1, t.len - 1 };
	if (!t.len || !memchr("?biufcmMOSaUV", t.p[0], 13))
		return false;
	letter = t.p[0];
	for (size_t i = 1; i < t.len && t.p[i] != '['; i++) {
		if (t.p[i] < '0' || t.p[i] > '9' || n > UINT32_MAX)
			return false;
		n = n * 10 + (uint64_t)(t.p[i] - '0');
	}
	*objects |= letter == 'O';
	if (letter == '?' && t.len == 1)
		n = 1;
	*ret_size = letter == 'U' ? 4 * n : n;
	return true;
}

static uint64_t take_descr(struct literal *l);

/* (name, descr[, shape]); the name may be a (title, name) pair. */
static uint64_t take_field(struct literal *l)
{
	uint64_t size;

	want(l, '(');
	if (take(l, '(')) {
		(void)take_string(l);
		want(l, ',');
		(void)take_string(l);
		want(l, ')');
	} else {
		(void)take_string(l);
	}
	want(l, ',');
	size = take_descr(l);
	if (take(l, ',') && peek(l) != ')' &&
	    __builtin_mul_overflow(size, take_shape(l), &size))
		l->bad = true;
	want(l, ')');
	return size;
}

static uint64_t take_fields(struct literal *l)
{
	uint64_t size = 0;

	want(l, '[');
	while (!l->bad && peek(l) != ']') {
		if (__builtin_add_overflow(size, take_field(l), &size))
			l->bad = true;
		if (!take(l, ','))
			break;
	}
	want(l, ']');
	return size;
}

/* A type string, a list of fields, or a (descr, shape) sub-array. */
static uint64_t take_descr(struct literal *l)
{
	uint64_t size = 0;

	if (l->bad || ++l->depth > DEPTH_MAX) {
		l->bad = true;
		return 0;
	}
	if (peek(l) == '[') {
		size = take_fields(l);
	} else if (take(l, '(')) {
		size = take_descr(l);
		want(l, ',');
		if (__builtin_mul_overflow(size, take_shape(l), &size))
			l->bad = true;
		want(l, ')');
	} else if (!pk_npy_type_size(take_string(l), &size, &l->objects)) {
		l->bad = true;
	}
	l->depth--;
	return size;
}

static bool take_bool(struct literal *l)
{
	static const struct pk_span words[] = { PK_LIT_INIT("True"),
						PK_LIT_INIT("False") };

	(void)peek(l);
	for (int i = 0; i < 2; i++) {
		const struct pk_span rest = { l->s.p + l->i, l->s.len - l->i };

		if (pk_span_starts(rest, words[i])) {
			l->i += words[i].len;
			return i == 0;
		}
	}
	l->bad = true;
	return false;
}

/* The type string stays known as text. */
static void keep_descr(struct literal l, struct pk_npy *npy)
{
	struct pk_span text = { 0 };

	if (peek(&l) != '[' && peek(&l) != '(')
		text = take_string(&l);
	if (l.bad || text.len > PK_NPY_DESCR_MAX)
		text.len = 0;
	if (text.len)
		memcpy(npy->descr, text.p, text.len);
	npy->descr[text.len] = '\0';
}

/* Python keeps the last of equal keys, and so does this. */
static void take_entry(struct literal *l, struct pk_npy *npy, unsigned *seen)
{
	const struct pk_span key = take_string(l);

	want(l, ':');
	if (pk_span_eq(key, PK_LIT("descr"))) {
		keep_descr(*l, npy);
		npy->item_size = take_descr(l);
		*seen |= 1;
	} else if (pk_span_eq(key, PK_LIT("fortran_order"))) {
		npy->fortran = take_bool(l);
		*seen |= 2;
	} else if (pk_span_eq(key, PK_LIT("shape"))) {
		take_dims(l, npy);
		*seen |= 4;
	} else {
		l->bad = true;
	}
}

static void read_dict(struct pk_npy *npy, struct pk_span text)
{
	struct literal l = { .s = text };
	unsigned seen = 0;

	want(&l, '{');
	while (!l.bad && peek(&l) != '}') {
		take_entry(&l, npy, &seen);
		if (!take(&l, ','))
			break;
	}
	want(&l, '}');
	npy->objects = l.objects;
	npy->understood =
		!l.bad && seen == 7 && peek(&l) == 0 && l.i == text.len;
}

bool pk_npy_is(struct pk_span head)
{
	return pk_span_starts(head, PK_LIT("\x93NUMPY"));
}

struct pk_npy pk_npy_read(struct pk_cursor *c)
{
	struct pk_npy npy = { 0 };
	uint8_t major, minor;
	uint64_t len;

	pk_skip(c, MAGIC);
	major = pk_get_u8(c);
	minor = pk_get_u8(c);
	len = major == 1 ? pk_get_u16le(c) : pk_get_u32le(c);
	if (major < 1 || major > VERSION_MAX || minor != 0)
		pk_cursor_fail(c, PK_FAULT_VALUE);
	npy.data = c->off + len;
	if (len > pk_cursor_left(c))
		pk_cursor_fail(c, PK_FAULT_TRUNCATED);
	else if (len <= TEXT_MAX)
		read_dict(&npy, pk_get_bytes(c, len));
	else
		pk_skip(c, len);
	return npy;
}
