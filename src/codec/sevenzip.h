/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_SEVENZIP_H
#define PK_CODEC_SEVENZIP_H

#include "codec/pull.h"

/*
 * 7z archives, read by libarchive, of which nothing else is used.  Members
 * come in the order in which they lie; what one says is known only while it
 * is the current one.
 */
struct pk_sevenzip;

struct pk_sevenzip_entry {
	struct pk_span name; /* borrowed until the next */
	struct pk_span link; /* empty when it is none */
	bool encrypted;
	bool folder;
	bool special; /* neither a file, a folder nor a link */
};

/* Loads the C library's tables that libarchive converts names with, which it
 * would otherwise open when it meets an archive. */
void pk_sevenzip_prepare(void);

/* The source is borrowed.  NULL when out of memory. */
struct pk_sevenzip *pk_sevenzip_new(struct pk_source *src);
void pk_sevenzip_free(struct pk_sevenzip *z);

/* The next member; false at the end, or when something is wrong. */
bool pk_sevenzip_next(struct pk_sevenzip *z, struct pk_sevenzip_entry *ret);

/* What was wrong, or NULL. */
const char *pk_sevenzip_error(const struct pk_sevenzip *z);

/* The current member's bytes; valid until the next member is asked for, or
 * after its first rewind, for as long as the source. */
struct pk_pull *pk_sevenzip_pull(struct pk_sevenzip *z);

#endif
