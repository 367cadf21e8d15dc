/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_RSER_H
#define PK_CODEC_RSER_H

#include "core/cursor.h"

/*
 * The numbers and strings of R's serialization (src/main/serialize.c), in its
 * three spellings: XDR ("X"), native, taken as little-endian ("B"), and lines
 * of text ("A").
 */
enum pk_rspelling { PK_R_XDR, PK_R_NATIVE, PK_R_ASCII };

struct pk_rser {
	struct pk_cursor *c;
	enum pk_rspelling spelling;
	uint32_t version; /* 2 or 3 */
	uint32_t writer;  /* R 4.2.2 is 0x040202 */
};

/* Types of items: the low byte of their flags. */
enum pk_rtype {
	PK_R_SYM = 1,
	PK_R_LIST = 2,
	PK_R_CLO = 3,
	PK_R_ENV = 4,
	PK_R_PROM = 5,
	PK_R_LANG = 6,
	PK_R_SPECIAL = 7,
	PK_R_BUILTIN = 8,
	PK_R_CHAR = 9,
	PK_R_LGL = 10,
	PK_R_INT = 13,
	PK_R_REAL = 14,
	PK_R_CPLX = 15,
	PK_R_STR = 16,
	PK_R_DOT = 17,
	PK_R_VEC = 19,
	PK_R_EXPR = 20,
	PK_R_BCODE = 21,
	PK_R_EXTPTR = 22,
	PK_R_WEAKREF = 23,
	PK_R_RAW = 24,
	PK_R_S4 = 25,
	PK_R_ALTREP = 238,
	PK_R_ATTRLIST = 239,
	PK_R_ATTRLANG = 240,
	PK_R_BASEENV = 241,
	PK_R_EMPTYENV = 242,
	PK_R_REPREF = 243,
	PK_R_REPDEF = 244,
	PK_R_PERSIST = 247,
	PK_R_PACKAGE = 248,
	PK_R_NAMESPACE = 249,
	PK_R_BASENAMESPACE = 250,
	PK_R_MISSING = 251,
	PK_R_UNBOUND = 252,
	PK_R_GLOBALENV = 253,
	PK_R_NIL = 254,
	PK_R_REF = 255,
};

enum {
	PK_R_HAS_ATTR = 0x200,
	PK_R_HAS_TAG = 0x400,
	PK_R_ACTIVE = 1 << 27, /* of a binding: a function makes its value */
};

/* Whether the bytes begin a stream, by its spelling and versions. */
bool pk_rser_begins(struct pk_span head);

/* Reads the head of a stream; faults the cursor where R would refuse. */
void pk_rser_open(struct pk_rser *r, struct pk_cursor *c);

int32_t pk_rser_int(struct pk_rser *r);

/* The length of a vector whose elements take so many bytes each. */
uint64_t pk_rser_length(struct pk_rser *r, size_t each);

/* Past n numbers of so many bytes each. */
void pk_rser_skip(struct pk_rser *r, uint64_t n, size_t each);

/* The next n bytes of a string; the first max of them into buf.  Returns how
 * many were kept. */
size_t pk_rser_text(struct pk_rser *r, uint64_t n, uint8_t *buf, size_t max);

#endif
