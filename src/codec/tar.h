/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_TAR_H
#define PK_CODEC_TAR_H

#include "core/cursor.h"

/*
 * Tar archives: v7, ustar (POSIX.1-1988), pax (POSIX.1-2001), GNU.  Read as
 * the most lenient reader does: wrong checksums and zero blocks do not stop
 * it, and where readers look for the next header in different places it says
 * where else it may be.
 */
enum {
	PK_TAR_BLOCK = 512,
	PK_TAR_NAME_MAX = 64 * 1024, /* longer names are cut */
	PK_TAR_PIECES = 1024,        /* of a sparse file; more are left out */
	PK_TAR_PLAIN_PAX = 4096,     /* a larger extended header is odd */
};

struct pk_tar_entry {
	uint64_t at;     /* of its first header, extended ones included */
	uint64_t header; /* of its own */
	uint64_t data;
	uint64_t size;       /* bytes of data in the archive */
	uint64_t elsewhere;  /* another place of the next header, or 0 */
	struct pk_span name; /* both borrowed until the next entry */
	struct pk_span link;
	struct pk_span short_name; /* of the header itself, when extended */
	uint8_t type;              /* '0' for all regular files */
	bool bad_sum;
	bool after_end;     /* behind zero blocks, where readers stop */
	bool negative;      /* a size below zero: nothing can follow */
	bool cut;           /* its data end early */
	bool long_pax;      /* the extended header is suspiciously large */
	uint64_t real_size; /* of a sparse file */
	const struct pk_extent *piece; /* NULL: not sparse */
	size_t pieces;
};

struct pk_tar {
	struct pk_cursor c;
	uint64_t size;
	bool ended;
	uint8_t *name; /* PK_TAR_NAME_MAX each */
	uint8_t *link;
	struct pk_extent *piece;
};

/* Whether a header stands at the beginning of these bytes: by its magic and
 * some sense, or, for v7, by its checksum. */
bool pk_tar_begins(struct pk_span block);

/* Starts at an offset.  False when out of memory. */
bool pk_tar_open(struct pk_tar *t, struct pk_source *src, uint64_t at,
		 struct pk_arena *a);

/* The next member; false at the end, which t->c.off then tells. */
bool pk_tar_next(struct pk_tar *t, struct pk_tar_entry *ret);

#endif
