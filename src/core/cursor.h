/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CORE_CURSOR_H
#define PK_CORE_CURSOR_H

#include "core/arena.h"
#include "core/source.h"
#include "core/span.h"

/*
 * The one way to read bytes that came from outside.
 *
 * A cursor fails once and stays failed: the first read that does not fit
 * records why and where, and from then on every getter returns zero and
 * moves nothing.  A parser may therefore read a whole header field by
 * field and ask pk_cursor_ok() once, before it acts on what it read.
 *
 * Over a source the cursor refills a window by itself; a parser never sees
 * the window's edge.  Getters cannot read out of bounds, whatever the caller
 * does with the values; what the caller must still do is bound each *count*
 * and each *length* before it loops or allocates.  pk_cursor_fits() is for
 * that.
 */
enum pk_fault {
	PK_FAULT_NONE = 0,
	PK_FAULT_TRUNCATED, /* the file ends before the field does */
	PK_FAULT_RANGE,     /* a count or offset points past the file */
	PK_FAULT_VALUE,     /* a field holds what the format does not allow */
	PK_FAULT_LIMIT,     /* longer than picket reads in one piece */
	PK_FAULT_IO,        /* the bytes are there but could not be read */
};

enum { PK_WINDOW = 64 * 1024 };

struct pk_cursor {
	const uint8_t *p;   /* next byte */
	const uint8_t *end; /* one past the last byte of the window */
	uint64_t off;       /* offset of p in the source, for findings */
	uint64_t stop;      /* offset one past the last readable byte */
	uint64_t fault_off; /* where the first fault happened */
	enum pk_fault fault;
	struct pk_source *src; /* NULL: everything is in the window */
	uint8_t *win;          /* memory of the window, min(size, PK_WINDOW) */
	size_t win_cap;
	size_t step; /* of a dear source: what to read next at most; else 0 */
};

/* Over bytes in memory, borrowed for the cursor's life. */
struct pk_cursor pk_cursor_over(struct pk_span bytes, uint64_t file_off);

/*
 * Over [off, off + len) of a source, cut at its end; the window's memory
 * comes from the arena.  Source and arena are borrowed.
 */
struct pk_cursor pk_cursor_open(struct pk_source *src, uint64_t off,
				uint64_t len, struct pk_arena *a);

static inline bool pk_cursor_ok(const struct pk_cursor *c)
{
	return c->fault == PK_FAULT_NONE;
}

/* Bytes that can still be read; 0 once failed. */
static inline uint64_t pk_cursor_left(const struct pk_cursor *c)
{
	return pk_cursor_ok(c) ? c->stop - c->off : 0;
}

/*
 * Whether n bytes (n <= PK_WINDOW) lie ready at c->p, refilling as needed.
 * Never faults: at the end of the data, and after a fault, it just says no.
 */
bool pk_cursor_refill(struct pk_cursor *c, size_t n);

static inline bool pk_cursor_ready(struct pk_cursor *c, size_t n)
{
	return (size_t)(c->end - c->p) >= n || pk_cursor_refill(c, n);
}

/* The bytes that lie ready, at least one; empty at the end of the data or
 * after a fault.  For those that look for an end: pk_skip() what was used. */
static inline struct pk_span pk_peek(struct pk_cursor *c)
{
	if (!pk_cursor_ok(c) || !pk_cursor_ready(c, 1))
		return (struct pk_span){ 0 };
	return (struct pk_span){ c->p, (size_t)(c->end - c->p) };
}

uint8_t pk_get_u8(struct pk_cursor *c);
uint16_t pk_get_u16le(struct pk_cursor *c);
uint32_t pk_get_u32le(struct pk_cursor *c);
uint64_t pk_get_u64le(struct pk_cursor *c);
uint16_t pk_get_u16be(struct pk_cursor *c);
uint32_t pk_get_u32be(struct pk_cursor *c);
uint64_t pk_get_u64be(struct pk_cursor *c);

/*
 * The next n bytes, borrowed until the next read from this cursor.  More
 * than PK_WINDOW from a source that is not in memory is PK_FAULT_LIMIT.
 */
struct pk_span pk_get_bytes(struct pk_cursor *c, uint64_t n);

/* Length-prefixed bytes: a u64le length, then that many bytes. */
struct pk_span pk_get_bytes_u64le(struct pk_cursor *c);

void pk_skip(struct pk_cursor *c, uint64_t n);

/* Moves to an absolute offset within [0, stop]; past it is a fault. */
void pk_seek(struct pk_cursor *c, uint64_t off);

/*
 * Whether n elements of at least min_size (> 0) bytes each can still follow.
 * Faults the cursor if not, so that a forged count costs nothing: ask
 * before looping to n or allocating for n.
 */
bool pk_cursor_fits(struct pk_cursor *c, uint64_t n, size_t min_size);

/* For the parser's own checks.  The first fault wins; later ones are lost. */
void pk_cursor_fail(struct pk_cursor *c, enum pk_fault why);

/* For parsers that go on elsewhere after a part that is broken: the cursor is
 * as good as new, where it stood.  One that never had memory stays failed. */
void pk_cursor_forgive(struct pk_cursor *c);

#endif
