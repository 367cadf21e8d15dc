/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_MSGPACK_H
#define PK_CODEC_MSGPACK_H

#include "core/cursor.h"

/*
 * MessagePack (github.com/msgpack/msgpack/blob/master/spec.md), one token after
 * another in flat memory.
 */
enum pk_mptoken {
	PK_MP_END, /* after the value; or the cursor has failed */
	PK_MP_NIL,
	PK_MP_BOOL,
	PK_MP_INT,
	PK_MP_FLOAT,
	PK_MP_STR,
	PK_MP_BIN,
	PK_MP_EXT,
	PK_MP_ARRAY,
	PK_MP_MAP,
};

enum { PK_MP_DEPTH = 512 };

struct pk_mpreader {
	struct pk_cursor *c;
	enum pk_mptoken token;
	uint64_t off;   /* of its first byte */
	uint64_t data;  /* of the bytes of a string, binary or extension */
	uint64_t count; /* of those bytes; of elements; of pairs */
	int64_t number; /* of an integer, boolean or extension type */
	bool key;       /* it is a key of a map */
	unsigned
		depth; /* of containers that are open, a new one not included */
	unsigned open; /* its own business: levels that are not used up */
	struct {
		uint64_t left;
		bool map;
	} level[PK_MP_DEPTH];
};

/* Begins at the cursor, which is borrowed. */
void pk_mp_open(struct pk_mpreader *r, struct pk_cursor *c);

/*
 * The next token; the bytes of the last one are passed over unless they were
 * read.  Lengths and counts that the data cannot hold, and nesting too deep,
 * fault the cursor.
 */
enum pk_mptoken pk_mp_next(struct pk_mpreader *r);

/* The first max bytes of the string, binary or extension just met; borrowed
 * until the next token. */
struct pk_span pk_mp_bytes(struct pk_mpreader *r, size_t max);

#endif
