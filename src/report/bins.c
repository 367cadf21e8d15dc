/* SPDX-License-Identifier: Apache-2.0 */
#include "report/bins.h"

struct pk_buf *pk_bins_add(struct pk_bins *b, enum pk_severity s, uint64_t max)
{
	uint64_t before = 0;

	b->total++;
	for (int i = (int)s; i <= PK_CRITICAL; i++)
		before += b->of[i].count;
	if (before >= max)
		return NULL;
	b->of[s].count++;
	return &b->of[s].lines;
}

bool pk_line_next(struct pk_span *rest, struct pk_span *line)
{
	const uint8_t *end =
		rest->len ? memchr(rest->p, '\n', rest->len) : NULL;

	if (!end)
		return false;
	line->p = rest->p;
	line->len = (size_t)(end - rest->p);
	rest->p += line->len + 1;
	rest->len -= line->len + 1;
	return true;
}

uint64_t pk_bins_each(const struct pk_bins *b, uint64_t max,
		      void (*put)(void *ctx, struct pk_span line), void *ctx)
{
	uint64_t n = 0;

	for (int i = PK_CRITICAL; i >= PK_INFO; i--) {
		struct pk_span rest = pk_buf_span(&b->of[i].lines), line;

		for (; n < max && pk_line_next(&rest, &line); n++)
			put(ctx, line);
	}
	return b->total - n;
}

bool pk_bins_ok(const struct pk_bins *b)
{
	for (int i = PK_INFO; i <= PK_CRITICAL; i++) {
		if (!pk_buf_ok(&b->of[i].lines))
			return false;
	}
	return true;
}

void pk_bins_release(struct pk_bins *b)
{
	for (int i = PK_INFO; i <= PK_CRITICAL; i++)
		pk_buf_release(&b->of[i].lines);
	*b = (struct pk_bins){ 0 };
}
