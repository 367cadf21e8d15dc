/* SPDX-License-Identifier: Apache-2.0 */
#include "source/streamed.h"

#include <stdlib.h>

#include "codec/crc32.h"
#include "source/memory.h"

enum {
	HEAD = 256 * 1024, /* what probes look at */
	TAIL = 128 * 1024, /* what end records are searched in */
	WINDOW = 1 << 20,  /* of what was made last */
	STEP = 64 * 1024,
	PIECES = HEAD + TAIL + WINDOW
};

/* Under these sizes any ratio is fine; beyond the second only half of the
 * permitted one, which a constant run in deflate (1030) exceeds. */
#define SMALL (64ULL << 20)
#define HUGE  (2ULL << 30)

struct streamed {
	struct pk_source base;
	struct pk_streaming how;
	uint64_t made; /* bytes that came out since the last rewind */
	uint8_t *head; /* the first HEAD bytes */
	uint8_t *tail; /* the last TAIL bytes, while measuring a ring */
	uint8_t *ring; /* the byte at offset o is ring[o % WINDOW] */
};

static size_t min(uint64_t a, uint64_t b)
{
	return (size_t)(a < b ? a : b);
}

static bool is_bomb(const struct pk_streaming *how, uint64_t made)
{
	uint64_t ratio = made > HUGE ? how->ratio / 2 : how->ratio;

	return how->ratio && made > SMALL && made / ratio > how->pull->used;
}

/* Writes into a ring of that size as if it were endless. */
static void put_ring(uint8_t *ring, size_t size, uint64_t off, const uint8_t *p,
		     size_t n)
{
	while (n) {
		size_t at = (size_t)(off % size), run = min(n, size - at);

		memcpy(ring + at, p, run);
		off += run;
		p += run;
		n -= run;
	}
}

static void get_ring(const uint8_t *ring, size_t size, uint64_t off, uint8_t *p,
		     size_t n)
{
	while (n) {
		size_t at = (size_t)(off % size), run = min(n, size - at);

		memcpy(p, ring + at, run);
		off += run;
		p += run;
		n -= run;
	}
}

/* One step of the second and later passes. */
static bool advance(struct streamed *s)
{
	size_t at = (size_t)(s->made % WINDOW);
	size_t n =
		pk_pull_next(s->how.pull, s->ring + at, min(STEP, WINDOW - at));

	s->made += n;
	return s->how.spend(s->how.ctx, n) && s->how.pull->flow == PK_FLOW_ON;
}

/* Copies what is at hand at off; 0 when nothing is. */
static size_t at_hand(const struct streamed *s, uint64_t off, uint8_t *buf,
		      size_t n)
{
	uint64_t tail = s->base.size - TAIL;

	if (off < HEAD) {
		n = min(n, HEAD - off);
		memcpy(buf, s->head + off, n);
		return n;
	}
	if (off >= tail) {
		get_ring(s->tail, TAIL, off, buf, n);
		return n;
	}
	if (off >= s->made || s->made - off > WINDOW)
		return 0;
	n = min(n, s->made - off);
	get_ring(s->ring, WINDOW, off, buf, n);
	return n;
}

static size_t streamed_read(struct pk_source *base, uint64_t off, void *buf,
			    size_t n)
{
	struct streamed *s = (struct streamed *)base;
	size_t have = 0;

	while (have < n) {
		size_t got =
			at_hand(s, off + have, (uint8_t *)buf + have, n - have);

		have += got;
		if (got)
			continue;
		if (off + have < s->made) {
			pk_pull_rewind(s->how.pull);
			s->made = 0;
		}
		if (!advance(s) && s->made <= off + have)
			break;
	}
	return have;
}

static void streamed_free(struct pk_source *base)
{
	struct streamed *s = (struct streamed *)base;

	pk_pull_free(s->how.pull);
	pk_meter_give(s->how.meter, PIECES);
	free(s->head);
	free(s->tail);
	free(s->ring);
	free(s);
}

static const struct pk_source_ops streamed_ops = {
	.read = streamed_read,
	.free = streamed_free,
};

/* The first pass. */
struct pass {
	const struct pk_streaming *how;
	struct pk_streamed *ret;
	uint8_t *buf; /* what is kept */
	size_t cap;   /* of it, all taken from the meter */
	uint64_t made;
	uint8_t *tail;
	bool overflow; /* more came than is kept */
};

/* Room for more, up to what is to be kept; leaves half of the memory of the
 * scan to others. */
static bool grow(struct pass *p)
{
	size_t cap = p->cap ? p->cap * 2 : STEP, more;
	uint8_t *buf;

	if (cap > p->how->keep)
		cap = p->how->keep;
	more = cap - p->cap;
	if (!more || p->how->meter->used + more > p->how->meter->ceiling / 2 ||
	    !pk_meter_take(p->how->meter, more))
		return false;
	buf = realloc(p->buf, cap);
	if (!buf) {
		pk_meter_give(p->how->meter, more);
		return false;
	}
	p->buf = buf;
	p->cap = cap;
	return true;
}

static bool count(struct pass *p, const uint8_t *bytes, size_t n)
{
	p->made += n;
	if (p->how->want_crc)
		p->ret->crc =
			pk_crc32(p->ret->crc, (struct pk_span){ bytes, n });
	if (is_bomb(p->how, p->made)) {
		p->ret->bomb = true;
		return false;
	}
	return p->how->spend(p->how->ctx, n);
}

/* Fills memory until there is no more of either; false: stopped. */
static bool keep_some(struct pass *p)
{
	while (p->how->pull->flow == PK_FLOW_ON) {
		size_t n, have = (size_t)p->made;

		if (have == p->cap && !grow(p)) {
			p->overflow = true;
			return true;
		}
		n = pk_pull_next(p->how->pull, p->buf + have,
				 min(STEP, p->cap - have));
		if (!count(p, p->buf + have, n))
			return false;
	}
	return true;
}

static bool measure_rest(struct pass *p)
{
	static const size_t step = STEP;
	uint8_t *buf = malloc(step);
	bool ok = buf != NULL;

	if (p->cap >= TAIL)
		put_ring(p->tail, TAIL, p->made - TAIL, p->buf + p->made - TAIL,
			 TAIL);
	else
		put_ring(p->tail, TAIL, 0, p->buf, (size_t)p->made);
	while (ok && p->how->pull->flow == PK_FLOW_ON) {
		size_t n = pk_pull_next(p->how->pull, buf, step);

		put_ring(p->tail, TAIL, p->made, buf, n);
		ok = count(p, buf, n);
	}
	free(buf);
	return ok;
}

/* Content that fitted into memory. */
struct kept {
	struct pk_source base;
	struct pk_meter *meter;
	uint8_t *buf;
	size_t cap;
};

/* Never reached: pk_source_read() copies from mem by itself. */
static size_t kept_read(struct pk_source *s, uint64_t off, void *buf, size_t n)
{
	memcpy(buf, s->mem + off, n);
	return n;
}

static void kept_free(struct pk_source *s)
{
	struct kept *k = (struct kept *)s;

	pk_meter_give(k->meter, k->cap);
	free(k->buf);
	free(k);
}

static const struct pk_source_ops kept_ops = {
	.read = kept_read,
	.free = kept_free,
};

static struct pk_source *finish_kept(struct pass *p)
{
	struct kept *k = calloc(1, sizeof(*k));
	static const uint8_t nothing[1];

	pk_pull_free(p->how->pull);
	if (!k) {
		pk_meter_give(p->how->meter, p->cap);
		free(p->buf);
		return NULL;
	}
	k->base.ops = &kept_ops;
	k->base.size = min(p->made, p->cap);
	k->base.mem = p->buf ? p->buf : nothing;
	k->meter = p->how->meter;
	k->buf = p->buf;
	k->cap = p->cap;
	return &k->base;
}

static struct pk_source *finish_streamed(struct pass *p)
{
	struct streamed *s = calloc(1, sizeof(*s));
	uint8_t *ring = malloc(WINDOW);
	uint8_t *head = realloc(p->buf, HEAD);

	pk_meter_give(p->how->meter, p->cap);
	if (!s || !ring || !head || !pk_meter_take(p->how->meter, PIECES)) {
		free(s);
		free(ring);
		free(head ? head : p->buf);
		free(p->tail);
		pk_pull_free(p->how->pull);
		return NULL;
	}
	s->base.ops = &streamed_ops;
	s->base.size = p->made;
	s->how = *p->how;
	s->head = head;
	s->tail = p->tail;
	s->ring = ring;
	pk_pull_rewind(s->how.pull);
	return &s->base;
}

static void conclude(const struct pass *p)
{
	const struct pk_pull *pull = p->how->pull;

	p->ret->flow = pull->flow;
	p->ret->used = pull->used;
	p->ret->made = p->made;
	p->ret->asides = pull->asides;
	for (unsigned i = 0; i < pull->asides; i++) {
		p->ret->aside[i][0] = pull->aside[i].off;
		p->ret->aside[i][1] = pull->aside[i].len;
	}
	if (p->overflow && p->cap < HEAD)
		p->ret->flow = PK_FLOW_REFUSED; /* memory is all but used up */
}

struct pk_source *pk_streamed_new(const struct pk_streaming *how,
				  struct pk_streamed *ret)
{
	struct pass p = { .how = how, .ret = ret };
	bool whole;

	*ret = (struct pk_streamed){ 0 };
	whole = keep_some(&p);
	if (whole && p.overflow && p.cap >= HEAD) {
		p.tail = malloc(TAIL);
		whole = p.tail && measure_rest(&p);
	}
	conclude(&p);
	if (whole && p.made > p.cap)
		return finish_streamed(&p);
	free(p.tail);
	return finish_kept(&p);
}
