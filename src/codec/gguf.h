/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_GGUF_H
#define PK_CODEC_GGUF_H

#include "core/cursor.h"

/*
 * The words of a GGUF file (ggml/include/gguf.h): numbers in the byte order
 * and width of its version, strings, types.
 */
struct pk_gguf {
	struct pk_cursor c;
	uint32_t version;
	bool big; /* big-endian, from version 3 on */
};

enum pk_gguf_kind {
	PK_GGUF_U8,
	PK_GGUF_I8,
	PK_GGUF_U16,
	PK_GGUF_I16,
	PK_GGUF_U32,
	PK_GGUF_I32,
	PK_GGUF_F32,
	PK_GGUF_BOOL,
	PK_GGUF_STRING,
	PK_GGUF_ARRAY,
	PK_GGUF_U64,
	PK_GGUF_I64,
	PK_GGUF_F64,
	PK_GGUF_KINDS
};

/* Bytes of a value, or 0 where it carries its own size. */
extern const uint8_t pk_gguf_size[PK_GGUF_KINDS];

/* Reads the magic and the version; faults with PK_FAULT_VALUE when it is
 * none that ever was. */
void pk_gguf_begin(struct pk_gguf *g);

uint32_t pk_gguf_u32(struct pk_gguf *g);
uint64_t pk_gguf_u64(struct pk_gguf *g);
/* A count, length or dimension: 32 bits in version 1, then 64. */
uint64_t pk_gguf_count(struct pk_gguf *g);
/* The fixed-size value of a kind; floats as their bits. */
uint64_t pk_gguf_value(struct pk_gguf *g, enum pk_gguf_kind kind);
/* A short string: borrowed until the next read. */
struct pk_span pk_gguf_text(struct pk_gguf *g);
/* The least that a string of this version takes. */
size_t pk_gguf_text_min(const struct pk_gguf *g);

/* Bytes of one block of values of a tensor's type, which is what they are
 * stored in. */
struct pk_ggml_type {
	const char *name; /* NULL: unknown or removed */
	uint16_t block;
	uint16_t bytes;
};

enum { PK_GGML_TYPES = 42 };

/* The type of that number; name is NULL for one that ggml does not have. */
struct pk_ggml_type pk_ggml_type(uint32_t id);

#endif
