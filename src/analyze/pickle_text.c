/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_text.h"

#include "core/utf8.h"

/* Not <ctype.h>, whose answers change with the locale. */
static bool is_blank(uint8_t ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

static bool is_digit(uint8_t ch)
{
	return ch >= '0' && ch <= '9';
}

static int hex_digit(uint8_t ch)
{
	if (is_digit(ch))
		return ch - '0';
	if (ch >= 'a' && ch <= 'f')
		return ch - 'a' + 10;
	if (ch >= 'A' && ch <= 'F')
		return ch - 'A' + 10;
	return -1;
}

/* n hex digits at s[i]; -1 when there are not as many. */
static int64_t hex_at(struct pk_span s, size_t i, unsigned n)
{
	int64_t v = 0;

	if (n > s.len - i)
		return -1;
	for (unsigned k = 0; k < n; k++) {
		int d = hex_digit(s.p[i + k]);

		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

static size_t octal_escape(struct pk_span s, size_t i, struct pk_buf *out)
{
	unsigned v = 0, n = 0;

	while (n < 3 && i + n < s.len && s.p[i + n] >= '0' && s.p[i + n] <= '7')
		v = v * 8 + (unsigned)(s.p[i + n++] - '0');
	pk_buf_putc(out, (char)(v & 0xff));
	return n;
}

/* One escape after its backslash; returns the bytes it takes. */
static size_t one_escape(struct pk_span s, size_t i, struct pk_buf *out)
{
	static const char from[] = "\\'\"abfnrtv";
	static const char to[] = "\\'\"\a\b\f\n\r\t\v";
	const char *known;

	if (i >= s.len) {
		pk_buf_putc(out, '\\');
		return 0;
	}
	if (s.p[i] >= '0' && s.p[i] <= '7')
		return octal_escape(s, i, out);
	if (s.p[i] == 'x' && hex_at(s, i + 1, 2) >= 0) {
		pk_buf_putc(out, (char)hex_at(s, i + 1, 2));
		return 3;
	}
	known = s.p[i] ? strchr(from, s.p[i]) : NULL;
	if (!known)
		pk_buf_putc(out, '\\');
	pk_buf_putc(out, known ? to[known - from] : (char)s.p[i]);
	return 1;
}

bool pk_pickle_unquote(struct pk_span line, struct pk_buf *out)
{
	struct pk_span s = line;

	/* Python 2's reader cut blanks behind the quote. */
	while (s.len && s.p[s.len - 1] <= ' ')
		s.len--;
	if (s.len < 2 || s.p[0] != s.p[s.len - 1] ||
	    (s.p[0] != '\'' && s.p[0] != '"'))
		return false;
	s = (struct pk_span){ s.p + 1, s.len - 2 };
	for (size_t i = 0; i < s.len;) {
		if (s.p[i] == '\\')
			i += 1 + one_escape(s, i + 1, out);
		else
			pk_buf_put(out, &s.p[i++], 1);
	}
	return true;
}

/* \uXXXX or \UXXXXXXXX at s[i]; 0 when it is none. */
static size_t unicode_escape(struct pk_span s, size_t i, struct pk_buf *out)
{
	const unsigned n = s.p[i + 1] == 'u' ? 4 : 8;
	int64_t cp;

	if (s.p[i + 1] != 'u' && s.p[i + 1] != 'U')
		return 0;
	cp = hex_at(s, i + 2, n);
	if (cp < 0 || cp > 0x10ffff)
		return 0;
	pk_utf8_put(out, (uint32_t)cp);
	return 2 + n;
}

void pk_pickle_unescape(struct pk_span s, struct pk_buf *out)
{
	bool odd = false; /* an odd run of backslashes ends here */

	for (size_t i = 0; i < s.len;) {
		size_t n = 0;

		if (s.p[i] == '\\' && !odd && i + 1 < s.len)
			n = unicode_escape(s, i, out);
		odd = s.p[i] == '\\' && !odd && n == 0;
		if (n == 0) {
			pk_utf8_put(out, s.p[i]);
			n = 1;
		}
		i += n;
	}
}

void pk_pickle_latin1(struct pk_span bytes, struct pk_buf *out)
{
	for (size_t i = 0; i < bytes.len; i++)
		pk_utf8_put(out, bytes.p[i]);
}

static void feed_digit(struct pk_index_text *t, uint8_t ch)
{
	uint64_t digit = (uint64_t)(ch - '0');

	t->bad |= t->trailing;
	t->digits = true;
	if (t->value > (UINT64_MAX - digit) / 10)
		t->huge = true;
	t->value = t->value * 10 + digit;
}

void pk_index_feed(struct pk_index_text *t, struct pk_span piece)
{
	for (size_t i = 0; i < piece.len && !t->nul && !t->bad; i++) {
		uint8_t ch = piece.p[i];

		if (is_digit(ch))
			feed_digit(t, ch);
		else if (is_blank(ch))
			t->trailing = t->digits;
		else if (ch == '\0')
			t->nul = true;
		else if (ch == '-' && !t->digits)
			t->negative = true;
		else if (ch != '+' && ch != '_')
			t->bad = true;
	}
}

static struct pk_span trim(struct pk_span s)
{
	while (s.len && is_blank(s.p[0]))
		s = (struct pk_span){ s.p + 1, s.len - 1 };
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool pk_pickle_is_int(struct pk_span line)
{
	struct pk_span s = line;
	const uint8_t *nul = s.len ? memchr(s.p, '\0', s.len) : NULL;

	if (nul) /* the C readers stop there; an empty number reads as 0 */
		s.len = (size_t)(nul - s.p);
	s = trim(s);
	if (s.len && (s.p[0] == '+' || s.p[0] == '-'))
		s = (struct pk_span){ s.p + 1, s.len - 1 };
	if (s.len && s.p[s.len - 1] == 'L')
		s = trim((struct pk_span){ s.p, s.len - 1 });
	if (s.len == 0)
		return nul != NULL;
	if (!is_digit(s.p[0]))
		return false;
	for (size_t i = 1; i < s.len; i++) {
		if (hex_digit(s.p[i]) < 0 && s.p[i] != '_' &&
		    !(i == 1 && strchr("xXoObB", s.p[i])))
			return false;
	}
	return true;
}

bool pk_pickle_is_float(struct pk_span line)
{
	static const char allowed[] = "0123456789+-._eE \t\r\v\fnaNAiIfFtTyY";
	const uint8_t *nul = line.len ? memchr(line.p, '\0', line.len) : NULL;
	size_t n = nul ? (size_t)(nul - line.p) : line.len;
	bool some = false;

	for (size_t i = 0; i < n; i++) {
		if (!strchr(allowed, line.p[i]))
			return false;
		some |= !is_blank(line.p[i]);
	}
	return some;
}

bool pk_pickle_plain_int(struct pk_span s, int64_t *ret)
{
	enum { SAFE_DIGITS = 17 };
	bool negative = s.len && s.p[0] == '-';
	int64_t v = 0;

	if (s.len && s.p[s.len - 1] == 'L')
		s.len--;
	if (negative)
		s = (struct pk_span){ s.p + 1, s.len - 1 };
	if (s.len == 0 || s.len > SAFE_DIGITS || (s.len > 1 && s.p[0] == '0'))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_digit(s.p[i]))
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*ret = negative ? -v : v;
	return true;
}
