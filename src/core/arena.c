/* SPDX-License-Identifier: Apache-2.0 */
#include "core/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct pk_arena_block {
	struct pk_arena_block *next;
	size_t used;
	size_t cap;
	alignas(max_align_t) unsigned char mem[];
};

enum { BLOCK_MIN = 4 * 1024, BLOCK_MAX = 256 * 1024 };

bool pk_meter_take(struct pk_meter *m, size_t n)
{
	if (n > m->ceiling - m->used) {
		m->exceeded = true;
		return false;
	}
	m->used += n;
	return true;
}

void pk_meter_give(struct pk_meter *m, size_t n)
{
	m->used -= n;
}

/* Blocks double, so that small objects stay small and large ones cheap. */
static size_t next_cap(const struct pk_arena *a, size_t total)
{
	size_t cap = a->blocks ? a->blocks->cap * 2 : BLOCK_MIN;

	if (cap > BLOCK_MAX)
		cap = BLOCK_MAX;
	return cap > total ? cap : total;
}

static struct pk_arena_block *grow(struct pk_arena *a, size_t total)
{
	size_t cap = next_cap(a, total);
	struct pk_arena_block *b;

	if (!pk_meter_take(a->meter, cap))
		return NULL;
	b = calloc(1, sizeof(*b) + cap);
	if (!b) {
		pk_meter_give(a->meter, cap);
		a->meter->exceeded = true;
		return NULL;
	}
	b->cap = cap;
	b->next = a->blocks;
	a->blocks = b;
	return b;
}

void *pk_arena_alloc(struct pk_arena *a, size_t n, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct pk_arena_block *b = a->blocks;
	size_t total;
	void *mem;

	if (__builtin_mul_overflow(n, size, &total) || total > SIZE_MAX / 4) {
		a->meter->exceeded = true;
		return NULL;
	}
	total = (total + align - 1) / align * align;
	if (!b || total > b->cap - b->used)
		b = grow(a, total);
	if (!b)
		return NULL;
	mem = b->mem + b->used;
	b->used += total;
	return mem;
}

char *pk_arena_copy(struct pk_arena *a, struct pk_span bytes)
{
	char *s = pk_arena_alloc(a, bytes.len + 1, 1);

	if (s && bytes.len)
		memcpy(s, bytes.p, bytes.len);
	return s;
}

char *pk_arena_printf(struct pk_arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *s = NULL;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0)
		s = pk_arena_alloc(a, (size_t)n + 1, 1);
	if (s)
		(void)vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return s;
}

void pk_arena_release(struct pk_arena *a)
{
	while (a->blocks) {
		struct pk_arena_block *next = a->blocks->next;

		pk_meter_give(a->meter, a->blocks->cap);
		free(a->blocks);
		a->blocks = next;
	}
}
