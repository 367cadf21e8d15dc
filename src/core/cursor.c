/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cursor.h"

/* A NULL pointer plus zero is undefined, so give it something. */
static const uint8_t nothing[1];

struct pk_cursor pk_cursor_over(struct pk_span bytes, uint64_t file_off)
{
	const uint8_t *p = bytes.p ? bytes.p : nothing;

	return (struct pk_cursor){ .p = p,
				   .end = p + bytes.len,
				   .off = file_off,
				   .stop = file_off + bytes.len };
}

struct pk_cursor pk_cursor_open(struct pk_source *src, uint64_t off,
				uint64_t len, struct pk_arena *a)
{
	struct pk_cursor c = { .p = nothing, .end = nothing, .src = src };

	c.off = off < src->size ? off : src->size;
	c.stop = len < src->size - c.off ? c.off + len : src->size;
	if (src->mem) {
		c.p = src->mem + c.off;
		c.end = src->mem + c.stop;
		return c;
	}
	c.win_cap = PK_WINDOW;
	c.step = src->grain;
	if (c.stop - c.off < c.win_cap)
		c.win_cap = (size_t)(c.stop - c.off);
	c.win = pk_arena_alloc(a, c.win_cap ? c.win_cap : 1, 1);
	if (!c.win)
		pk_cursor_fail(&c, PK_FAULT_IO);
	return c;
}

void pk_cursor_fail(struct pk_cursor *c, enum pk_fault why)
{
	if (!pk_cursor_ok(c))
		return;
	c->fault = why;
	c->fault_off = c->off;
	c->end = c->p; /* nothing is ready any more */
}

void pk_cursor_forgive(struct pk_cursor *c)
{
	const bool windowed = c->src && !c->src->mem;

	if (pk_cursor_ok(c) || (windowed && !c->win))
		return;
	c->fault = PK_FAULT_NONE;
	if (windowed)
		c->p = c->end = c->win;
	else
		c->end = c->p + (c->stop - c->off);
}

/* Of a dear source only what is needed, and twice as much the next time. */
static size_t fit_step(struct pk_cursor *c, size_t want, size_t needed)
{
	const size_t most = needed > c->step ? needed : c->step;

	if (c->step < PK_WINDOW)
		c->step *= 2;
	return want < most ? want : most;
}

bool pk_cursor_refill(struct pk_cursor *c, size_t n)
{
	size_t have = (size_t)(c->end - c->p);
	size_t want;

	if (!pk_cursor_ok(c) || n > c->stop - c->off)
		return false;
	if (have >= n)
		return true;
	if (!c->win || n > c->win_cap)
		return false;
	memmove(c->win, c->p, have);
	want = c->win_cap - have;
	if (want > c->stop - c->off - have)
		want = (size_t)(c->stop - c->off - have);
	if (c->step)
		want = fit_step(c, want, n - have);
	want = pk_source_read(c->src, c->off + have, c->win + have, want);
	c->p = c->win;
	c->end = c->win + have + want;
	if (have + want < n)
		pk_cursor_fail(c, PK_FAULT_IO);
	return pk_cursor_ok(c);
}

/* All reading goes through here: this is the only bounds check on a read. */
static const uint8_t *take(struct pk_cursor *c, uint64_t n)
{
	const uint8_t *at;

	if (n > pk_cursor_left(c))
		pk_cursor_fail(c, PK_FAULT_TRUNCATED);
	else if (n > PK_WINDOW && n > (uint64_t)(c->end - c->p))
		pk_cursor_fail(c, PK_FAULT_LIMIT);
	if (!pk_cursor_ok(c) || !pk_cursor_ready(c, (size_t)n))
		return NULL;
	at = c->p;
	c->p += (size_t)n;
	c->off += n;
	return at;
}

static uint64_t get_le(struct pk_cursor *c, unsigned width)
{
	const uint8_t *b = take(c, width);
	uint64_t v = 0;

	for (unsigned i = 0; b && i < width; i++)
		v |= (uint64_t)b[i] << (8 * i);
	return v;
}

static uint64_t get_be(struct pk_cursor *c, unsigned width)
{
	const uint8_t *b = take(c, width);
	uint64_t v = 0;

	for (unsigned i = 0; b && i < width; i++)
		v = v << 8 | b[i];
	return v;
}

uint8_t pk_get_u8(struct pk_cursor *c)
{
	return (uint8_t)get_le(c, 1);
}

uint16_t pk_get_u16le(struct pk_cursor *c)
{
	return (uint16_t)get_le(c, 2);
}

uint32_t pk_get_u32le(struct pk_cursor *c)
{
	return (uint32_t)get_le(c, 4);
}

uint64_t pk_get_u64le(struct pk_cursor *c)
{
	return get_le(c, 8);
}

uint16_t pk_get_u16be(struct pk_cursor *c)
{
	return (uint16_t)get_be(c, 2);
}

uint32_t pk_get_u32be(struct pk_cursor *c)
{
	return (uint32_t)get_be(c, 4);
}

uint64_t pk_get_u64be(struct pk_cursor *c)
{
	return get_be(c, 8);
}

struct pk_span pk_get_bytes(struct pk_cursor *c, uint64_t n)
{
	const uint8_t *b = take(c, n);

	return b ? (struct pk_span){ b, (size_t)n } : (struct pk_span){ 0 };
}

struct pk_span pk_get_bytes_u64le(struct pk_cursor *c)
{
	return pk_get_bytes(c, pk_get_u64le(c));
}

/* Forget the window: the next read refills it at the new place. */
static void jump(struct pk_cursor *c, uint64_t off)
{
	c->off = off;
	if (c->src && c->src->mem)
		c->p = c->src->mem + off;
	else
		c->p = c->end = c->win;
	if (c->step)
		c->step = c->src->grain;
}

/* What the window held before p it still holds. */
static void step_back(struct pk_cursor *c, uint64_t n)
{
	c->p -= (size_t)n;
	c->off -= n;
}

void pk_skip(struct pk_cursor *c, uint64_t n)
{
	if (n > pk_cursor_left(c))
		pk_cursor_fail(c, PK_FAULT_TRUNCATED);
	if (!pk_cursor_ok(c))
		return;
	if (n <= (uint64_t)(c->end - c->p)) {
		c->p += (size_t)n;
		c->off += n;
	} else {
		jump(c, c->off + n);
	}
}

void pk_seek(struct pk_cursor *c, uint64_t off)
{
	if (off > c->stop || !c->src)
		pk_cursor_fail(c, PK_FAULT_RANGE);
	if (!pk_cursor_ok(c))
		return;
	if (off >= c->off && off - c->off <= (uint64_t)(c->end - c->p))
		pk_skip(c, off - c->off);
	else if (c->win && off < c->off &&
		 c->off - off <= (uint64_t)(c->p - c->win))
		step_back(c, c->off - off);
	else
		jump(c, off);
}

bool pk_cursor_fits(struct pk_cursor *c, uint64_t n, size_t min_size)
{
	/* Divide rather than multiply: a quotient cannot overflow. */
	if (n > pk_cursor_left(c) / min_size)
		pk_cursor_fail(c, PK_FAULT_RANGE);
	return pk_cursor_ok(c);
}
