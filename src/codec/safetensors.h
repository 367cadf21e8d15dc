/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_SAFETENSORS_H
#define PK_CODEC_SAFETENSORS_H

#include "core/cursor.h"

/*
 * SafeTensors to the letter of the reference reader (safetensors/src/tensor.rs
 * over serde_json): what it refuses is an error here, by the same name; what
 * it takes although its own text, or other readers, would not, is an oddity.
 *
 *	u64le N | N bytes of JSON | tensor data, without holes
 */
enum { PK_ST_HEADER_MAX = 100000000, PK_ST_TEXT_MAX = 1 << 20 };

enum pk_st_error {
	PK_ST_FINE = 0,
	PK_ST_HEADER_TOO_SMALL,
	PK_ST_HEADER_TOO_LARGE,
	PK_ST_INVALID_HEADER_LENGTH,
	PK_ST_INVALID_HEADER, /* no UTF-8 */
	PK_ST_INVALID_HEADER_DESERIALIZATION,
	PK_ST_UNKNOWN_DTYPE, /* told apart here; the same error there */
	PK_ST_INVALID_OFFSET_OVERLAP, /* so are these three */
	PK_ST_INVALID_OFFSET_HOLE,
	PK_ST_INVALID_OFFSET_ORDER, /* ends before it begins */
	PK_ST_VALIDATION_OVERFLOW,
	PK_ST_MISALIGNED_SLICE, /* part of a byte is left over */
	PK_ST_TENSOR_INVALID_INFO,
	PK_ST_INCOMPLETE_SHORT, /* and these two */
	PK_ST_INCOMPLETE_LONG,
	/* Not the reader's: */
	PK_ST_UNREADABLE,
	PK_ST_OUT_OF_MEMORY,
};

/* As the reference spells it: "InvalidOffset". */
const char *pk_st_error_name(enum pk_st_error e);

enum pk_st_odd {
	PK_ST_ODD_DUPLICATE_TENSOR, /* the last one counts there */
	PK_ST_ODD_DUPLICATE_KEY,    /* in __metadata__ */
	PK_ST_ODD_EXTRA_FIELD,      /* passed over */
	PK_ST_ODD_ENTRY_FORM,       /* an array for an object */
	PK_ST_ODD_NULL_METADATA,
	PK_ST_ODD_START,     /* blanks before the first brace */
	PK_ST_ODD_PADDING,   /* other blanks than spaces, or too many */
	PK_ST_ODD_ALIGNMENT, /* N is no multiple of 8 */
	PK_ST_ODD_LONG_TEXT, /* longer than PK_ST_TEXT_MAX, seen in part */
};

struct pk_st_dtype {
	struct pk_span name;
	unsigned bits;
	/* Since which version readers know it; NULL: always. */
	const char *since;
};

struct pk_st_tensor {
	struct pk_span name; /* decoded */
	const struct pk_st_dtype *dtype;
	const uint64_t *shape; /* NULL unless asked for */
	uint64_t items;
	uint64_t begin; /* in the data */
	uint64_t end;
	uint64_t at; /* of its name in the file */
	unsigned rank;
	bool overflow; /* items did not fit */
	bool replaced; /* by one of the same name further on */
};

/* Told while the header is read; any may be NULL.  Spans live until the call
 * returns. */
struct pk_st_visit {
	void (*odd)(void *ctx, enum pk_st_odd what, struct pk_span name,
		    uint64_t at);
	void (*metadata)(void *ctx, struct pk_span key, struct pk_span value,
			 uint64_t at);
	void *ctx;
	bool keep_shapes;
};

struct pk_st {
	uint64_t header;         /* N */
	uint64_t data;           /* where the data begin */
	uint64_t end;            /* of what is accounted for, in the file */
	struct pk_st_tensor **v; /* by begin and end; replaced ones left out */
	size_t n;
	enum pk_st_error error; /* the first, as the reference finds them */
	uint64_t error_at;
	struct pk_span error_name; /* of the tensor, when it is about one */
	const char *error_why;     /* or NULL; static */
};

/* Reads the header and checks everything; tensor data are not read.  Keeps
 * names in the arena.  After a fault in the header v is empty. */
void pk_st_read(struct pk_st *st, struct pk_source *src, struct pk_arena *a,
		const struct pk_st_visit *visit);

/* The dtype of that name, or NULL. */
const struct pk_st_dtype *pk_st_dtype(struct pk_span name);

#endif
