/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/decomp.h"

#include <stdlib.h>

#include "codec/decomp_door.h"

enum {
	INPUT = 64 * 1024,
	BEGINNING = 16,        /* bytes by which a member is recognised */
	IN_PER_CALL = 1 << 20, /* work of one call: bytes taken in, */
	MEMBERS_PER_CALL = 256 /* members begun */
};

static const struct pk_door *const doors[PK_CODEC_COUNT] = {
	[PK_CODEC_DEFLATE] = &pk_door_deflate,
	[PK_CODEC_ZLIB] = &pk_door_zlib,
	[PK_CODEC_GZIP] = &pk_door_gzip,
	[PK_CODEC_BZIP2] = &pk_door_bzip2,
	[PK_CODEC_XZ] = &pk_door_xz,
	[PK_CODEC_LZMA_RAW] = &pk_door_lzma_raw,
	[PK_CODEC_ZSTD] = &pk_door_zstd,
	[PK_CODEC_LZ4] = &pk_door_lz4,
};

struct decomp {
	struct pk_pull base;
	const struct pk_door *door;
	void *state;
	struct pk_source *from;
	uint64_t first, stop; /* of the compressed bytes */
	uint64_t at;          /* where the next refill reads */
	const uint8_t *in;    /* not yet decoded */
	size_t in_len;
	uint8_t *buf; /* NULL when the source lies in memory */
	struct pk_meter *meter;
	size_t taken; /* of the meter, for the library's memory */
	uint64_t members;
	bool fresh; /* of this member nothing came out yet */
};

/* The library's memory counts; more than the meter has left is refused
 * without marking the meter, since the rest of the scan can go on. */
static bool settle(struct decomp *d)
{
	size_t cost = d->door->cost(d->state);

	if (cost > d->taken) {
		size_t more = cost - d->taken;

		if (more > d->meter->ceiling - d->meter->used)
			return false;
		(void)pk_meter_take(d->meter, more);
	} else {
		pk_meter_give(d->meter, d->taken - cost);
	}
	d->taken = cost;
	return true;
}

static size_t allowed(const struct decomp *d)
{
	return d->meter->ceiling - d->meter->used + d->taken;
}

/* Makes at least want bytes ready if the input has them. */
static void fill(struct decomp *d, size_t want)
{
	size_t room;

	if (d->in_len >= want || d->at >= d->stop)
		return;
	if (!d->buf) {
		d->in_len += (size_t)(d->stop - d->at);
		d->at = d->stop;
		return;
	}
	memmove(d->buf, d->in, d->in_len);
	d->in = d->buf;
	room = INPUT - d->in_len;
	if (room > d->stop - d->at)
		room = (size_t)(d->stop - d->at);
	room = pk_source_read(d->from, d->at, d->buf + d->in_len, room);
	d->in_len += room;
	d->at = room ? d->at + room : d->stop;
}

static uint64_t position(const struct decomp *d)
{
	return d->at - d->in_len;
}

static struct pk_span ahead(struct decomp *d)
{
	fill(d, BEGINNING);
	return (struct pk_span){ d->in, d->in_len };
}

/* Takes note of what lies in a member and is not decoded. */
static void note_aside(struct decomp *d)
{
	size_t at = 0, len = 0;

	if (d->door->aside && d->base.asides < PK_ASIDES)
		len = d->door->aside(ahead(d), &at);
	if (len <= PK_ASIDE_MIN)
		return;
	d->base.aside[d->base.asides].off = position(d) + at;
	d->base.aside[d->base.asides++].len = len;
}

static bool begin_member(struct decomp *d)
{
	note_aside(d);
	d->fresh = true;
	d->members++;
	return d->door->begin(d->state, ahead(d), allowed(d)) && settle(d);
}

/* After a member: another one, or the end. */
static void next_member(struct decomp *d)
{
	d->base.used = position(d);
	while (d->door->padded && ahead(d).len && d->in[0] == 0) {
		d->in++;
		d->in_len--;
	}
	if (!d->door->begins(ahead(d)))
		d->base.flow = PK_FLOW_END;
	else if (!begin_member(d))
		d->base.flow = PK_FLOW_REFUSED;
}

/* A member that breaks before it yields anything is no member: lenient
 * readers take it for trailing bytes.  The first one is no such thing. */
static void stop(struct decomp *d, enum pk_flow flow)
{
	if (d->members > 1 && d->fresh) {
		d->base.flow = PK_FLOW_END;
		return;
	}
	d->base.flow = flow;
	d->base.used = position(d);
}

static void step(struct decomp *d, struct pk_io *io)
{
	const size_t out = io->out_len;
	enum pk_flow flow;

	fill(d, 1);
	io->in = d->in;
	io->in_len = d->in_len;
	flow = d->door->step(d->state, io);
	if (io->out_len < out)
		d->fresh = false;
	if (flow == PK_FLOW_ON && io->in_len == d->in_len &&
	    io->out_len == out) /* a stall: nothing in, nothing out */
		flow = d->at < d->stop || d->in_len ? PK_FLOW_BROKEN
						    : PK_FLOW_CUT;
	d->in = io->in;
	d->in_len = io->in_len;
	if (flow == PK_FLOW_END)
		next_member(d);
	else if (flow != PK_FLOW_ON)
		stop(d, flow);
	else if (!settle(d))
		stop(d, PK_FLOW_REFUSED);
}

static size_t decomp_next(struct pk_pull *p, uint8_t *buf, size_t n)
{
	struct decomp *d = (struct decomp *)p;
	struct pk_io io = { .out = buf, .out_len = n };
	const uint64_t from = position(d), members = d->members;

	if (!d->members && !begin_member(d))
		p->flow = PK_FLOW_REFUSED;
	while (io.out_len && p->flow == PK_FLOW_ON &&
	       position(d) - from < IN_PER_CALL &&
	       d->members - members < MEMBERS_PER_CALL)
		step(d, &io);
	if (p->flow == PK_FLOW_ON)
		p->used = position(d);
	return n - io.out_len;
}

static void decomp_rewind(struct pk_pull *p)
{
	struct decomp *d = (struct decomp *)p;

	p->flow = PK_FLOW_ON;
	p->used = d->first;
	p->asides = 0;
	d->at = d->first;
	d->in = d->buf ? d->buf : d->from->mem + d->first;
	d->in_len = 0;
	d->members = 0;
}

static void decomp_free(struct pk_pull *p)
{
	struct decomp *d = (struct decomp *)p;

	d->door->end(d->state);
	pk_meter_give(d->meter, d->taken);
	free(d->state);
	free(d->buf);
	free(d);
}

static const struct pk_pull_ops decomp_ops = { decomp_next, decomp_rewind,
					       decomp_free };

struct pk_pull *pk_decomp_new(enum pk_codec codec, struct pk_source *from,
			      uint64_t off, uint64_t len,
			      struct pk_meter *meter)
{
	struct decomp *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->base.ops = &decomp_ops;
	d->door = doors[codec];
	d->from = from;
	d->meter = meter;
	d->first = off < from->size ? off : from->size;
	d->stop = from->size - d->first < len ? from->size : d->first + len;
	d->state = calloc(1, d->door->size);
	if (!from->mem)
		d->buf = malloc(INPUT);
	if (!d->state || (!from->mem && !d->buf)) {
		free(d->state);
		free(d->buf);
		free(d);
		return NULL;
	}
	decomp_rewind(&d->base);
	return &d->base;
}

bool pk_decomp_begins(enum pk_codec codec, struct pk_span bytes)
{
	return doors[codec]->begins(bytes);
}
