/* SPDX-License-Identifier: Apache-2.0 */
#include "pb_text.h"

#include <ctype.h>
#include <stdlib.h>

static const char *skip_blanks(const char *p)
{
	for (;; p++) {
		while (isspace((unsigned char)*p))
			p++;
		if (*p != '#')
			return p;
		while (p[1] && p[1] != '\n')
			p++;
	}
}

static void put_byte(struct pk_buf *b, unsigned v)
{
	const char byte = (char)v;

	pk_buf_put(b, &byte, 1);
}

static void put_varint(struct pk_buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		put_byte(b, (unsigned)(v & 0x7f) | 0x80);
	put_byte(b, (unsigned)v);
}

static const char *hex(const char *p, struct pk_buf *b)
{
	for (; isxdigit((unsigned char)p[0]) && isxdigit((unsigned char)p[1]);
	     p += 2) {
		const char two[3] = { p[0], p[1], 0 };

		put_byte(b, (unsigned)strtoul(two, NULL, 16));
	}
	return p;
}

static const char *quoted(const char *p, struct pk_buf *b)
{
	for (; *p && *p != '"'; p++) {
		if (*p != '\\') {
			put_byte(b, (unsigned char)*p);
		} else if (*++p == 'x') {
			const char two[3] = { p[1], p[1] ? p[2] : 0, 0 };

			put_byte(b, (unsigned)strtoul(two, NULL, 16));
			p += 2;
		} else {
			put_byte(b, *p == 'n' ? '\n' : (unsigned char)*p);
		}
	}
	return *p == '"' ? p + 1 : p;
}

static const char *packed(const char *p, struct pk_buf *b)
{
	for (p = skip_blanks(p); *p && *p != ']'; p = skip_blanks(p)) {
		char *end;

		put_varint(b, (uint64_t)strtoll(p, &end, 10));
		if (end == p)
			return p;
		p = end;
	}
	return *p == ']' ? p + 1 : p;
}

static const char *fields(const char *p, struct pk_buf *out);

/* Content that is preceded by its length. */
static const char *counted(const char *p, uint64_t number, struct pk_buf *out)
{
	struct pk_buf in = { 0 };
	char *end = NULL;

	if (*p == '{') {
		p = fields(p + 1, &in);
		p = *p == '}' ? p + 1 : p;
	} else if (*p == '"') {
		p = quoted(p + 1, &in);
	} else if (*p == '[') {
		p = packed(p + 1, &in);
	} else {
		for (long n = strtol(p + 1, &end, 10); n > 0; n--)
			put_byte(&in, 0);
		p = end;
	}
	put_varint(out, number << 3 | 2);
	put_varint(out, in.len);
	pk_buf_put(out, pk_buf_str(&in), in.len);
	pk_buf_release(&in);
	return p;
}

static const char *group(const char *p, uint64_t number, struct pk_buf *out)
{
	put_varint(out, number << 3 | 3);
	p = fields(p, out);
	put_varint(out, number << 3 | 4);
	return *p == ')' ? p + 1 : p;
}

static const char *fixed(const char *p, uint64_t number, struct pk_buf *out)
{
	struct pk_buf in = { 0 };

	p = hex(p, &in);
	put_varint(out, number << 3 | (in.len == 4 ? 5 : 1));
	pk_buf_put(out, pk_buf_str(&in), in.len);
	pk_buf_release(&in);
	return p;
}

/* Up to the end, or to a character that begins no field. */
static const char *fields(const char *p, struct pk_buf *out)
{
	for (p = skip_blanks(p); isdigit((unsigned char)*p) || *p == '~';
	     p = skip_blanks(p)) {
		char *after;
		uint64_t number;

		if (*p == '~') {
			p = hex(p + 1, out);
			continue;
		}
		number = strtoull(p, &after, 10);
		p = after;
		if (*p == '=') {
			put_varint(out, number << 3);
			put_varint(out, (uint64_t)strtoll(p + 1, &after, 10));
			p = after;
		} else if (*p == '(') {
			p = group(p + 1, number, out);
		} else if (*p == '%') {
			p = fixed(p + 1, number, out);
		} else if (*p == '{' || *p == '"' || *p == '[' || *p == '*') {
			p = counted(p, number, out);
		} else {
			return p;
		}
	}
	return p;
}

const char *pb_text(const char *text, struct pk_buf *out)
{
	const char *p = fields(text, out);

	return *p ? p : NULL;
}
