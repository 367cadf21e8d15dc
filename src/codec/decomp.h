/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_DECOMP_H
#define PK_CODEC_DECOMP_H

#include "codec/pull.h"

enum pk_codec {
	PK_CODEC_DEFLATE, /* RFC 1951, as in zip */
	PK_CODEC_ZLIB,    /* RFC 1950 */
	PK_CODEC_GZIP,    /* RFC 1952 */
	PK_CODEC_BZIP2,
	PK_CODEC_XZ,       /* and LZMA-alone: either may follow the other */
	PK_CODEC_LZMA_RAW, /* as in zip: 4 bytes, 5 of properties, no size */
	PK_CODEC_ZSTD,
	PK_CODEC_LZ4,
	PK_CODEC_COUNT
};

/*
 * The decompressed bytes of [off, off + len) of a source, which is borrowed.
 * Members that follow one another are one stream, as Python's modules and
 * joblib read them; zero padding is allowed between them where they allow it;
 * what follows the last member is not used.  The library's memory counts
 * against the meter.  NULL when out of memory.
 */
struct pk_pull *pk_decomp_new(enum pk_codec codec, struct pk_source *from,
			      uint64_t off, uint64_t len,
			      struct pk_meter *meter);

/* Whether a member of this codec can begin with these bytes; 16 of them
 * are enough.  Cheap: magic bytes and header checks only. */
bool pk_decomp_begins(enum pk_codec codec, struct pk_span bytes);

#endif
