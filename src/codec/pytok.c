/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pytok.h"

#include <ctype.h>
#include <strings.h>

#include "core/utf8.h"

static const struct {
	uint32_t first;
	uint32_t count;
	const char *letters;
} folds[] = {
#define PK_FOLD(first, count, letters) { first, count, letters },
#include "codec/pyfold.def"
#undef PK_FOLD
};

void pk_pylex_init(struct pk_pylex *lex, struct pk_span src,
		   struct pk_arena *arena)
{
	*lex = (struct pk_pylex){ .src = src, .arena = arena };
	if (pk_span_starts(src, PK_LIT("\xef\xbb\xbf")))
		lex->at = 3;
}

static int peek(const struct pk_pylex *lex, size_t ahead)
{
	const size_t i = lex->at + ahead;

	return i < lex->src.len ? lex->src.p[i] : -1;
}

static void doubt(struct pk_pylex *lex, const char *why)
{
	if (!lex->doubt)
		lex->doubt = why;
}

static struct pk_span since(const struct pk_pylex *lex, size_t from)
{
	return (struct pk_span){ lex->src.p + from, lex->at - from };
}

static struct pk_pytok_level *top(struct pk_pylex *lex)
{
	return lex->levels ? &lex->level[lex->levels - 1] : NULL;
}

static bool is_eol(int ch)
{
	return ch == '\n' || ch == '\r';
}

/* Names */

static bool starts_name(int ch)
{
	return ch == '_' || ch >= 0x80 || (ch >= 0 && isalpha(ch));
}

static bool continues_name(int ch)
{
	return starts_name(ch) || (ch >= 0 && isdigit(ch));
}

static void put_folded(struct pk_buf *b, uint32_t cp)
{
	for (size_t i = 0; i < sizeof(folds) / sizeof(folds[0]); i++) {
		if (cp - folds[i].first >= folds[i].count)
			continue;
		if (folds[i].count > 1)
			pk_buf_putc(b, (char)((uint32_t)folds[i].letters[0] +
					      (cp - folds[i].first)));
		else
			pk_buf_puts(b, folds[i].letters);
		return;
	}
	pk_utf8_put(b, cp);
}

/* Moves what a buffer holds into the arena. */
static struct pk_span keep(struct pk_pylex *lex, struct pk_buf *b)
{
	struct pk_span kept = { 0 };

	if (pk_buf_ok(b) && b->len) {
		kept.p = (const uint8_t *)pk_arena_copy(lex->arena,
							pk_buf_span(b));
		kept.len = kept.p ? b->len : 0;
	}
	pk_buf_release(b);
	return kept;
}

static struct pk_span fold(struct pk_pylex *lex, struct pk_span name)
{
	struct pk_buf b = { 0 };

	for (size_t i = 0; i < name.len;) {
		const int32_t cp = pk_utf8_next(name, &i);

		put_folded(&b, cp < 0 ? name.p[i - 1] : (uint32_t)cp);
	}
	return keep(lex, &b);
}

static struct pk_span read_name(struct pk_pylex *lex)
{
	const size_t from = lex->at;
	bool ascii = true;

	while (continues_name(peek(lex, 0))) {
		ascii = ascii && peek(lex, 0) < 0x80;
		lex->at++;
	}
	return ascii ? since(lex, from) : fold(lex, since(lex, from));
}

/* Strings */

static unsigned hex_digits(struct pk_span s, size_t at, unsigned max,
			   uint32_t *ret)
{
	unsigned n = 0;

	for (*ret = 0; n < max && at + n < s.len && isxdigit(s.p[at + n]);
	     n++) {
		const int ch = tolower(s.p[at + n]);

		*ret = *ret * 16 +
		       (uint32_t)(ch <= '9' ? ch - '0' : ch - 'a' + 10);
	}
	return n;
}

static size_t octal(struct pk_span s, size_t at, struct pk_buf *b)
{
	uint32_t v = 0;
	size_t n = 0;

	while (n < 3 && at + n < s.len && s.p[at + n] >= '0' &&
	       s.p[at + n] <= '7')
		v = v * 8 + (uint32_t)(s.p[at + n++] - '0');
	pk_utf8_put(b, v & 0xff);
	return n;
}

static size_t numbered(struct pk_span s, size_t at, struct pk_buf *b)
{
	const unsigned max = s.p[at] == 'x' ? 2 : s.p[at] == 'u' ? 4 : 8;
	uint32_t cp;
	const unsigned n = hex_digits(s, at + 1, max, &cp);

	pk_utf8_put(b, cp <= 0x10ffff ? cp : 0xfffd);
	return 1 + n;
}

/* The escape behind a backslash at s.p[at - 1]; returns its length. */
static size_t unescape(struct pk_span s, size_t at, struct pk_buf *b)
{
	static const char plain[] = "abfnrtv'\"\\",
			  mean[] = "\a\b\f\n\r\t\v'\"\\";
	const char *which;

	if (at >= s.len)
		return 0;
	if (s.p[at] == '\n')
		return 1;
	if (s.p[at] == '\r')
		return at + 1 < s.len && s.p[at + 1] == '\n' ? 2 : 1;
	if (s.p[at] >= '0' && s.p[at] <= '7')
		return octal(s, at, b);
	if (s.p[at] == 'x' || s.p[at] == 'u' || s.p[at] == 'U')
		return numbered(s, at, b);
	which = s.p[at] ? strchr(plain, s.p[at]) : NULL;
	if (which) {
		pk_buf_putc(b, mean[which - plain]);
		return 1;
	}
	pk_buf_putc(b, '\\');
	return 0;
}

static struct pk_span meaning(struct pk_pylex *lex, struct pk_span body,
			      bool raw, bool formatted)
{
	const bool doubled = formatted && (memchr(body.p, '{', body.len) ||
					   memchr(body.p, '}', body.len));
	struct pk_buf b = { 0 };

	if (!body.len || ((raw || !memchr(body.p, '\\', body.len)) && !doubled))
		return body;
	for (size_t i = 0; i < body.len;) {
		const uint8_t ch = body.p[i++];

		if (ch == '\\' && !raw)
			i += unescape(body, i, &b);
		else
			pk_buf_putc(&b, (char)ch);
		if (formatted && (ch == '{' || ch == '}') && i < body.len &&
		    body.p[i] == ch)
			i++;
	}
	return keep(lex, &b);
}

static bool at_quote(const struct pk_pylex *lex, const struct pk_pytok_level *l)
{
	return peek(lex, 0) == l->quote &&
	       (!l->triple ||
		(peek(lex, 1) == l->quote && peek(lex, 2) == l->quote));
}

/* Passes over one character of a string's text. */
static void step(struct pk_pylex *lex)
{
	if (peek(lex, 0) == '\\' && peek(lex, 1) >= 0)
		lex->at++;
	lex->at++;
}

static struct pk_span read_plain(struct pk_pylex *lex,
				 const struct pk_pytok_level *l)
{
	const size_t from = lex->at;
	struct pk_span body;

	while (peek(lex, 0) >= 0 && !at_quote(lex, l) &&
	       (l->triple || !is_eol(peek(lex, 0))))
		step(lex);
	if (lex->at > lex->src.len)
		lex->at = lex->src.len;
	body = since(lex, from);
	if (at_quote(lex, l))
		lex->at += l->triple ? 3 : 1;
	else
		doubt(lex, "a string has no end");
	return meaning(lex, body, l->raw, false);
}

/* Reads the quotes at the cursor into a level. */
static struct pk_pytok_level open_quotes(struct pk_pylex *lex)
{
	struct pk_pytok_level l = { .quote = (uint8_t)peek(lex, 0) };

	l.triple = peek(lex, 1) == l.quote && peek(lex, 2) == l.quote;
	lex->at += l.triple ? 3 : 1;
	return l;
}

static bool has_letter(struct pk_span prefix, int letter)
{
	for (size_t i = 0; i < prefix.len; i++) {
		if (tolower(prefix.p[i]) == letter)
			return true;
	}
	return false;
}

static bool is_prefix(struct pk_span name)
{
	if (name.len > 3)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (!strchr("rbuftRBUFT", name.p[i]))
			return false;
	}
	return true;
}

static void push(struct pk_pylex *lex, struct pk_pytok_level l)
{
	if (lex->levels < PK_PYTOK_NEST) {
		lex->level[lex->levels++] = l;
		return;
	}
	doubt(lex, "formatted strings are nested too deep");
	lex->at = lex->src.len;
}

static struct pk_pytok read_string(struct pk_pylex *lex, struct pk_span prefix,
				   size_t off)
{
	struct pk_pytok_level l = open_quotes(lex);
	struct pk_pytok t = { .kind = PK_PY_STRING, .off = off };

	l.raw = has_letter(prefix, 'r');
	if (has_letter(prefix, 'f') || has_letter(prefix, 't')) {
		t.kind = PK_PY_FOPEN;
		push(lex, l);
	} else {
		t.text = read_plain(lex, &l);
	}
	return t;
}

/* Formatted strings */

static struct pk_pytok op(const char *text, size_t off)
{
	return (struct pk_pytok){ PK_PY_OP,
				  { (const uint8_t *)text, strlen(text) },
				  off };
}

/* The string that a field or a format belongs to. */
static const struct pk_pytok_level *string_of(const struct pk_pylex *lex)
{
	unsigned i = lex->levels;

	while (i > 1 && lex->level[i - 1].mode != PK_PY_IN_TEXT)
		i--;
	return &lex->level[i - 1];
}

static bool ends_text(const struct pk_pylex *lex,
		      const struct pk_pytok_level *string, bool format)
{
	const int ch = peek(lex, 0);

	if (ch < 0 || at_quote(lex, string))
		return true;
	if (is_eol(ch) && !string->triple)
		return true;
	if (ch == '{')
		return format || peek(lex, 1) != '{';
	return ch == '}' && format;
}

static struct pk_pytok close_string(struct pk_pylex *lex)
{
	const struct pk_pytok t = { .kind = PK_PY_FCLOSE, .off = lex->at };
	const struct pk_pytok_level string = *string_of(lex);

	while (lex->levels && top(lex)->mode != PK_PY_IN_TEXT)
		lex->levels--;
	lex->levels--;
	if (at_quote(lex, &string))
		lex->at += string.triple ? 3 : 1;
	else
		doubt(lex, "a formatted string has no end");
	return t;
}

/* Text between fields, or within the format of one. */
static struct pk_pytok next_text(struct pk_pylex *lex)
{
	const bool format = top(lex)->mode == PK_PY_IN_FORMAT;
	const struct pk_pytok_level *string = string_of(lex);
	struct pk_pytok t = { .kind = PK_PY_STRING, .off = lex->at };

	while (!ends_text(lex, string, format)) {
		const int ch = peek(lex, 0);

		if (!format && (ch == '{' || ch == '}') && peek(lex, 1) == ch)
			lex->at += 2;
		else if (string->raw)
			lex->at++;
		else
			step(lex);
	}
	if (lex->at > lex->src.len)
		lex->at = lex->src.len;
	t.text = since(lex, t.off);
	if (t.text.len && !format) {
		t.text = meaning(lex, t.text, string->raw, true);
		return t;
	}
	if (peek(lex, 0) == '{') {
		lex->at++;
		push(lex, (struct pk_pytok_level){ .mode = PK_PY_IN_FIELD });
		return op("f(", t.off);
	}
	if (format && peek(lex, 0) == '}') {
		lex->at++;
		lex->levels--;
		return op(",", t.off);
	}
	return close_string(lex);
}

/* What ends or turns a replacement field; false: an ordinary token. */
static bool next_in_field(struct pk_pylex *lex, struct pk_pytok *ret)
{
	struct pk_pytok_level *l = top(lex);
	const int ch = peek(lex, 0);

	if (l->brackets)
		return false;
	*ret = op(")", lex->at);
	if (ch == '}') {
		lex->at++;
		lex->levels--;
		return true;
	}
	if (ch == ':') {
		lex->at++;
		l->mode = PK_PY_IN_FORMAT;
		return true;
	}
	if (ch == '!' && peek(lex, 1) != '=') {
		lex->at += 2; /* !r */
		*ret = op(",", lex->at);
		return true;
	}
	return false;
}

/* All together */

static unsigned *open_brackets(struct pk_pylex *lex)
{
	return lex->levels ? &top(lex)->brackets : &lex->brackets;
}

static bool skip_joined_line(struct pk_pylex *lex)
{
	if (peek(lex, 0) != '\\' || !is_eol(peek(lex, 1)))
		return false;
	lex->at += peek(lex, 1) == '\r' && peek(lex, 2) == '\n' ? 3 : 2;
	return true;
}

/* A newline that ends a line is left to the caller. */
static void skip_blank(struct pk_pylex *lex)
{
	for (;;) {
		const int ch = peek(lex, 0);

		if (ch == '#') {
			while (peek(lex, 0) >= 0 && !is_eol(peek(lex, 0)))
				lex->at++;
		} else if (ch == ' ' || ch == '\t' || ch == '\f' ||
			   (is_eol(ch) && *open_brackets(lex))) {
			lex->at++;
		} else if (!skip_joined_line(lex)) {
			return;
		}
	}
}

static struct pk_pytok read_operator(struct pk_pylex *lex)
{
	struct pk_pytok t = { .kind = PK_PY_OP, .off = lex->at };
	unsigned *brackets = open_brackets(lex);
	const int ch = peek(lex, 0);

	lex->at++;
	if (ch == 0)
		doubt(lex, "a NUL byte ends the line for some readers");
	else if (strchr("([{", ch))
		++*brackets;
	else if (strchr(")]}", ch))
		*brackets -= *brackets > 0;
	else if (peek(lex, 0) == '=')
		lex->at++;
	t.text = since(lex, t.off);
	return t;
}

static struct pk_pytok read_number(struct pk_pylex *lex)
{
	const size_t off = lex->at;

	while (continues_name(peek(lex, 0)) || peek(lex, 0) == '.')
		lex->at++;
	return (struct pk_pytok){ PK_PY_NUMBER, since(lex, off), off };
}

static struct pk_pytok read_word(struct pk_pylex *lex)
{
	const size_t off = lex->at;
	const struct pk_span name = read_name(lex);
	const int ch = peek(lex, 0);

	if ((ch == '"' || ch == '\'') && is_prefix(name))
		return read_string(lex, name, off);
	return (struct pk_pytok){ PK_PY_NAME, name, off };
}

struct pk_pytok pk_pylex_next(struct pk_pylex *lex)
{
	struct pk_pytok t;
	int ch;

	if (lex->levels && top(lex)->mode != PK_PY_IN_FIELD)
		return next_text(lex);
	if (lex->levels)
		lex->level[lex->levels - 1].brackets += 1;
	skip_blank(lex); /* lines end nothing within a field */
	if (lex->levels)
		lex->level[lex->levels - 1].brackets -= 1;
	ch = peek(lex, 0);
	if (ch < 0) {
		if (lex->levels)
			return close_string(lex);
		if (lex->brackets)
			doubt(lex, "a bracket is never closed");
		return (struct pk_pytok){ .kind = PK_PY_END, .off = lex->at };
	}
	if (lex->levels && next_in_field(lex, &t))
		return t;
	if (is_eol(ch) || (ch == ';' && !*open_brackets(lex))) {
		lex->at++;
		return (struct pk_pytok){ .kind = PK_PY_NEWLINE,
					  .off = lex->at - 1 };
	}
	if (ch == '"' || ch == '\'')
		return read_string(lex, (struct pk_span){ 0 }, lex->at);
	if (starts_name(ch))
		return read_word(lex);
	if (isdigit(ch) ||
	    (ch == '.' && peek(lex, 1) >= 0 && isdigit(peek(lex, 1))))
		return read_number(lex);
	return read_operator(lex);
}

/* Encodings */

static bool encoding_of_line(struct pk_span line, struct pk_span *ret)
{
	size_t i = 0;

	while (i < line.len && strchr(" \t\f", line.p[i]) && line.p[i])
		i++;
	if (i == line.len || line.p[i] != '#')
		return false;
	for (; i + 7 <= line.len; i++) {
		size_t from = i + 7, to;

		if (memcmp(line.p + i, "coding", 6) != 0 ||
		    (line.p[i + 6] != ':' && line.p[i + 6] != '='))
			continue;
		while (from < line.len &&
		       (line.p[from] == ' ' || line.p[from] == '\t'))
			from++;
		for (to = from;
		     to < line.len &&
		     (isalnum(line.p[to]) || memchr("-_.", line.p[to], 3));)
			to++;
		*ret = (struct pk_span){ line.p + from, to - from };
		if (to > from)
			return true;
	}
	return false;
}

struct pk_span pk_pysource_encoding(struct pk_span src)
{
	struct pk_span found = { 0 };

	for (int n = 0; n < 2 && src.len; n++) {
		struct pk_span line = { src.p, 0 };

		while (line.len < src.len && !is_eol(src.p[line.len]))
			line.len++;
		if (encoding_of_line(line, &found))
			return found;
		if (line.len + 1 < src.len && src.p[line.len] == '\r' &&
		    src.p[line.len + 1] == '\n')
			line.len++;
		line.len += line.len < src.len;
		src.p += line.len;
		src.len -= line.len;
	}
	return found;
}

bool pk_pyencoding_is_ascii(struct pk_span encoding)
{
	static const char *const families[] = {
		/* In none of them is a byte below 0x80 part of a longer
		 * character, as a backslash may be in Shift-JIS and GBK. */
		"utf-8",      "utf8",  "utf_8", "u8",    "ascii",
		"us-ascii",   "latin", "l1",    "iso",   "cp125",
		"cp437",      "cp850", "cp852", "cp866", "koi8",
		"windows-12", "mac",   "euc",   "tis",   "gb2312",
	};

	if (!encoding.len)
		return true;
	if (encoding.len >= 8 &&
	    strncasecmp((const char *)encoding.p, "iso", 3) == 0 &&
	    memmem(encoding.p, encoding.len, "2022", 4))
		return false;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		const size_t n = strlen(families[i]);

		if (encoding.len >= n &&
		    strncasecmp((const char *)encoding.p, families[i], n) == 0)
			return true;
	}
	return false;
}
