/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/flatbuf.h"

enum {
	PAGE = 4096,
	PAGES = 16, /* a power of two */
	OFFSET_MAX = INT32_MAX,
};

struct pk_fb_page {
	uint64_t at; /* UINT64_MAX: nothing */
	size_t len;
	uint8_t bytes[PAGE];
};

void pk_fb_open(struct pk_fb *b, struct pk_source *src, uint64_t base,
		uint64_t size, struct pk_arena *arena)
{
	*b = (struct pk_fb){ .src = src, .base = base };
	if (base < src->size)
		b->size = size < src->size - base ? size : src->size - base;
	b->where = pk_cursor_over((struct pk_span){ 0 }, base);
	if (src->mem)
		return;
	b->pages = pk_arena_alloc(arena, PAGES, sizeof(*b->pages));
	if (!b->pages)
		pk_fb_fail(b, 0, PK_FAULT_IO);
	for (unsigned i = 0; b->pages && i < PAGES; i++)
		b->pages[i].at = UINT64_MAX;
}

void pk_fb_fail(struct pk_fb *b, uint64_t at, enum pk_fault why)
{
	if (pk_fb_ok(b))
		b->where.off = b->base + at;
	pk_cursor_fail(&b->where, why);
}

static const struct pk_fb_page *page_of(struct pk_fb *b, uint64_t at)
{
	struct pk_fb_page *p = &b->pages[at / PAGE % PAGES];
	const uint64_t from = at / PAGE * PAGE;

	if (p->at != from) {
		p->at = from;
		p->len = pk_source_read(b->src, b->base + from, p->bytes, PAGE);
	}
	return p;
}

/* The only place where bytes are read. */
static bool fetch(struct pk_fb *b, uint64_t at, uint8_t *buf, size_t n)
{
	if (at > b->size || n > b->size - at)
		pk_fb_fail(b, at, PK_FAULT_TRUNCATED);
	if (!pk_fb_ok(b))
		return false;
	if (at + n > b->end)
		b->end = at + n;
	if (b->src->mem) {
		memcpy(buf, b->src->mem + b->base + at, n);
		return true;
	}
	while (n) {
		const struct pk_fb_page *p = page_of(b, at);
		const size_t in = at % PAGE;
		size_t part = in < p->len ? p->len - in : 0;

		if (part == 0) {
			pk_fb_fail(b, at, PK_FAULT_IO);
			return false;
		}
		part = part < n ? part : n;
		memcpy(buf, p->bytes + in, part);
		buf += part;
		at += part;
		n -= part;
	}
	return true;
}

static uint64_t get(struct pk_fb *b, uint64_t at, unsigned width)
{
	uint8_t buf[8] = { 0 };
	uint64_t v = 0;

	if (!fetch(b, at, buf, width))
		return 0;
	for (unsigned i = 0; i < width; i++)
		v |= (uint64_t)buf[i] << (8 * i);
	return v;
}

static int64_t sign(uint64_t v, unsigned width)
{
	const unsigned shift = 64 - 8 * width;

	return (int64_t)(v << shift) >> shift;
}

/* Where the offset that stands at a place leads; 0 on a fault. */
static uint64_t follow(struct pk_fb *b, uint64_t at)
{
	const uint64_t off = get(b, at, 4);

	if (pk_fb_ok(b) && (off == 0 || off > OFFSET_MAX ||
			    off > b->size - at || b->size - at - off < 4))
		pk_fb_fail(b, at, PK_FAULT_RANGE);
	return pk_fb_ok(b) ? at + off : 0;
}

static struct pk_fb_table table(struct pk_fb *b, uint64_t at)
{
	struct pk_fb_table t = { .at = at };
	const int64_t back = sign(get(b, at, 4), 4);
	const int64_t vtable = (int64_t)at - back;
	uint64_t inlined;

	if (pk_fb_ok(b) && (vtable < 0 || (uint64_t)vtable > b->size))
		pk_fb_fail(b, at, PK_FAULT_RANGE);
	t.vtable = (uint64_t)vtable;
	t.slots = (uint16_t)get(b, t.vtable, 2);
	inlined = get(b, t.vtable + 2, 2);
	if (pk_fb_ok(b) && (t.slots < 4 || t.slots % 2 || inlined < 4))
		pk_fb_fail(b, t.vtable, PK_FAULT_VALUE);
	if (pk_fb_ok(b) &&
	    (t.slots > b->size - t.vtable || inlined > b->size - at))
		pk_fb_fail(b, t.vtable, PK_FAULT_RANGE);
	if (++b->tables > PK_FB_TABLES_MAX)
		pk_fb_fail(b, at, PK_FAULT_LIMIT);
	if (!pk_fb_ok(b))
		return (struct pk_fb_table){ 0 };
	if (at + inlined > b->end)
		b->end = at + inlined;
	if (t.vtable + t.slots > b->end)
		b->end = t.vtable + t.slots;
	return t;
}

struct pk_fb_table pk_fb_root(struct pk_fb *b)
{
	const uint64_t at = follow(b, 0);

	return at ? table(b, at) : (struct pk_fb_table){ 0 };
}

/* Where the field stands, or 0. */
static uint64_t field(struct pk_fb *b, const struct pk_fb_table *t, unsigned id)
{
	const unsigned slot = 4 + 2 * id;
	uint64_t off;

	if (!t->at || slot + 2 > t->slots || !pk_fb_ok(b))
		return 0;
	off = get(b, t->vtable + slot, 2);
	return off ? t->at + off : 0;
}

bool pk_fb_has(struct pk_fb *b, const struct pk_fb_table *t, unsigned id)
{
	return field(b, t, id) != 0;
}

uint64_t pk_fb_uint(struct pk_fb *b, const struct pk_fb_table *t, unsigned id,
		    unsigned width, uint64_t dflt)
{
	const uint64_t at = field(b, t, id);
	const uint64_t v = at ? get(b, at, width) : dflt;

	return pk_fb_ok(b) ? v : dflt;
}

int64_t pk_fb_int(struct pk_fb *b, const struct pk_fb_table *t, unsigned id,
		  unsigned width, int64_t dflt)
{
	const uint64_t at = field(b, t, id);
	const int64_t v = at ? sign(get(b, at, width), width) : dflt;

	return pk_fb_ok(b) ? v : dflt;
}

struct pk_fb_table pk_fb_child(struct pk_fb *b, const struct pk_fb_table *t,
			       unsigned id)
{
	uint64_t at = field(b, t, id);

	if (at)
		at = follow(b, at);
	return at ? table(b, at) : (struct pk_fb_table){ 0 };
}

static struct pk_fb_vec vector(struct pk_fb *b, uint64_t at, uint32_t width)
{
	struct pk_fb_vec v = { .at = at + 4, .width = width };

	v.n = (uint32_t)get(b, at, 4);
	if (pk_fb_ok(b) && v.n > (b->size - v.at) / width)
		pk_fb_fail(b, at, PK_FAULT_RANGE);
	if (!pk_fb_ok(b))
		return (struct pk_fb_vec){ .width = width };
	if (v.at + (uint64_t)v.n * width > b->end)
		b->end = v.at + (uint64_t)v.n * width;
	return v;
}

struct pk_fb_vec pk_fb_vector(struct pk_fb *b, const struct pk_fb_table *t,
			      unsigned id, uint32_t width)
{
	uint64_t at = field(b, t, id);

	if (at)
		at = follow(b, at);
	return at ? vector(b, at, width) : (struct pk_fb_vec){ .width = width };
}

/* The NUL is looked for without moving b->end past a vector of bytes. */
static struct pk_fb_vec text(struct pk_fb *b, uint64_t at)
{
	const struct pk_fb_vec v = vector(b, at, 1);

	if (pk_fb_ok(b) && get(b, v.at + v.n, 1) != 0)
		pk_fb_fail(b, v.at + v.n, PK_FAULT_VALUE);
	return pk_fb_ok(b) ? v : (struct pk_fb_vec){ .width = 1 };
}

struct pk_fb_vec pk_fb_text(struct pk_fb *b, const struct pk_fb_table *t,
			    unsigned id)
{
	uint64_t at = field(b, t, id);

	if (at)
		at = follow(b, at);
	return at ? text(b, at) : (struct pk_fb_vec){ .width = 1 };
}

static uint64_t element(const struct pk_fb_vec *v, uint32_t i)
{
	return v->at + (uint64_t)i * v->width;
}

uint64_t pk_fb_uint_at(struct pk_fb *b, const struct pk_fb_vec *v, uint32_t i)
{
	return get(b, element(v, i), v->width);
}

int64_t pk_fb_int_at(struct pk_fb *b, const struct pk_fb_vec *v, uint32_t i)
{
	return sign(get(b, element(v, i), v->width), v->width);
}

struct pk_fb_table pk_fb_table_at(struct pk_fb *b, const struct pk_fb_vec *v,
				  uint32_t i)
{
	const uint64_t at = follow(b, element(v, i));

	return at ? table(b, at) : (struct pk_fb_table){ 0 };
}

struct pk_fb_vec pk_fb_text_at(struct pk_fb *b, const struct pk_fb_vec *v,
			       uint32_t i)
{
	const uint64_t at = follow(b, element(v, i));

	return at ? text(b, at) : (struct pk_fb_vec){ .width = 1 };
}

uint64_t pk_fb_part_at(struct pk_fb *b, const struct pk_fb_vec *v, uint32_t i,
		       unsigned off, unsigned width)
{
	return get(b, element(v, i) + off, width);
}

struct pk_span pk_fb_bytes(struct pk_fb *b, const struct pk_fb_vec *v,
			   size_t max, struct pk_arena *arena)
{
	const uint64_t len = (uint64_t)v->n * v->width;
	const size_t n = len < max ? (size_t)len : max;
	uint8_t *copy = n ? pk_arena_alloc(arena, n, 1) : NULL;

	if (!copy || !fetch(b, v->at, copy, n))
		return (struct pk_span){ 0 };
	return (struct pk_span){ copy, n };
}
