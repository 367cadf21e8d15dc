/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/template_lex.h"

#include "core/utf8.h"

static bool is_blank(uint8_t ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

static bool is_digit(uint8_t ch)
{
	return ch >= '0' && ch <= '9';
}

static bool is_word(uint8_t ch)
{
	return ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') || ch == '_' ||
	       ch >= 0x80 || is_digit(ch);
}

static uint8_t peek(const struct pk_template_lexer *l, size_t ahead)
{
	return l->text.len - l->at > ahead ? l->text.p[l->at + ahead] : 0;
}

static bool looking_at(const struct pk_template_lexer *l, struct pk_span what)
{
	return pk_span_starts(
		(struct pk_span){ l->text.p + l->at, l->text.len - l->at },
		what);
}

static struct pk_token take(struct pk_template_lexer *l,
			    enum pk_token_kind kind, size_t n)
{
	const struct pk_token t = { kind, { l->text.p + l->at, n }, l->at };

	l->at += n;
	return t;
}

static void skip_blanks(struct pk_template_lexer *l)
{
	while (l->at < l->text.len && is_blank(l->text.p[l->at]))
		l->at++;
}

static void skip_comment(struct pk_template_lexer *l)
{
	while (l->at < l->text.len && !looking_at(l, PK_LIT("#}")))
		l->at++;
	l->broken |= l->at == l->text.len;
	l->at += l->at < l->text.len ? 2 : 0;
}

/* Moves over "{% word %}" if that is what stands here. */
static bool skip_tag(struct pk_template_lexer *l, struct pk_span word)
{
	struct pk_template_lexer t = *l;

	if (!looking_at(&t, PK_LIT("{%")))
		return false;
	t.at += 2;
	t.at += peek(&t, 0) == '-' || peek(&t, 0) == '+';
	skip_blanks(&t);
	if (!looking_at(&t, word))
		return false;
	t.at += word.len;
	skip_blanks(&t);
	t.at += peek(&t, 0) == '-' || peek(&t, 0) == '+';
	if (!looking_at(&t, PK_LIT("%}")))
		return false;
	l->at = t.at + 2;
	return true;
}

/* A raw block is text up to its end tag, whatever it looks like. */
static struct pk_token raw_text(struct pk_template_lexer *l)
{
	const size_t began = l->at;

	while (l->at < l->text.len) {
		const size_t ends = l->at;

		if (skip_tag(l, PK_LIT("endraw")))
			return (struct pk_token){ PK_TOKEN_TEXT,
						  { l->text.p + began,
						    ends - began },
						  began };
		l->at++;
	}
	l->broken = true;
	return (struct pk_token){ PK_TOKEN_TEXT,
				  { l->text.p + began, l->at - began },
				  began };
}

static bool opens(const struct pk_template_lexer *l, size_t ahead)
{
	const uint8_t next = peek(l, ahead + 1);

	return peek(l, ahead) == '{' &&
	       (next == '{' || next == '%' || next == '#');
}

static struct pk_token open_tag(struct pk_template_lexer *l)
{
	const bool block = peek(l, 1) == '%';
	const uint8_t sign = peek(l, 2);

	l->closes = block ? '%' : '}';
	l->brackets = 0;
	return take(l, block ? PK_TOKEN_BLOCK : PK_TOKEN_PRINT,
		    sign == '-' || sign == '+' ? 3 : 2);
}

static struct pk_token next_outside(struct pk_template_lexer *l)
{
	size_t n = 0;

	while (l->at < l->text.len && peek(l, 0) == '{' && peek(l, 1) == '#') {
		l->at += 2;
		skip_comment(l);
	}
	if (l->at >= l->text.len)
		return take(l, PK_TOKEN_END, 0);
	if (skip_tag(l, PK_LIT("raw")))
		return raw_text(l);
	if (opens(l, 0))
		return open_tag(l);
	while (n < l->text.len - l->at && !opens(l, n))
		n++;
	return take(l, PK_TOKEN_TEXT, n);
}

static struct pk_token string(struct pk_template_lexer *l)
{
	const uint8_t quote = peek(l, 0);
	const size_t left = l->text.len - l->at;
	size_t n = 1;

	while (n < left && l->text.p[l->at + n] != quote)
		n += l->text.p[l->at + n] == '\\' ? 2 : 1;
	if (n < left)
		return take(l, PK_TOKEN_STRING, n + 1);
	l->broken = true;
	return take(l, PK_TOKEN_OPERATOR, 1);
}

static struct pk_token run(struct pk_template_lexer *l, enum pk_token_kind kind)
{
	size_t n = 1;

	while (is_word(peek(l, n)))
		n++;
	return take(l, kind, n);
}

/* The tag's end, which brackets that are still open put off. */
static size_t closing(const struct pk_template_lexer *l)
{
	const size_t sign = peek(l, 0) == '-' || peek(l, 0) == '+';

	if (l->brackets || peek(l, sign) != (uint8_t)l->closes ||
	    peek(l, sign + 1) != '}')
		return 0;
	return sign + 2;
}

static struct pk_token operator(struct pk_template_lexer *l)
{
	static const char pairs[][3] = { "**", "//", "==", "!=", "<=", ">=" };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (looking_at(l, (struct pk_span){ (const uint8_t *)pairs[i],
						    2 }))
			return take(l, PK_TOKEN_OPERATOR, 2);
	}
	if (strchr("([{", peek(l, 0)) && peek(l, 0))
		l->brackets++;
	if (strchr(")]}", peek(l, 0)) && peek(l, 0) && l->brackets)
		l->brackets--;
	return take(l, PK_TOKEN_OPERATOR, 1);
}

struct pk_token pk_template_next(struct pk_template_lexer *l)
{
	size_t n;

	if (!l->closes)
		return next_outside(l);
	skip_blanks(l);
	if (l->at >= l->text.len) {
		l->broken = true;
		l->closes = 0;
		return take(l, PK_TOKEN_CLOSE, 0);
	}
	n = closing(l);
	if (n) {
		l->closes = 0;
		return take(l, PK_TOKEN_CLOSE, n);
	}
	if (peek(l, 0) == '"' || peek(l, 0) == '\'')
		return string(l);
	if (is_digit(peek(l, 0)))
		return run(l, PK_TOKEN_NUMBER);
	if (is_word(peek(l, 0)))
		return run(l, PK_TOKEN_NAME);
	return operator(l);
}

static int digit(uint8_t ch, unsigned base)
{
	const int v = is_digit(ch)             ? ch - '0'
		      : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10
		      : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10
					       : 99;

	return v < (int)base ? v : -1;
}

/* Up to max digits at *i, at least one; what they are worth, or -1. */
static int64_t number(struct pk_span s, size_t *i, unsigned base, size_t max)
{
	int64_t v = -1;

	for (size_t n = 0; n < max && *i < s.len; n++, ++*i) {
		const int d = digit(s.p[*i], base);

		if (d < 0)
			break;
		v = (v < 0 ? 0 : v) * base + d;
	}
	return v;
}

/* \N{LOW LINE} is the one that spells names; others become a hole. */
static uint32_t named(struct pk_span s, size_t *i)
{
	static const struct pk_span low_line = PK_LIT_INIT("{LOW LINE}");
	const struct pk_span rest = { s.p + *i, s.len - *i };
	bool is_low_line = rest.len >= low_line.len;

	for (size_t k = 0; is_low_line && k < low_line.len; k++)
		is_low_line = (rest.p[k] >= 'a' && rest.p[k] <= 'z'
				       ? rest.p[k] - 0x20
				       : rest.p[k]) == low_line.p[k];
	while (*i < s.len && s.p[*i] != '}')
		++*i;
	*i += *i < s.len;
	return is_low_line ? '_' : '?';
}

/* Lib/codecs "unicode-escape"; *i stands behind the backslash. */
static void escape(struct pk_span s, size_t *i, struct pk_buf *out)
{
	static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
	const uint8_t ch = s.p[(*i)++];
	const char *simple = ch ? strchr(from, ch) : NULL;
	int64_t v = -1;

	if (ch == '\n')
		return;
	if (simple) {
		pk_buf_putc(out, to[simple - from]);
		return;
	}
	if (ch == 'x' || ch == 'u' || ch == 'U')
		v = number(s, i, 16, ch == 'x' ? 2 : ch == 'u' ? 4 : 8);
	else if (ch == 'N')
		v = named(s, i);
	else if (digit(ch, 8) >= 0)
		--*i, v = number(s, i, 8, 3);
	else
		v = ch;
	if (v >= 0 && v <= 0x10ffff)
		pk_utf8_put(out, (uint32_t)v);
}

void pk_template_unquote(struct pk_span raw, struct pk_buf *out)
{
	const struct pk_span s = { raw.p + 1, raw.len - 2 };

	for (size_t i = 0; i < s.len;) {
		if (s.p[i] == '\\' && i + 1 < s.len)
			i++, escape(s, &i, out);
		else
			pk_buf_putc(out, (char)s.p[i++]);
	}
}
