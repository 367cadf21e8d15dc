/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_SAFETENSORS_HEADER_H
#define PK_CODEC_SAFETENSORS_HEADER_H

/* Between the two halves of the SafeTensors reader: what its header says,
 * and whether that holds together. */
#include "codec/json_read.h"
#include "codec/safetensors.h"
#include "core/strmap.h"

enum { PK_ST_CHUNK = 512 };

struct pk_st_chunk {
	struct pk_st_chunk *next;
	size_t n;
	struct pk_st_tensor v[PK_ST_CHUNK];
};

struct pk_st_reader {
	struct pk_st *st;
	const struct pk_st_visit *visit;
	struct pk_arena *a;
	struct pk_jreader r;
	struct pk_strmap names;
	struct pk_strmap keys; /* of __metadata__ */
	struct pk_st_chunk *first;
	struct pk_st_chunk *last;
	bool had_metadata;
};

/* Remembers the first error. */
void pk_st_fail(struct pk_st_reader *d, enum pk_st_error e, const char *why);

/* Reads st->header bytes behind the length; entries are in the chunks. */
void pk_st_read_header(struct pk_st_reader *d, struct pk_source *src);

#endif
