/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_ZIP_H
#define PK_CODEC_ZIP_H

#include "core/cursor.h"

/*
 * Zip archives (PKWARE APPNOTE 6.3.10) as every reader sees them.
 *
 * A reader finds the end record, from it the directory, from that the local
 * headers, and at each step readers choose differently when a file offers a
 * choice.  Each way to choose is a view here; a sound archive has one.
 */

/* Bits of the general purpose flags. */
enum {
	PK_ZIP_ENCRYPTED = 1 << 0,
	PK_ZIP_DESCRIPTOR = 1 << 3, /* sizes follow the data */
	PK_ZIP_PATCH = 1 << 5,
	PK_ZIP_STRONG = 1 << 6,
	PK_ZIP_UTF8 = 1 << 11,
	PK_ZIP_MASKED = 1 << 13,
};

enum {
	PK_ZIP_STORED = 0,
	PK_ZIP_DEFLATE = 8,
	PK_ZIP_BZIP2 = 12,
	PK_ZIP_LZMA = 14,
	PK_ZIP_ZSTD_OLD = 20,
	PK_ZIP_ZSTD = 93,
	PK_ZIP_XZ = 95,
	PK_ZIP_AES = 99,
};

enum pk_zip_odd {
	PK_ZIP_ODD_ZIP64 = 1 << 0,   /* a sentinel without its zip64 field */
	PK_ZIP_ODD_UNICODE = 1 << 1, /* has a Unicode path extra field */
	PK_ZIP_ODD_RANGE = 1 << 2,   /* its local header lies outside */
};

/* One record of a directory, or a local header of its own. */
struct pk_zip_entry {
	uint64_t at;     /* of this record */
	uint64_t header; /* of its local header */
	uint64_t csize;
	uint64_t usize;
	const uint8_t *name; /* in the arena */
	uint32_t crc;
	uint32_t attrs; /* external: Unix mode in the upper half */
	uint16_t name_len;
	uint16_t extra_len;
	uint16_t flags;
	uint16_t method;
	uint8_t host; /* that made it: 0 DOS, 3 Unix */
	uint8_t odd;  /* enum pk_zip_odd */
};

struct pk_zip_view {
	uint64_t end;      /* offset of its end record */
	uint64_t end_stop; /* one past its comment */
	uint64_t zip64;    /* offset of the zip64 end record, if any */
	uint64_t zip64_len;
	uint64_t dir;
	uint64_t dir_len; /* as walked */
	uint64_t claimed; /* number of entries by the end record */
	uint64_t claimed_len;
	uint64_t shift; /* added to every offset, modulo 2^64 */
	struct pk_zip_entry *v;
	size_t n;
	bool by_walk;     /* not the offset as written, but counted back */
	bool contradicts; /* zip64 and 32-bit fields disagree */
	bool count_lies;  /* fewer or more entries, or bytes, than said */
	bool cut;         /* ends within a record */
	bool disks;       /* says it has several volumes */
};

enum { PK_ZIP_VIEWS = 8, PK_ZIP_END = 22, PK_ZIP_LOCAL = 30 };

struct pk_zip {
	struct pk_source *src;
	struct pk_arena *arena;
	struct pk_zip_view view[PK_ZIP_VIEWS];
	unsigned views;
	bool more; /* there are more views than that */
	/* The bytes read last, so that neighbours cost one read. */
	uint8_t *peeked;
	uint64_t peek_at;
	size_t peek_len;
	size_t stride; /* read at once: more where members are small */
};

/*
 * Reads every directory that some reader would use.  No view: no end record
 * within reach.  Borrows both; entries live in the arena.
 */
void pk_zip_open(struct pk_zip *z, struct pk_source *src, struct pk_arena *a);

/* Adds the views of one more end record, found elsewhere; false when none
 * is there. */
bool pk_zip_add_end(struct pk_zip *z, uint64_t at);

static inline struct pk_span pk_zip_name(const struct pk_zip_entry *e)
{
	return (struct pk_span){ e->name, e->name_len };
}

/* The entry of exactly that name that most readers would return, the last;
 * NULL when there is none. */
const struct pk_zip_entry *pk_zip_find(const struct pk_zip_view *v,
				       struct pk_span name);

/*
 * The name that the Unicode path extra field of a directory record gives, if
 * its checksum fits the name (APPNOTE 4.6.9); empty otherwise.  Borrowed until
 * the next call about this archive.
 */
struct pk_span pk_zip_unicode_path(struct pk_zip *z,
				   const struct pk_zip_entry *e);

struct pk_zip_local {
	uint64_t at;
	uint64_t data; /* offset of the member's bytes */
	uint64_t csize;
	uint64_t usize;
	struct pk_span name;  /* borrowed until the next read */
	struct pk_span extra; /* the same */
	uint32_t crc;
	uint16_t flags;
	uint16_t method;
	bool sized; /* the packed size stands here, not after the data */
};

/* Reads the local header at an offset; false when none is there. */
bool pk_zip_local(struct pk_zip *z, uint64_t at, struct pk_zip_local *ret);

/* The length of the data descriptor at an offset that says these values, in
 * any of its four forms; 0 when none does. */
unsigned pk_zip_descriptor(struct pk_zip *z, uint64_t at, uint32_t crc,
			   uint64_t csize, uint64_t usize);

/* n bytes (at most 128 KiB) at an offset, borrowed until the next call about
 * this archive; empty when the file ends before. */
struct pk_span pk_zip_peek(struct pk_zip *z, uint64_t at, size_t n);

/* The first offset in [from, to) where these four bytes stand, or to. */
uint64_t pk_zip_search(struct pk_zip *z, uint64_t from, uint64_t to,
		       const char sig[4]);

#endif
