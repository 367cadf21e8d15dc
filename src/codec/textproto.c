/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/textproto.h"

#include <stdlib.h>

enum { NAME_MAX = 128, NUMBER_MAX = 64 };

struct text {
	struct pk_cursor *c;
	struct pk_textproto *stats;
	unsigned depth;
};

static int peek(struct text *t)
{
	return pk_cursor_ready(t->c, 1) ? *t->c->p : -1;
}

static void fail(struct text *t)
{
	pk_cursor_fail(t->c, PK_FAULT_VALUE);
}

static bool is_blank(int ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' ||
	       ch == '\f' || ch == '\v';
}

static bool is_word(int ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
	       (ch >= '0' && ch <= '9') || ch == '_';
}

/* The next character that is neither blank nor comment; -1 at the end. */
static int next(struct text *t)
{
	for (;;) {
		int ch = peek(t);

		if (is_blank(ch)) {
			pk_skip(t->c, 1);
		} else if (ch == '#') {
			while (ch != '\n' && ch >= 0) {
				pk_skip(t->c, 1);
				ch = peek(t);
			}
		} else {
			return ch;
		}
	}
}

static bool take(struct text *t, int ch)
{
	if (next(t) != ch)
		return false;
	pk_skip(t->c, 1);
	return true;
}

/* A name or a number; longer ones are cut. */
static size_t word(struct text *t, char *buf, size_t max)
{
	size_t n = 0;

	for (int ch = next(t);
	     is_word(ch) || ch == '.' || ch == '+' || ch == '-'; ch = peek(t)) {
		if (n + 1 < max)
			buf[n++] = (char)ch;
		pk_skip(t->c, 1);
	}
	buf[n] = 0;
	return n;
}

static int digit(int ch, int base)
{
	int v = -1;

	if (ch >= '0' && ch <= '9')
		v = ch - '0';
	else if ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'f')
		v = (ch | 0x20) - 'a' + 10;
	return v < base ? v : -1;
}

/* Up to max digits behind an escape. */
static unsigned digits(struct text *t, int base, unsigned max)
{
	unsigned v = 0;

	for (unsigned i = 0; i < max && digit(peek(t), base) >= 0; i++) {
		v = v * (unsigned)base + (unsigned)digit(peek(t), base);
		pk_skip(t->c, 1);
	}
	return v;
}

static void put_utf8(struct pk_buf *out, unsigned cp)
{
	if (cp < 0x80) {
		pk_buf_putc(out, (char)cp);
	} else if (cp < 0x800) {
		pk_buf_putc(out, (char)(0xc0 | cp >> 6));
		pk_buf_putc(out, (char)(0x80 | (cp & 0x3f)));
	} else {
		if (cp >= 0x10000)
			pk_buf_putc(out, (char)(0xf0 | (cp >> 18 & 7)));
		pk_buf_putc(out, (char)(cp >= 0x10000 ? 0x80 | (cp >> 12 & 0x3f)
						      : 0xe0 | cp >> 12));
		pk_buf_putc(out, (char)(0x80 | (cp >> 6 & 0x3f)));
		pk_buf_putc(out, (char)(0x80 | (cp & 0x3f)));
	}
}

static void escape(struct text *t, struct pk_buf *out)
{
	static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
	const int ch = peek(t);
	const char *plain = ch > 0 ? strchr(from, ch) : NULL;

	if (digit(ch, 8) >= 0) {
		pk_buf_putc(out, (char)digits(t, 8, 3));
		return;
	}
	if (ch >= 0)
		pk_skip(t->c, 1);
	if (ch == 'x' || ch == 'X')
		pk_buf_putc(out, (char)digits(t, 16, 2));
	else if (ch == 'u' || ch == 'U')
		put_utf8(out, digits(t, 16, ch == 'u' ? 4 : 8));
	else
		pk_buf_putc(out, plain ? to[plain - from] : (char)ch);
}

/* One string or several, which are one. */
static void strings(struct text *t, struct pk_buf *out)
{
	for (int quote = next(t); quote == '"' || quote == '\'';
	     quote = next(t)) {
		int ch;

		pk_skip(t->c, 1);
		for (ch = peek(t); ch >= 0 && ch != quote && pk_buf_ok(out);
		     ch = peek(t)) {
			pk_skip(t->c, 1);
			if (ch == '\\')
				escape(t, out);
			else
				pk_buf_putc(out, (char)ch);
		}
		if (ch != quote) {
			fail(t);
			return;
		}
		pk_skip(t->c, 1);
	}
}

static void put_varint(struct pk_buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		pk_buf_putc(b, (char)((v & 0x7f) | 0x80));
	pk_buf_putc(b, (char)v);
}

static void put_tag(struct pk_buf *b, const struct pk_pb_line *line,
		    enum pk_pb_wire wire)
{
	put_varint(b, (uint64_t)line->number << 3 | (unsigned)wire);
}

static void put_counted(struct pk_buf *out, const struct pk_pb_line *line,
			struct pk_buf *content)
{
	put_tag(out, line, PK_PB_LEN);
	put_varint(out, content->len);
	pk_buf_put(out, pk_buf_str(content), content->len);
	out->failed |= content->failed;
	pk_buf_release(content);
}

static void put_number(struct pk_buf *out, const struct pk_pb_line *line,
		       const char *spelled)
{
	static const char zeros[8];

	switch (line->type) {
	case PK_PB_INT:
	case PK_PB_INTS:
		put_tag(out, line, PK_PB_VARINT);
		put_varint(out, strcmp(spelled, "true") == 0
					? 1
					: (uint64_t)strtoll(spelled, NULL, 0));
		break;
	case PK_PB_FIXED32:
	case PK_PB_FIXED32S:
		put_tag(out, line, PK_PB_I32);
		pk_buf_put(out, zeros, 4);
		break;
	case PK_PB_FIXED64:
	case PK_PB_FIXED64S:
		put_tag(out, line, PK_PB_I64);
		pk_buf_put(out, zeros, 8);
		break;
	case PK_PB_TEXT:
	case PK_PB_BYTES:
	case PK_PB_MESSAGE:
		break;
	}
}

static void message(struct text *t, const struct pk_pb_message *m,
		    struct pk_buf *out, int close);

static void submessage(struct text *t, const struct pk_pb_line *line,
		       struct pk_buf *out, int close)
{
	struct pk_buf in = { .max = out->max };
	const bool known = line && line->type == PK_PB_MESSAGE && line->of;

	pk_skip(t->c, 1);
	if (++t->depth > PK_PB_DEPTH_MAX) {
		fail(t);
		return;
	}
	message(t, known ? line->of : NULL, &in, close);
	t->depth--;
	if (known)
		put_counted(out, line, &in);
	pk_buf_release(&in);
}

static void scalar(struct text *t, const struct pk_pb_line *line,
		   struct pk_buf *out)
{
	struct pk_buf in = { .max = out->max };
	char spelled[NUMBER_MAX];
	const int ch = next(t);

	if (ch == '"' || ch == '\'') {
		strings(t, &in);
		if (line &&
		    (line->type == PK_PB_TEXT || line->type == PK_PB_BYTES))
			put_counted(out, line, &in);
		pk_buf_release(&in);
	} else if (word(t, spelled, sizeof(spelled)) == 0) {
		fail(t);
	} else if (line) {
		put_number(out, line, spelled);
	}
}

static void value(struct text *t, const struct pk_pb_line *line,
		  struct pk_buf *out)
{
	const int ch = next(t);

	if (ch == '{' || ch == '<')
		submessage(t, line, out, ch == '{' ? '}' : '>');
	else
		scalar(t, line, out);
}

static void values(struct text *t, const struct pk_pb_line *line,
		   struct pk_buf *out)
{
	if (!take(t, '[')) {
		value(t, line, out);
		return;
	}
	while (pk_cursor_ok(t->c) && !take(t, ']')) {
		value(t, line, out);
		(void)take(t, ',');
		if (next(t) < 0)
			fail(t);
	}
}

static const struct pk_pb_line *named(const struct pk_pb_message *m,
				      const char *name)
{
	for (size_t i = 0; m && i < m->count; i++) {
		if (strcmp(m->lines[i].name, name) == 0)
			return &m->lines[i];
	}
	return NULL;
}

/* An extension's or a type's name in brackets: never one of ours. */
static bool bracketed(struct text *t)
{
	if (!take(t, '['))
		return false;
	while (next(t) >= 0 && !take(t, ']'))
		pk_skip(t->c, 1);
	return true;
}

static void field(struct text *t, const struct pk_pb_message *m,
		  struct pk_buf *out)
{
	const struct pk_pb_line *line = NULL;
	char name[NAME_MAX];

	if (!bracketed(t)) {
		if (word(t, name, sizeof(name)) == 0) {
			fail(t);
			return;
		}
		line = named(m, name);
	}
	if (line)
		t->stats->fields++;
	else
		t->stats->skipped++;
	if (!take(t, ':') && next(t) != '{' && next(t) != '<') {
		fail(t);
		return;
	}
	values(t, line, out);
	if (!take(t, ','))
		(void)take(t, ';');
}

static void message(struct text *t, const struct pk_pb_message *m,
		    struct pk_buf *out, int close)
{
	while (pk_cursor_ok(t->c) && pk_buf_ok(out)) {
		if (next(t) < 0 && close < 0)
			return;
		if (close >= 0 && take(t, close))
			return;
		field(t, m, out);
	}
}

bool pk_textproto_encode(struct pk_cursor *c, const struct pk_pb_message *m,
			 struct pk_buf *out, struct pk_textproto *ret)
{
	struct text t = { .c = c, .stats = ret };

	*ret = (struct pk_textproto){ 0 };
	message(&t, m, out, -1);
	return pk_cursor_ok(c) && pk_buf_ok(out);
}

const struct pk_pb_line *pk_textproto_first(struct pk_span head,
					    const struct pk_pb_message *m)
{
	struct pk_textproto stats;
	struct pk_cursor c = pk_cursor_over(head, 0);
	struct text t = { .c = &c, .stats = &stats };
	char name[NAME_MAX];
	const struct pk_pb_line *line;

	if (word(&t, name, sizeof(name)) == 0)
		return NULL;
	line = named(m, name);
	return next(&t) == ':' || next(&t) == '{' || next(&t) == '<' ? line
								     : NULL;
}
