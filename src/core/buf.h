/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CORE_BUF_H
#define PK_CORE_BUF_H

#include "core/span.h"
#include "core/status.h"

/*
 * Text or bytes that grow.  A failed allocation, or growing past max (when
 * max is not 0), is remembered and later writes do nothing: write it all,
 * ask pk_buf_ok() once.  The content is not NUL-terminated; pk_buf_str() is.
 */
struct pk_buf {
	char *p;
	size_t len;
	size_t cap;
	size_t max;
	bool failed;
};

static inline bool pk_buf_ok(const struct pk_buf *b)
{
	return !b->failed;
}

static inline struct pk_span pk_buf_span(const struct pk_buf *b)
{
	return (struct pk_span){ (const uint8_t *)b->p, b->len };
}

void pk_buf_put(struct pk_buf *b, const void *bytes, size_t n);
void pk_buf_puts(struct pk_buf *b, const char *s);
void pk_buf_putc(struct pk_buf *b, char ch);
PK_PRINTF(2, 3)
void pk_buf_printf(struct pk_buf *b, const char *fmt, ...);

/* The content as a NUL-terminated string, "" when empty or failed. */
const char *pk_buf_str(struct pk_buf *b);

void pk_buf_release(struct pk_buf *b);

#endif
