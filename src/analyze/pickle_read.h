/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_READ_H
#define PK_ANALYZE_PICKLE_READ_H

#include "core/cursor.h"

/*
 * The opcode stream of a pickle, read as leniently as the most lenient real
 * unpickler, and, where readers differ about which bytes come next, as one
 * of them (CPython Modules/_pickle.c, Lib/pickle.py).
 */
enum pk_opcode {
#define PK_OP(code, name, operand, protocol) PK_OP_##name = (code),
#include "analyze/pickle_ops.def"
#undef PK_OP
};

enum pk_operand {
	PK_OPERAND_NONE,
	PK_OPERAND_U1, /* little-endian unsigned of so many bytes */
	PK_OPERAND_U2,
	PK_OPERAND_U4,
	PK_OPERAND_U8,
	PK_OPERAND_I4, /* signed */
	PK_OPERAND_B8, /* big-endian IEEE double */
	PK_OPERAND_N1, /* a length of so many bytes, then the data */
	PK_OPERAND_N4,
	PK_OPERAND_N8,
	PK_OPERAND_LINE, /* text up to \n */
	PK_OPERAND_LINE2,
};

struct pk_op_info {
	const char *name; /* NULL: no such opcode */
	enum pk_operand operand;
	uint8_t protocol; /* that introduced it; no reader asks */
};

extern const struct pk_op_info pk_op_infos[256];

/* A piece of the stream: where it lies and how long it is. */
struct pk_piece {
	uint64_t off;
	uint64_t len;
};

struct pk_op {
	uint64_t off;           /* of the opcode */
	uint64_t value;         /* of a fixed operand */
	struct pk_piece data;   /* counted data, or the (first) line */
	struct pk_piece second; /* the second line */
	uint8_t code;
	bool cut; /* the data ended inside the operand: C readers fail here,
		   * Python ones go on with what there is */
};

/* Where readers take different bytes from the same stream. */
enum pk_reading {
	PK_READ_FLAT = 0, /* from memory: a frame is just a prefetch */
	/* C, 3.6 to 3.14, from an unbuffered file (BytesIO): what an operand
	 * leaves of a frame that it outgrows is dropped */
	PK_READ_DROP = 1 << 0,
	/* the same from a buffered file: only frames of 128 KiB and more */
	PK_READ_DROP_BIG = 1 << 1,
	/* C before 3.8: byte strings too */
	PK_READ_DROP_BYTES = 1 << 2,
	/* C, 3.15: MEMOIZE numbers only the dense part of the memo */
	PK_READ_DENSE_MEMO = 1 << 3,
	/* one Unpickler for several pickles: its memo lives on */
	PK_READ_KEEP_MEMO = 1 << 4,
	/* joblib: raw array bytes follow some BUILDs */
	PK_READ_JOBLIB = 1 << 5,
	/* pickle.py, and C from an unbuffered file: the next pickle begins
	 * behind the frame in which this one stopped */
	PK_READ_DROP_REST = 1 << 6,
	/* none in particular: every GET finds something */
	PK_READ_ANY_MEMO = 1 << 7,
};

enum pk_read_end {
	PK_READ_MORE = 0,
	PK_READ_EOF,     /* no byte where an opcode is expected */
	PK_READ_INVALID, /* a byte that is no opcode */
	PK_READ_REFUSED, /* this reader stops here; others may not */
	PK_READ_BROKEN,  /* the bytes could not be read */
};

#define PK_NO_FRAME UINT64_MAX

struct pk_reader {
	struct pk_cursor c;
	unsigned reading;   /* enum pk_reading */
	uint64_t frame_end; /* PK_NO_FRAME outside frames */
	uint64_t resume;    /* where to go on after the frame, or 0 */
	bool drops;         /* this frame is one that loses its rest */
	bool odd_frames;    /* frames over which readers differ were seen */
	bool big_frames;
	bool long_frame; /* one claimed more than the data */
	enum pk_read_end end;
};

/* Reads from c, which is taken over; its offsets are the stream's. */
struct pk_reader pk_reader_open(struct pk_cursor c, unsigned reading);

/* The next opcode with its operand; false at the end, see r->end. */
bool pk_reader_next(struct pk_reader *r, struct pk_op *ret_op);

/* A FRAME opcode is executed; false when this reader refuses it. */
bool pk_reader_frame(struct pk_reader *r, uint64_t len);

/* STOP is executed; true when its frame goes on behind it. */
bool pk_reader_stop(struct pk_reader *r);

/*
 * Skips n raw bytes that follow the current frame (joblib takes them from
 * the file behind the unpickler's back); returns where they begin.  A region
 * that does not fit ends the reading.
 */
uint64_t pk_reader_raw_begin(const struct pk_reader *r);
bool pk_reader_raw_skip(struct pk_reader *r, uint64_t end);

/* Bytes from earlier (or later) in the stream: up to n of them. */
size_t pk_reader_fetch(struct pk_reader *r, uint64_t off, void *buf, size_t n);

#endif
