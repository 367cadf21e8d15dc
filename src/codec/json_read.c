/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_read.h"

/* What may stand next; several at once. */
enum {
	WANT_VALUE = 1 << 0,
	WANT_KEY = 1 << 1,
	WANT_CLOSE = 1 << 2,
	WANT_ODD_CLOSE = 1 << 3, /* behind a comma */
	WANT_COMMA = 1 << 4,
	WANT_COLON = 1 << 5,
};

static void bad(struct pk_jreader *r)
{
	pk_cursor_fail(r->c, pk_cursor_left(r->c) ? PK_FAULT_VALUE
						  : PK_FAULT_TRUNCATED);
}

static void odd(struct pk_jreader *r, enum pk_json_odd what)
{
	r->odd |= what;
	if (r->opts.flags & PK_JSON_STRICT)
		pk_cursor_fail(r->c, PK_FAULT_VALUE);
}

static bool strict(const struct pk_jreader *r)
{
	return r->opts.flags & PK_JSON_STRICT;
}

void pk_jread_open(struct pk_jreader *r, struct pk_cursor *c,
		   struct pk_arena *a, const struct pk_json_opts *opts)
{
	*r = (struct pk_jreader){ .c = c, .arena = a, .want = WANT_VALUE };
	if (opts)
		r->opts = *opts;
	if (r->opts.max_depth == 0 || r->opts.max_depth > PK_JSON_DEPTH_MAX)
		r->opts.max_depth = PK_JSON_DEPTH_MAX;
	if (r->opts.max_text == 0)
		r->opts.max_text = PK_JSON_TEXT_MAX;
	if (pk_cursor_ready(c, 3) &&
	    pk_span_starts(pk_peek(c), PK_LIT("\xef\xbb\xbf"))) {
		odd(r, PK_JSON_ODD_BOM);
		pk_skip(c, 3);
	}
}

/* Blanks and comments. */

static bool is_blank(uint8_t b)
{
	return b == ' ' || b == '\n' || b == '\r' || b == '\t';
}

/* Past the end of a line, or of what ends in a star and a slash. */
static void skip_comment(struct pk_jreader *r, bool line)
{
	uint8_t before = 0;

	odd(r, PK_JSON_ODD_COMMENT);
	pk_skip(r->c, 2);
	for (;;) {
		const struct pk_span s = pk_peek(r->c);

		if (!s.len) {
			if (!line)
				bad(r);
			return;
		}
		for (size_t i = 0; i < s.len; i++) {
			const uint8_t b = s.p[i];

			if (line ? b == '\n' : before == '*' && b == '/') {
				pk_skip(r->c, i + 1);
				return;
			}
			before = b;
		}
		pk_skip(r->c, s.len);
	}
}

static bool at_comment(struct pk_jreader *r, bool *ret_line)
{
	struct pk_span s;

	if (strict(r) || !pk_cursor_ready(r->c, 2))
		return false;
	s = pk_peek(r->c);
	*ret_line = s.p[1] == '/';
	return s.p[0] == '/' && (s.p[1] == '/' || s.p[1] == '*');
}

static void skip_blanks(struct pk_jreader *r)
{
	for (;;) {
		const struct pk_span s = pk_peek(r->c);
		size_t n = 0;
		bool line;

		while (n < s.len && is_blank(s.p[n]))
			n++;
		pk_skip(r->c, n);
		if (n && n == s.len)
			continue;
		if (!s.len || s.p[n] != '/' || !at_comment(r, &line))
			return;
		skip_comment(r, line);
	}
}

/* Strings. */

/* Puts together a text that does not lie in one piece. */
static void keep(struct pk_jreader *r, struct pk_span s)
{
	const size_t room = r->opts.max_text - r->used;
	uint8_t *buf;
	size_t cap;

	if (s.len > room) {
		r->cut = true;
		s.len = room;
	}
	if (s.len > r->cap - r->used) {
		cap = r->cap * 2 + s.len + 256;
		buf = pk_arena_alloc(r->arena, cap, 1);
		if (!buf) {
			pk_cursor_fail(r->c, PK_FAULT_LIMIT);
			return;
		}
		if (r->used)
			memcpy(buf, r->buf, r->used);
		r->buf = buf;
		r->cap = cap;
	}
	if (s.len)
		memcpy(r->buf + r->used, s.p, s.len);
	r->used += s.len;
}

static void keep_code_point(struct pk_jreader *r, uint32_t cp)
{
	char bytes[8];
	struct pk_buf b = { .p = bytes, .cap = sizeof(bytes) };

	pk_utf8_put(&b, cp);
	keep(r, pk_buf_span(&b));
}

static void check_utf8(struct pk_jreader *r, struct pk_span s)
{
	if (pk_utf8_strict(&r->utf8, s))
		return;
	r->utf8.need = 0;
	odd(r, PK_JSON_ODD_UTF8);
}

static void end_utf8(struct pk_jreader *r)
{
	if (r->utf8.need)
		odd(r, PK_JSON_ODD_UTF8);
	r->utf8.need = 0;
}

static int hex_value(uint8_t b)
{
	if (b >= '0' && b <= '9')
		return b - '0';
	b |= 0x20;
	return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
}

/* The four digits of \uXXXX, or -1. */
static int32_t hex4(struct pk_span s)
{
	int32_t v = 0;

	for (size_t i = 0; i < 4; i++) {
		const int d = i < s.len ? hex_value(s.p[i]) : -1;

		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

/* Whether the second half of a pair follows; then it is taken. */
static bool low_half(struct pk_jreader *r, uint32_t *ret)
{
	struct pk_span s;
	int32_t v;

	if (!pk_cursor_ready(r->c, 6))
		return false;
	s = pk_peek(r->c);
	if (s.p[0] != '\\' || s.p[1] != 'u')
		return false;
	v = hex4((struct pk_span){ s.p + 2, 4 });
	if (v < 0xdc00 || v > 0xdfff)
		return false;
	pk_skip(r->c, 6);
	*ret = (uint32_t)v;
	return true;
}

static void read_code_point(struct pk_jreader *r)
{
	const int32_t v = hex4(pk_get_bytes(r->c, 4));
	uint32_t cp = (uint32_t)v;
	uint32_t low;

	if (v < 0) {
		bad(r);
		return;
	}
	if (cp >= 0xd800 && cp <= 0xdbff && low_half(r, &low))
		cp = 0x10000 + ((cp & 0x3ff) << 10 | (low & 0x3ff));
	else if (cp >= 0xd800 && cp <= 0xdfff)
		odd(r, PK_JSON_ODD_SURROGATE);
	keep_code_point(r, cp);
}

static void read_escape(struct pk_jreader *r)
{
	static const char from[] = "\"\\/bfnrt";
	static const uint8_t to[] = "\"\\/\b\f\n\r\t";
	const struct pk_span s = pk_get_bytes(r->c, 2);
	const char *at;

	if (s.len == 2 && s.p[1] == 'u') {
		read_code_point(r);
		return;
	}
	at = s.len == 2 && s.p[1] ? strchr(from, s.p[1]) : NULL;
	if (at)
		keep(r, (struct pk_span){ to + (at - from), 1 });
	else
		bad(r);
}

/* How many bytes stand for themselves; whether all are ASCII. */
static size_t plain_run(struct pk_span s, bool *ret_ascii)
{
	uint8_t all = 0;
	size_t n = 0;

	while (n < s.len && s.p[n] >= 0x20 && s.p[n] != '"' && s.p[n] != '\\')
		all |= s.p[n++];
	*ret_ascii = all < 0x80;
	return n;
}

/* What ended a plain run; false at the closing quote. */
static bool after_run(struct pk_jreader *r, uint8_t b)
{
	end_utf8(r);
	if (b == '\\') {
		read_escape(r);
		return true;
	}
	if (b == '"') {
		pk_skip(r->c, 1);
		return false;
	}
	odd(r, PK_JSON_ODD_CONTROL);
	keep(r, (struct pk_span){ &b, 1 });
	pk_skip(r->c, 1);
	return true;
}

/* A string that is whole in the window lies there as its own value. */
static void take_run(struct pk_jreader *r, struct pk_span run, bool whole)
{
	if (whole && r->used == 0 && !r->cut) {
		r->cut = run.len > r->opts.max_text;
		r->text = run;
		if (r->cut)
			r->text.len = r->opts.max_text;
	} else {
		keep(r, run);
		r->text = (struct pk_span){ r->buf, r->used };
	}
	pk_skip(r->c, run.len);
}

static void read_string(struct pk_jreader *r)
{
	bool more = true;

	pk_skip(r->c, 1);
	while (more && pk_cursor_ok(r->c)) {
		const struct pk_span s = pk_peek(r->c);
		bool ascii;
		const size_t n = plain_run(s, &ascii);

		if (!s.len) {
			bad(r);
			return;
		}
		if (!ascii || r->utf8.need)
			check_utf8(r, (struct pk_span){ s.p, n });
		take_run(r, (struct pk_span){ s.p, n },
			 n < s.len && s.p[n] == '"');
		more = n == s.len || after_run(r, s.p[n]);
	}
}

/* Numbers and words. */

static bool is_scalar_byte(uint8_t b)
{
	return (b >= '0' && b <= '9') || b == '-' || b == '+' || b == '.' ||
	       (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || b == '_';
}

static size_t digits(struct pk_span s, size_t *i)
{
	const size_t from = *i;

	while (*i < s.len && s.p[*i] >= '0' && s.p[*i] <= '9')
		(*i)++;
	return *i - from;
}

static bool at(struct pk_span s, size_t i, char a, char b)
{
	return i < s.len && (s.p[i] == a || s.p[i] == b);
}

/* Whether it is a number at all; *ret_odd: not by RFC 8259, section 6. */
static bool is_number(struct pk_span s, bool *ret_odd)
{
	size_t i = 0, whole, part = 0;

	*ret_odd = at(s, 0, '+', '+');
	if (at(s, 0, '-', '+'))
		i++;
	*ret_odd |= i + 1 < s.len && s.p[i] == '0' && s.p[i + 1] >= '0' &&
		    s.p[i + 1] <= '9';
	whole = digits(s, &i);
	if (at(s, i, '.', '.')) {
		i++;
		part = digits(s, &i);
		*ret_odd |= part == 0;
	}
	*ret_odd |= whole == 0;
	if (whole + part == 0)
		return false;
	if (at(s, i, 'e', 'E')) {
		i++;
		if (at(s, i, '-', '+'))
			i++;
		if (digits(s, &i) == 0)
			return false;
	}
	return i == s.len;
}

static enum pk_jtoken classify(struct pk_jreader *r)
{
	static const struct {
		struct pk_span text;
		enum pk_jtoken token;
		bool odd;
	} words[] = {
		{ PK_LIT_INIT("true"), PK_JT_TRUE, false },
		{ PK_LIT_INIT("false"), PK_JT_FALSE, false },
		{ PK_LIT_INIT("null"), PK_JT_NULL, false },
		{ PK_LIT_INIT("NaN"), PK_JT_NUMBER, true },
		{ PK_LIT_INIT("Infinity"), PK_JT_NUMBER, true },
		{ PK_LIT_INIT("-Infinity"), PK_JT_NUMBER, true },
	};
	bool is_odd;

	if (is_number(r->text, &is_odd)) {
		if (is_odd)
			odd(r, PK_JSON_ODD_NUMBER);
		return PK_JT_NUMBER;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (pk_span_eq(r->text, words[i].text)) {
			if (words[i].odd)
				odd(r, PK_JSON_ODD_NAN);
			return words[i].token;
		}
	}
	bad(r);
	return PK_JT_END;
}

static enum pk_jtoken read_scalar(struct pk_jreader *r)
{
	for (;;) {
		const struct pk_span s = pk_peek(r->c);
		size_t n = 0;

		while (n < s.len && is_scalar_byte(s.p[n]))
			n++;
		if (n || s.len == 0)
			take_run(r, (struct pk_span){ s.p, n }, n < s.len);
		if (n < s.len || s.len == 0)
			break;
	}
	if (r->cut)
		pk_cursor_fail(r->c, PK_FAULT_LIMIT);
	return pk_cursor_ok(r->c) ? classify(r) : PK_JT_END;
}

/* Structure. */

static bool in_array(const struct pk_jreader *r)
{
	const unsigned level = r->depth - 1;

	return r->is_array[level / 32] >> level % 32 & 1;
}

static void after_value(struct pk_jreader *r)
{
	r->want = r->depth ? WANT_COMMA | WANT_CLOSE : 0;
}

static enum pk_jtoken open_container(struct pk_jreader *r, bool array)
{
	const unsigned level = r->depth;
	const uint32_t bit = 1U << level % 32;

	if (level >= r->opts.max_depth) {
		pk_cursor_fail(r->c, PK_FAULT_LIMIT);
		return PK_JT_END;
	}
	pk_skip(r->c, 1);
	r->is_array[level / 32] &= ~bit;
	if (array)
		r->is_array[level / 32] |= bit;
	r->depth++;
	r->want = WANT_CLOSE | (array ? WANT_VALUE : WANT_KEY);
	return array ? PK_JT_ARRAY : PK_JT_OBJECT;
}

static enum pk_jtoken close_container(struct pk_jreader *r, bool array)
{
	if (!(r->want & (WANT_CLOSE | WANT_ODD_CLOSE)) ||
	    in_array(r) != array) {
		bad(r);
		return PK_JT_END;
	}
	if (r->want & WANT_ODD_CLOSE)
		odd(r, PK_JSON_ODD_COMMA);
	pk_skip(r->c, 1);
	r->depth--;
	after_value(r);
	return array ? PK_JT_ARRAY_END : PK_JT_OBJECT_END;
}

static enum pk_jtoken read_key(struct pk_jreader *r)
{
	read_string(r);
	r->want = WANT_COLON;
	return PK_JT_KEY;
}

static enum pk_jtoken read_value(struct pk_jreader *r, uint8_t b)
{
	enum pk_jtoken token = PK_JT_STRING;

	if (b == '"')
		read_string(r);
	else
		token = read_scalar(r);
	after_value(r);
	return token;
}

/* The separator before the token, if one is due. */
static void read_separator(struct pk_jreader *r)
{
	const struct pk_span s = pk_peek(r->c);

	if (r->want & WANT_COLON) {
		if (!s.len || s.p[0] != ':')
			bad(r);
		r->want = WANT_VALUE;
	} else if (r->want & WANT_COMMA) {
		if (!s.len || s.p[0] != ',')
			return;
		r->want = WANT_ODD_CLOSE;
		r->want |= in_array(r) ? WANT_VALUE : WANT_KEY;
	} else {
		return;
	}
	pk_skip(r->c, 1);
	skip_blanks(r);
}

static enum pk_jtoken read_token(struct pk_jreader *r)
{
	const struct pk_span s = pk_peek(r->c);
	const uint8_t b = s.len ? s.p[0] : 0;

	r->off = r->c->off;
	if (b == ']' || b == '}')
		return close_container(r, b == ']');
	if (r->want & WANT_KEY && b == '"')
		return read_key(r);
	if (r->want & WANT_VALUE && (b == '[' || b == '{'))
		return open_container(r, b == '[');
	if (r->want & WANT_VALUE && (b == '"' || is_scalar_byte(b)))
		return read_value(r, b);
	bad(r);
	return PK_JT_END;
}

enum pk_jtoken pk_jread_next(struct pk_jreader *r)
{
	r->token = PK_JT_END;
	r->text = (struct pk_span){ 0 };
	r->used = 0;
	r->cut = false;
	if (!pk_cursor_ok(r->c) || r->want == 0)
		return PK_JT_END;
	skip_blanks(r);
	read_separator(r);
	if (pk_cursor_ok(r->c))
		r->token = read_token(r);
	if (!pk_cursor_ok(r->c))
		r->token = PK_JT_END;
	r->len = r->c->off - r->off;
	return r->token;
}

bool pk_jread_skip(struct pk_jreader *r)
{
	unsigned depth;

	if (r->token == PK_JT_KEY)
		(void)pk_jread_next(r);
	if (r->token == PK_JT_OBJECT || r->token == PK_JT_ARRAY) {
		depth = r->depth;
		while (r->depth >= depth && pk_jread_next(r) != PK_JT_END)
			;
	}
	return pk_cursor_ok(r->c);
}

bool pk_jread_at_end(struct pk_jreader *r)
{
	skip_blanks(r);
	return pk_cursor_ok(r->c) && pk_cursor_left(r->c) == 0;
}

bool pk_json_u64(struct pk_span number, uint64_t *ret)
{
	uint64_t v = 0;

	if (number.len == 0 || (number.len > 1 && number.p[0] == '0'))
		return false;
	for (size_t i = 0; i < number.len; i++) {
		const uint8_t d = (uint8_t)(number.p[i] - '0');

		if (d > 9 || __builtin_mul_overflow(v, 10U, &v) ||
		    __builtin_add_overflow(v, d, &v))
			return false;
	}
	*ret = v;
	return true;
}
