/* SPDX-License-Identifier: Apache-2.0 */
#include "report/paint.h"

#include <inttypes.h>

#include "core/utf8.h"

/* ECMA-48 SGR; the 16 basic colours, which themes of terminals adjust. */
static const char *const codes[] = {
	[PK_PLAIN] = "",
	[PK_BOLD] = "\x1b[1m",
	[PK_DIM] = "\x1b[2m",
	[PK_RED] = "\x1b[31m",
	[PK_BOLD_RED] = "\x1b[1;31m",
	[PK_YELLOW] = "\x1b[33m",
	[PK_GREEN] = "\x1b[32m",
	[PK_CYAN] = "\x1b[36m",
};

static struct pk_span span_of(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static void start(struct pk_output *o, enum pk_paint how)
{
	if (o->style.color)
		pk_buf_puts(&o->out, codes[how]);
}

static void stop(struct pk_output *o, enum pk_paint how)
{
	if (o->style.color && how != PK_PLAIN)
		pk_buf_puts(&o->out, "\x1b[0m");
}

void pk_paint(struct pk_output *o, enum pk_paint how, const char *text)
{
	start(o, how);
	pk_utf8_defuse(&o->out, span_of(text));
	stop(o, how);
}

/* Columns, near enough: code points, bytes that are none counting one. */
static size_t columns(struct pk_span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; n++)
		(void)pk_utf8_next(s, &i);
	return n;
}

static void spaces(struct pk_output *o, size_t n)
{
	while (n-- > 0)
		pk_buf_putc(&o->out, ' ');
}

void pk_paint_cell(struct pk_output *o, enum pk_paint how, const char *text,
		   size_t column)
{
	const size_t n = columns(span_of(text));

	pk_paint(o, how, text);
	spaces(o, n < column ? column - n : (n > 0));
}

static size_t word_length(const char *s)
{
	return strcspn(s, " ");
}

/* As many words as fit in room; at least one. */
static size_t line_length(const char *s, size_t room)
{
	size_t n = word_length(s);

	while (s[n]) {
		const size_t next = n + 1 + word_length(s + n + 1);

		if (columns((struct pk_span){ (const uint8_t *)s, next }) >
		    room)
			break;
		n = next;
	}
	return n;
}

static void put_lines(struct pk_output *o, enum pk_paint how, size_t indent,
		      const char *s)
{
	const size_t width = o->style.width;
	const size_t room = width > indent + 20 ? width - indent : 20;

	do {
		const size_t n = width ? line_length(s, room) : strlen(s);

		start(o, how);
		pk_buf_put(&o->out, s, n);
		stop(o, how);
		pk_buf_putc(&o->out, '\n');
		s += n + strspn(s + n, " ");
		if (*s)
			spaces(o, indent);
	} while (*s);
}

void pk_paint_wrapped(struct pk_output *o, enum pk_paint how, size_t indent,
		      const char *text)
{
	struct pk_buf b = { 0 };

	pk_utf8_defuse(&b, span_of(text));
	put_lines(o, how, indent, pk_buf_str(&b));
	pk_buf_release(&b);
}

void pk_put_size(struct pk_buf *b, uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB" };
	double v = (double)bytes / 1024;
	size_t i = 0;

	if (bytes < 1024) {
		pk_buf_printf(b, "%" PRIu64 " byte%s", bytes,
			      bytes == 1 ? "" : "s");
		return;
	}
	for (; v >= 1023.95 && i < 5; i++)
		v /= 1024;
	pk_buf_printf(b, "%.1f %s", v, units[i]);
}

void pk_put_count(struct pk_buf *b, uint64_t n, const char *what)
{
	pk_buf_printf(b, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

enum pk_paint pk_paint_of_severity(enum pk_severity s)
{
	static const enum pk_paint paints[] = {
		[PK_INFO] = PK_DIM,          [PK_LOW] = PK_CYAN,
		[PK_MEDIUM] = PK_YELLOW,     [PK_HIGH] = PK_RED,
		[PK_CRITICAL] = PK_BOLD_RED,
	};

	return paints[s];
}

enum pk_paint pk_paint_of_verdict(enum pk_verdict v)
{
	static const enum pk_paint paints[] = {
		[PK_SKIPPED] = PK_DIM,    [PK_CLEAN] = PK_GREEN,
		[PK_UNKNOWN] = PK_YELLOW, [PK_ERROR] = PK_YELLOW,
		[PK_SUSPICIOUS] = PK_RED, [PK_MALICIOUS] = PK_BOLD_RED,
	};

	return paints[v];
}
