/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool reserve(struct pk_buf *b, size_t n)
{
	size_t need = b->len + n + 1; /* room for the terminator */
	size_t cap = b->cap ? b->cap : 64;
	char *p;

	if (b->failed || need < n || (b->max && b->len + n > b->max)) {
		b->failed = true;
		return false;
	}
	if (need <= b->cap)
		return true;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	p = realloc(b->p, cap);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void pk_buf_put(struct pk_buf *b, const void *bytes, size_t n)
{
	if (n == 0 || !reserve(b, n))
		return;
	memcpy(b->p + b->len, bytes, n);
	b->len += n;
}

void pk_buf_puts(struct pk_buf *b, const char *s)
{
	pk_buf_put(b, s, strlen(s));
}

void pk_buf_putc(struct pk_buf *b, char ch)
{
	pk_buf_put(b, &ch, 1);
}

void pk_buf_printf(struct pk_buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0 && reserve(b, (size_t)n)) {
		(void)vsnprintf(b->p + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
	va_end(ap);
}

const char *pk_buf_str(struct pk_buf *b)
{
	if (!reserve(b, 0))
		return "";
	b->p[b->len] = '\0';
	return b->p;
}

void pk_buf_release(struct pk_buf *b)
{
	free(b->p);
	*b = (struct pk_buf){ .max = b->max };
}
