/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_FLATBUF_H
#define PK_CODEC_FLATBUF_H

#include "core/cursor.h"

/*
 * FlatBuffers over a source of any size, read a page at a time.
 *
 * Every offset is checked as the format's own verifier does, and as hostile
 * bytes need it: many runtimes never run the verifier.  The first thing that
 * does not fit is a sticky fault; from then on tables have no fields, vectors
 * no elements and numbers are their defaults.  Offsets are within the buffer.
 *
 * Source: https://flatbuffers.dev/internals
 */
struct pk_fb {
	struct pk_source *src;
	uint64_t base; /* of the buffer in the source */
	uint64_t size;
	uint64_t end;    /* one past the last byte that anything used */
	uint64_t tables; /* read so far; shared ones each time */
	struct pk_cursor
		where; /* for pk_report_fault(); nothing is read by it */
	struct pk_fb_page *pages;
};

enum {
	PK_FB_DEPTH_MAX = 64,       /* as the verifier has it */
	PK_FB_TABLES_MAX = 1000000, /* the same */
};

/* A table; absent when at is 0. */
struct pk_fb_table {
	uint64_t at;
	uint64_t vtable;
	uint16_t slots; /* bytes of the vtable */
};

/* A vector's elements, n of them; absent or empty when n is 0. */
struct pk_fb_vec {
	uint64_t at;
	uint32_t n;
	uint32_t width; /* of one */
};

/* Over [base, base + size) of the source, cut at its end.  The arena keeps the
 * pages. */
void pk_fb_open(struct pk_fb *b, struct pk_source *src, uint64_t base,
		uint64_t size, struct pk_arena *arena);

static inline bool pk_fb_ok(const struct pk_fb *b)
{
	return pk_cursor_ok(&b->where);
}

/* For the caller's own checks. */
void pk_fb_fail(struct pk_fb *b, uint64_t at, enum pk_fault why);

struct pk_fb_table pk_fb_root(struct pk_fb *b);

/* Fields by their number in the schema. */
bool pk_fb_has(struct pk_fb *b, const struct pk_fb_table *t, unsigned id);
uint64_t pk_fb_uint(struct pk_fb *b, const struct pk_fb_table *t, unsigned id,
		    unsigned width, uint64_t dflt);
int64_t pk_fb_int(struct pk_fb *b, const struct pk_fb_table *t, unsigned id,
		  unsigned width, int64_t dflt);
struct pk_fb_table pk_fb_child(struct pk_fb *b, const struct pk_fb_table *t,
			       unsigned id);
/* Elements of that many bytes: 4 for offsets of tables, vectors, texts. */
struct pk_fb_vec pk_fb_vector(struct pk_fb *b, const struct pk_fb_table *t,
			      unsigned id, uint32_t width);
/* A text's bytes; it must end with a NUL. */
struct pk_fb_vec pk_fb_text(struct pk_fb *b, const struct pk_fb_table *t,
			    unsigned id);

/* Elements; i is the caller's to keep below n. */
uint64_t pk_fb_uint_at(struct pk_fb *b, const struct pk_fb_vec *v, uint32_t i);
int64_t pk_fb_int_at(struct pk_fb *b, const struct pk_fb_vec *v, uint32_t i);
struct pk_fb_table pk_fb_table_at(struct pk_fb *b, const struct pk_fb_vec *v,
				  uint32_t i);
struct pk_fb_vec pk_fb_text_at(struct pk_fb *b, const struct pk_fb_vec *v,
			       uint32_t i);
/* A part of each element, which is a struct of v->width bytes. */
uint64_t pk_fb_part_at(struct pk_fb *b, const struct pk_fb_vec *v, uint32_t i,
		       unsigned off, unsigned width);

/* A copy of a vector's bytes, at most max of them. */
struct pk_span pk_fb_bytes(struct pk_fb *b, const struct pk_fb_vec *v,
			   size_t max, struct pk_arena *arena);

#endif
