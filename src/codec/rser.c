/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/rser.h"

#include <ctype.h>

static bool is_version(uint32_t version, uint32_t writer)
{
	return (version == 2 || version == 3) && writer >= 0x10000 &&
	       writer < 0x200000;
}

bool pk_rser_begins(struct pk_span head)
{
	struct pk_cursor c = pk_cursor_over(head, 0);
	struct pk_rser r;

	pk_rser_open(&r, &c);
	return pk_cursor_ok(&c);
}

static bool at_blank(const struct pk_cursor *c)
{
	return *c->p == ' ' || *c->p == '\n' || *c->p == '\r' || *c->p == '\t';
}

/* Whether a byte is there; after a fault none is. */
static bool has_byte(struct pk_cursor *c)
{
	return pk_cursor_ok(c) && pk_cursor_ready(c, 1);
}

static void skip_blank(struct pk_cursor *c)
{
	while (has_byte(c) && at_blank(c))
		(void)pk_get_u8(c);
}

/* The next word; longer ones are cut. */
static size_t get_word(struct pk_cursor *c, char *buf, size_t max)
{
	size_t n = 0;

	skip_blank(c);
	while (has_byte(c) && !at_blank(c)) {
		const char ch = (char)pk_get_u8(c);

		if (n + 1 < max)
			buf[n++] = ch;
	}
	buf[n] = 0;
	if (!n)
		pk_cursor_fail(c, PK_FAULT_TRUNCATED);
	return n;
}

static int32_t get_decimal(struct pk_cursor *c)
{
	char word[24];
	const size_t n = get_word(c, word, sizeof(word));
	const bool minus = word[0] == '-';
	int64_t v = 0;

	if (strcmp(word, "NA") == 0)
		return INT32_MIN;
	for (size_t i = minus; i < n; i++) {
		if (!isdigit((unsigned char)word[i]) || v > INT32_MAX) {
			pk_cursor_fail(c, PK_FAULT_VALUE);
			return 0;
		}
		v = v * 10 + (word[i] - '0');
	}
	if (v > UINT32_MAX)
		pk_cursor_fail(c, PK_FAULT_VALUE);
	return (int32_t)(minus ? -v : v);
}

int32_t pk_rser_int(struct pk_rser *r)
{
	switch (r->spelling) {
	case PK_R_XDR:
		return (int32_t)pk_get_u32be(r->c);
	case PK_R_NATIVE:
		return (int32_t)pk_get_u32le(r->c);
	case PK_R_ASCII:
		break;
	}
	return get_decimal(r->c);
}

void pk_rser_open(struct pk_rser *r, struct pk_cursor *c)
{
	static const char spellings[] = "XBA";
	const uint8_t letter = pk_get_u8(c);
	const char *which = letter ? strchr(spellings, letter) : NULL;

	*r = (struct pk_rser){ .c = c };
	if (!which || pk_get_u8(c) != '\n') {
		pk_cursor_fail(c, PK_FAULT_VALUE);
		return;
	}
	r->spelling = (enum pk_rspelling)(which - spellings);
	r->version = (uint32_t)pk_rser_int(r);
	r->writer = (uint32_t)pk_rser_int(r);
	(void)pk_rser_int(r); /* the oldest reader */
	if (!is_version(r->version, r->writer))
		pk_cursor_fail(c, PK_FAULT_VALUE);
	if (r->version == 3) { /* its native encoding */
		const uint64_t n = pk_rser_length(r, 1);

		if (n > 64)
			pk_cursor_fail(c, PK_FAULT_VALUE);
		(void)pk_rser_text(r, n, NULL, 0);
	}
}

uint64_t pk_rser_length(struct pk_rser *r, size_t each)
{
	const int32_t n = pk_rser_int(r);
	uint64_t len = (uint64_t)n;

	if (n == -1) {
		const uint32_t high = (uint32_t)pk_rser_int(r);

		len = ((uint64_t)high << 32) | (uint32_t)pk_rser_int(r);
	} else if (n < 0) {
		pk_cursor_fail(r->c, PK_FAULT_VALUE);
	}
	/* As text, each element is a digit and the end of its line. */
	if (!pk_cursor_ok(r->c) ||
	    !pk_cursor_fits(r->c, len, r->spelling == PK_R_ASCII ? 1 : each))
		return 0;
	return len;
}

void pk_rser_skip(struct pk_rser *r, uint64_t n, size_t each)
{
	char word[4];

	if (r->spelling != PK_R_ASCII) {
		if (pk_cursor_fits(r->c, n, each))
			pk_skip(r->c, n * each);
		return;
	}
	if (each == 16)
		n *= 2; /* complex numbers are two words */
	while (n-- && pk_cursor_ok(r->c))
		(void)get_word(r->c, word, sizeof(word));
}

/* One byte behind a backslash, as R writes them. */
static uint8_t get_escaped(struct pk_cursor *c)
{
	static const char plain[] = "ntvbrfa", mean[] = "\n\t\v\b\r\f\a";
	uint8_t ch = pk_get_u8(c);
	const char *which = ch ? strchr(plain, ch) : NULL;
	unsigned v = 0;

	if (which)
		return (uint8_t)mean[which - plain];
	if (ch < '0' || ch > '7')
		return ch;
	v = (unsigned)(ch - '0');
	for (int i = 0; i < 2 && has_byte(c) && *c->p >= '0' && *c->p <= '7';
	     i++)
		v = v * 8 + (unsigned)(pk_get_u8(c) - '0');
	return (uint8_t)v;
}

size_t pk_rser_text(struct pk_rser *r, uint64_t n, uint8_t *buf, size_t max)
{
	const size_t some = n < max ? (size_t)n : max;

	if (r->spelling != PK_R_ASCII) {
		const struct pk_span text = pk_get_bytes(r->c, some);

		if (text.len)
			memcpy(buf, text.p, text.len);
		pk_skip(r->c, n - some);
		return text.len;
	}
	if (n)
		skip_blank(r->c);
	for (uint64_t i = 0; i < n && pk_cursor_ok(r->c); i++) {
		uint8_t ch = pk_get_u8(r->c);

		if (ch == '\\')
			ch = get_escaped(r->c);
		if (i < some)
			buf[i] = ch;
	}
	return some;
}
