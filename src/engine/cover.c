/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cover.h"

#include <stdlib.h>

enum { RANGES_MAX = 1 << 20 };

static bool reserve(struct pk_cover *c)
{
	size_t cap = c->cap ? c->cap * 2 : 16;
	struct pk_range *v;

	if (c->n < c->cap)
		return true;
	v = cap <= RANGES_MAX ? realloc(c->v, cap * sizeof(*v)) : NULL;
	if (!v) {
		c->failed = true;
		return false;
	}
	c->v = v;
	c->cap = cap;
	return true;
}

/* The first range that ends at or after off. */
static size_t find(const struct pk_cover *c, uint64_t off)
{
	size_t lo = 0, hi = c->n;

	if (hi && c->v[hi - 1].to < off)
		return hi;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->v[mid].to < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void pk_cover_add(struct pk_cover *c, uint64_t from, uint64_t to)
{
	size_t first, last;

	if (from >= to)
		return;
	first = last = find(c, from);
	while (last < c->n && c->v[last].from <= to)
		last++;
	if (first == last) {
		if (!reserve(c))
			return;
		memmove(c->v + first + 1, c->v + first,
			(c->n - first) * sizeof(*c->v));
		c->v[first] = (struct pk_range){ from, to };
		c->n++;
		return;
	}
	if (from > c->v[first].from)
		from = c->v[first].from;
	if (to < c->v[last - 1].to)
		to = c->v[last - 1].to;
	c->v[first] = (struct pk_range){ from, to };
	memmove(c->v + first + 1, c->v + last, (c->n - last) * sizeof(*c->v));
	c->n -= last - first - 1;
}

uint64_t pk_cover_total(const struct pk_cover *c)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < c->n; i++)
		sum += c->v[i].to - c->v[i].from;
	return sum;
}

bool pk_cover_gap(const struct pk_cover *c, uint64_t size, uint64_t *at,
		  struct pk_range *ret_gap)
{
	for (size_t i = find(c, *at); i < c->n; i++) {
		if (c->v[i].from > *at) {
			*ret_gap = (struct pk_range){ *at, c->v[i].from };
			*at = c->v[i].to;
			return ret_gap->from < size;
		}
		*at = c->v[i].to;
	}
	*ret_gap = (struct pk_range){ *at, size };
	*at = size;
	return ret_gap->from < size;
}

void pk_cover_release(struct pk_cover *c)
{
	free(c->v);
	*c = (struct pk_cover){ 0 };
}
