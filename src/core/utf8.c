/* SPDX-License-Identifier: Apache-2.0 */
#include "core/utf8.h"

/* The least code point that a sequence of so many bytes may spell. */
static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

static unsigned sequence_length(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead < 0xe0)
		return 2;
	if (lead >= 0xe0 && lead < 0xf0)
		return 3;
	if (lead >= 0xf0 && lead < 0xf5)
		return 4;
	return 0;
}

int32_t pk_utf8_next(struct pk_span s, size_t *i)
{
	size_t at = (*i)++;
	unsigned len = sequence_length(s.p[at]);
	uint32_t cp = s.p[at];

	if (len == 1)
		return (int32_t)cp;
	if (len == 0 || len > s.len - at)
		return -1;
	cp &= 0x7fU >> len;
	for (unsigned k = 1; k < len; k++) {
		if ((s.p[at + k] & 0xc0) != 0x80)
			return -1;
		cp = cp << 6 | (s.p[at + k] & 0x3f);
	}
	if (cp < least[len] || cp > 0x10ffff)
		return -1;
	*i = at + len;
	return (int32_t)cp;
}

void pk_utf8_put(struct pk_buf *b, uint32_t cp)
{
	if (cp < 0x80) {
		pk_buf_putc(b, (char)cp);
		return;
	}
	if (cp >= 0x10000) {
		pk_buf_putc(b, (char)(0xf0 | cp >> 18));
		pk_buf_putc(b, (char)(0x80 | (cp >> 12 & 0x3f)));
	} else if (cp >= 0x800) {
		pk_buf_putc(b, (char)(0xe0 | cp >> 12));
	} else {
		pk_buf_putc(b, (char)(0xc0 | cp >> 6));
	}
	if (cp >= 0x800)
		pk_buf_putc(b, (char)(0x80 | (cp >> 6 & 0x3f)));
	pk_buf_putc(b, (char)(0x80 | (cp & 0x3f)));
}

bool pk_utf8_valid(struct pk_span s)
{
	for (size_t i = 0; i < s.len;) {
		if (pk_utf8_next(s, &i) < 0)
			return false;
	}
	return true;
}

static bool step(struct pk_utf8_check *c, uint8_t b)
{
	if (c->need) {
		if (b < c->lo || b > c->hi)
			return false;
		c->need--;
	} else if (b < 0x80) {
		return true;
	} else if (b < 0xc2 || b > 0xf4) {
		return false;
	} else {
		c->need = b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
	}
	c->lo = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
	c->hi = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
	return true;
}

bool pk_utf8_strict(struct pk_utf8_check *c, struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!step(c, s.p[i]))
			return false;
	}
	return true;
}

bool pk_utf8_is_trick(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ||
	       (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) || cp == 0xad || cp == 0x061c ||
	       cp == 0x180e || cp == 0xfeff || (cp >= 0xfff0 && cp <= 0xfffb) ||
	       (cp >= 0xe0000 && cp <= 0xe0fff);
}

static void escape_one(struct pk_buf *b, uint32_t cp)
{
	if (cp == '\n')
		pk_buf_puts(b, "\\n");
	else if (cp == '\r')
		pk_buf_puts(b, "\\r");
	else if (cp == '\t')
		pk_buf_puts(b, "\\t");
	else if (cp < 0x100)
		pk_buf_printf(b, "\\x%02x", cp);
	else if (cp < 0x10000)
		pk_buf_printf(b, "\\u%04x", cp);
	else
		pk_buf_printf(b, "\\U%08x", cp);
}

static bool is_plain(int32_t cp)
{
	return cp >= 0 && !pk_utf8_is_trick((uint32_t)cp) &&
	       (cp < 0xd800 || cp >= 0xe000);
}

/* Moves past the code point at *i, written so that nothing acts on it. */
static void put_safely(struct pk_buf *b, struct pk_span s, size_t *i)
{
	const size_t at = *i;
	const int32_t cp = pk_utf8_next(s, i);

	if (is_plain(cp))
		pk_buf_put(b, s.p + at, *i - at);
	else if (cp < 0)
		pk_buf_printf(b, "\\x%02x", s.p[at]);
	else
		escape_one(b, (uint32_t)cp);
}

bool pk_utf8_plain(struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '\\')
			return false;
	}
	return true;
}

void pk_utf8_escape(struct pk_buf *b, struct pk_span s, size_t max)
{
	size_t i = 0;

	if (s.len <= max && pk_utf8_plain(s)) {
		pk_buf_put(b, s.p, s.len);
		return;
	}
	while (i < s.len && i < max) {
		if (s.p[i] == '\\')
			pk_buf_putc(b, '\\');
		put_safely(b, s, &i);
	}
	if (i < s.len)
		pk_buf_puts(b, "...");
}

void pk_utf8_defuse(struct pk_buf *b, struct pk_span s)
{
	if (pk_utf8_plain(s)) {
		pk_buf_put(b, s.p, s.len);
		return;
	}
	for (size_t i = 0; i < s.len;)
		put_safely(b, s, &i);
}
