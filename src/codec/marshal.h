/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_MARSHAL_H
#define PK_CODEC_MARSHAL_H

#include "core/arena.h"
#include "core/span.h"

/*
 * Python's marshal format (Python/marshal.c), which is what .pyc files, Lambda
 * layers and pickled functions hold: values, and code objects of Python 2.3 to
 * 3.14.  The stream does not say which Python wrote it; the layout is the one
 * under which everything has the type that it must have.
 */
enum pk_mkind {
	PK_M_OTHER, /* None, numbers, Ellipsis ... */
	PK_M_TEXT,
	PK_M_BYTES,
	PK_M_SEQUENCE, /* tuples, lists, sets; keys and values of a dict */
	PK_M_CODE,
};

struct pk_mvalue {
	enum pk_mkind kind;
	struct pk_span text;           /* of text or bytes; borrowed */
	struct pk_code *code;          /* of code */
	const struct pk_mvalue *items; /* of a sequence */
	size_t n;
};

/* One code object.  The sequences may be empty, never of another kind. */
struct pk_code {
	struct pk_code *next; /* in the order in which they begin */
	struct pk_span name, file;
	uint32_t line;
	unsigned depth;          /* code within code */
	struct pk_mvalue names;  /* of globals and attributes */
	struct pk_mvalue consts; /* nested code is among them */
	struct pk_mvalue locals;
	struct pk_span bytecode;
};

struct pk_marshal {
	struct pk_mvalue value;
	struct pk_code *codes; /* all of them */
	size_t used;           /* bytes that the value took */
	const char *python;    /* that writes such code: "3.11 to 3.14" */
};

/*
 * Reads one value; what is returned lives in the arena and in the bytes.
 * False when no Python wrote these bytes, or memory ran out.
 */
bool pk_marshal_read(struct pk_span bytes, struct pk_arena *a,
		     struct pk_marshal *ret);

/* Whether bytes may begin a code object, which is all that loaders ask for. */
bool pk_marshal_may_be_code(struct pk_span bytes);

#endif
