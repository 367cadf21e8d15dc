/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_PROTOBUF_H
#define PK_CODEC_PROTOBUF_H

#include "core/cursor.h"

/*
 * Protocol Buffers as they stand on the wire
 * (protobuf.dev/programming-guides/encoding), read through one cursor over a
 * source.  Nothing is allocated and what nobody asked for is skipped by
 * seeking, so that two gigabytes of weights cost a few reads.
 *
 * Real parsers take a field more than once: of scalars the last one counts,
 * messages are merged.  Here every occurrence is handed out, in the order of
 * the file; who judges looks at each.  A field of another wire type than
 * its description says is an unknown field, as to them.
 *
 * What no parser accepts fails the cursor: field number 0, unknown wire
 * types, a length beyond the enclosing message, groups that do not close,
 * more than PK_PB_DEPTH_MAX messages within each other.
 */
enum {
	PK_PB_DEPTH_MAX = 100, /* the default of protobuf's own parsers */
	PK_PB_TEXT_MAX = 112,
};

enum pk_pb_wire {
	PK_PB_VARINT = 0,
	PK_PB_I64 = 1,
	PK_PB_LEN = 2,
	PK_PB_GROUP = 3,
	PK_PB_END_GROUP = 4,
	PK_PB_I32 = 5,
};

struct pk_pb_field {
	uint64_t at; /* offset of its tag */
	uint32_t number;
	enum pk_pb_wire wire;
	uint64_t value; /* of VARINT, I64 and I32 */
	uint64_t off;   /* of the content of LEN and GROUP */
	uint64_t len;
};

struct pk_pb {
	struct pk_cursor c;
	unsigned depth;
	uint64_t fields; /* read so far */
	/* Probes of files that may be cut short: a length that leads out of
	 * its message leads to its end instead, and is remembered. */
	bool clip;
	bool clipped;
	void *user; /* for the two below */
	/* Called for each field that a walked message does not describe, or
	 * NULL. */
	void (*unknown)(struct pk_pb *r, const struct pk_pb_field *f);
	/* Asked now and then; false stops with PK_FAULT_LIMIT.  Or NULL. */
	bool (*go_on)(struct pk_pb *r);
};

/* Over a whole source; it and the arena of the window are borrowed. */
struct pk_pb pk_pb_open(struct pk_source *src, struct pk_arena *a);

/*
 * One message, field by field: set at and end to its range, then call
 * pk_pb_next() until it says false, which is at the end or at a fault.  The
 * cursor may be used and moved in between.
 */
struct pk_pb_iter {
	uint64_t at;
	uint64_t end;
};

bool pk_pb_next(struct pk_pb *r, struct pk_pb_iter *it, struct pk_pb_field *f);

/*
 * Messages as tables, a line a field as in a .proto file:
 *
 *	static const struct pk_pb_line node_lines[] = {
 *		PK_PB(1, TEXT, "input"),
 *		PK_PB(4, TEXT, "op_type", .take = take_op_type),
 *		PK_PB(5, MESSAGE, "attribute", .of = &attribute),
 *	};
 *	static const struct pk_pb_message node = PK_PB_LINES(node_lines);
 */
enum pk_pb_type {
	PK_PB_INT,     /* int32 ... uint64, bool, enum */
	PK_PB_FIXED32, /* float, fixed32 */
	PK_PB_FIXED64, /* double, fixed64 */
	PK_PB_INTS,    /* the same, repeated: one by one or packed */
	PK_PB_FIXED32S,
	PK_PB_FIXED64S,
	PK_PB_TEXT,
	PK_PB_BYTES,
	PK_PB_MESSAGE,
};

struct pk_pb_message {
	const struct pk_pb_line *lines;
	size_t count;
	bool open; /* has further fields, which are nothing unknown */
};

struct pk_pb_line {
	uint32_t number;
	enum pk_pb_type type;
	const char *name; /* as the .proto file calls it */
	/* A message that is walked too when nobody takes the field. */
	const struct pk_pb_message *of;
	void (*take)(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
};

#define PK_PB(no, kind, ...)                                              \
	{                                                                 \
		.number = (no), .type = PK_PB_##kind, .name = __VA_ARGS__ \
	}

#define PK_PB_LINES(table)                                                    \
	{                                                                     \
		.lines = (table), .count = sizeof(table) / sizeof((table)[0]) \
	}

/* Of a message that is only read for the fields in the table. */
#define PK_PB_SOME_LINES(table)                                                \
	{                                                                      \
		.lines = (table), .count = sizeof(table) / sizeof((table)[0]), \
		.open = true                                                   \
	}

/* Hands each field of the content of f to its line; ctx is passed on, also
 * into messages that nobody takes. */
void pk_pb_walk(struct pk_pb *r, const struct pk_pb_field *f,
		const struct pk_pb_message *m, void *ctx);

/* The whole source as the content of a field, to begin with. */
struct pk_pb_field pk_pb_whole(const struct pk_pb *r);

/* The line that describes the field as it stands on the wire, or NULL. */
const struct pk_pb_line *pk_pb_find(const struct pk_pb_message *m,
				    const struct pk_pb_field *f);

/* How many numbers a field of the type holds, packed or not; varints are
 * counted by reading them. */
uint64_t pk_pb_count(struct pk_pb *r, const struct pk_pb_field *f,
		     enum pk_pb_type type);

/*
 * The numbers of a PK_PB_INTS field, one by one: set at to 0 first.  False at
 * the end.
 */
bool pk_pb_int(struct pk_pb *r, const struct pk_pb_field *f, uint64_t *at,
	       uint64_t *ret);

/* Bytes of a field, of which the beginning is kept. */
struct pk_pb_text {
	uint64_t off;
	uint64_t len; /* all of it; more than PK_PB_TEXT_MAX: cut */
	uint8_t head[PK_PB_TEXT_MAX];
};

struct pk_pb_text pk_pb_text(struct pk_pb *r, const struct pk_pb_field *f);

/* What is kept of it; borrowed. */
struct pk_span pk_pb_span(const struct pk_pb_text *t);

bool pk_pb_is(const struct pk_pb_text *t, const char *word);

/* Reads text fields of one message into their places and no more of it; of
 * those that are repeated the last one stays.  Those that are missing stay
 * as they are. */
struct pk_pb_pick {
	uint32_t number;
	struct pk_pb_text *ret;
};

void pk_pb_pick(struct pk_pb *r, const struct pk_pb_field *f,
		const struct pk_pb_pick *picks, size_t n);

/*
 * Content of a field, at most max bytes of it and never more than PK_WINDOW;
 * borrowed until the next read.
 */
struct pk_span pk_pb_bytes(struct pk_pb *r, const struct pk_pb_field *f,
			   uint64_t max);

#endif
