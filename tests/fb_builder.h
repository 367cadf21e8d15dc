/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TESTS_FB_BUILDER_H
#define PK_TESTS_FB_BUILDER_H

#include "support.h"

/*
 * Writes FlatBuffers front to back, honest or not: a table is begun with its
 * number of fields, which are then set one by one; what a field leads to is
 * written afterwards and joined to it.  As the format has it, every offset
 * leads forward but the one to the vtable.
 */
struct t_fb {
	uint8_t p[1 << 14];
	size_t n;
};

static inline size_t fb_put(struct t_fb *b, uint64_t v, unsigned width)
{
	const size_t at = b->n;

	assert_true(width <= sizeof(b->p) - b->n);
	for (unsigned i = 0; i < width; i++)
		b->p[b->n++] = (uint8_t)(v >> (8 * i));
	return at;
}

static inline void fb_set(struct t_fb *b, size_t at, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		b->p[at + i] = (uint8_t)(v >> (8 * i));
}

static inline void fb_align(struct t_fb *b)
{
	while (b->n % 8)
		fb_put(b, 0, 1);
}

/* The offset at a place now leads to the end of what was written. */
static inline void fb_join(struct t_fb *b, size_t at)
{
	fb_align(b);
	fb_set(b, at, b->n - at, 4);
}

/* A new one in static memory, with that identifier. */
static inline struct t_fb *fb_new(const char *id)
{
	static struct t_fb b;

	memset(&b, 0, sizeof(b));
	fb_put(&b, 0, 4);
	memcpy(b.p + b.n, id, 4);
	b.n += 4;
	return &b;
}

/* A table with room for that many fields, all absent; each is 8 bytes wide.
 * Returns where the table is. */
static inline size_t fb_table(struct t_fb *b, unsigned fields)
{
	size_t vtable, at;

	fb_align(b);
	vtable = b->n;
	fb_put(b, 4 + 2 * fields, 2);
	fb_put(b, 8 + 8 * fields, 2);
	for (unsigned i = 0; i < fields; i++)
		fb_put(b, 0, 2);
	fb_align(b);
	at = fb_put(b, 0, 4);
	fb_set(b, at, at - vtable, 4);
	fb_put(b, 0, 4);
	for (unsigned i = 0; i < fields; i++)
		fb_put(b, 0, 8);
	return at;
}

/* The place of a field, which is present from now on. */
static inline size_t fb_field(struct t_fb *b, size_t table, unsigned id)
{
	const size_t back = b->p[table] | (size_t)b->p[table + 1] << 8;

	fb_set(b, table - back + 4 + 2 * id, 8 + 8 * id, 2);
	return table + 8 + 8 * id;
}

static inline void fb_number(struct t_fb *b, size_t table, unsigned id,
			     uint64_t v)
{
	fb_set(b, fb_field(b, table, id), v, 8);
}

/* The field leads to a vector of n elements, zero as yet; returns where the
 * first is. */
static inline size_t fb_vector(struct t_fb *b, size_t table, unsigned id,
			       uint32_t n, unsigned width)
{
	size_t at;

	fb_join(b, fb_field(b, table, id));
	fb_put(b, n, 4);
	at = b->n;
	for (uint32_t i = 0; i < n * width; i++)
		fb_put(b, 0, 1);
	return at;
}

static inline void fb_bytes(struct t_fb *b, size_t table, unsigned id,
			    struct pk_span bytes)
{
	const size_t at = fb_vector(b, table, id, (uint32_t)bytes.len + 1, 1);

	memcpy(b->p + at, bytes.p, bytes.len);
	fb_set(b, at - 4, bytes.len, 4);
}

static inline void fb_text(struct t_fb *b, size_t table, unsigned id,
			   const char *s)
{
	fb_bytes(b, table, id,
		 (struct pk_span){ (const uint8_t *)s, strlen(s) });
}

/* A new table to which the offset at a place leads. */
static inline size_t fb_child(struct t_fb *b, size_t at, unsigned fields)
{
	const size_t table = fb_table(b, fields);

	fb_set(b, at, table - at, 4);
	return table;
}

static inline struct pk_span fb_done(const struct t_fb *b)
{
	return (struct pk_span){ b->p, b->n };
}

#endif
