/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SPECIMEN_PUT_H
#define PK_SPECIMEN_PUT_H

#include "analyze/pickle_read.h"
#include "core/buf.h"

/*
 * What specimens are made of.  The payload stands here and nowhere else: each
 * of these prints one word, and there is no way to ask for another.
 */
#define PK_CANARY         "picket-canary"
#define PK_CANARY_COMMAND "echo " PK_CANARY
#define PK_CANARY_SOURCE  "print('" PK_CANARY "')"

void pk_put_le(struct pk_buf *b, uint64_t v, unsigned width);
void pk_put_be(struct pk_buf *b, uint64_t v, unsigned width);
void pk_put_zeros(struct pk_buf *b, size_t n);

/* ---- pickles ---- */

void pk_put_op(struct pk_buf *b, enum pk_opcode op);
/* PROTO n */
void pk_put_proto(struct pk_buf *b, unsigned n);
/* BINUNICODE and SHORT_BINUNICODE */
void pk_put_text(struct pk_buf *b, const char *text);
void pk_put_short_text(struct pk_buf *b, const char *text);
/* BININT1 */
void pk_put_int(struct pk_buf *b, uint8_t v);
/* GLOBAL, and the same by two strings and STACK_GLOBAL */
void pk_put_global(struct pk_buf *b, const char *module, const char *name);
void pk_put_stack_global(struct pk_buf *b, const char *module,
			 const char *name);
/* TUPLE1 REDUCE: calls what lies below the topmost value with it. */
void pk_put_call(struct pk_buf *b);
/* builtins.exec(PK_CANARY_SOURCE), whose None is left on the stack. */
void pk_put_attack(struct pk_buf *b);
/* The whole pickle: the attack, then a list of numbers as its result. */
void pk_put_stealthy(struct pk_buf *b);

/* ---- archives ---- */

struct pk_put_member {
	const char *name;
	const char *local_name; /* in its own header; NULL: the same */
	struct pk_span data;
	uint16_t flags;
	bool orphan; /* not in the directory */
};

/* A zip of stored members. */
void pk_put_zip(struct pk_buf *b, const struct pk_put_member *m, size_t n);

/* One tar member: its header and its bytes; link: where it leads, or NULL. */
void pk_put_tar(struct pk_buf *b, const char *name, const char *link,
		struct pk_span data);
void pk_put_tar_end(struct pk_buf *b);

/* The bytes in a compressed form that stores them as they are. */
void pk_put_gzip(struct pk_buf *b, struct pk_span data);
void pk_put_zlib(struct pk_buf *b, struct pk_span data);
void pk_put_zstd(struct pk_buf *b, struct pk_span data);
void pk_put_lz4(struct pk_buf *b, struct pk_span data);

/* ---- arrays ---- */

/* The header of an .npy: its description, then blanks up to 64 bytes. */
void pk_put_npy(struct pk_buf *b, const char *descr, const char *shape);

#endif
