/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_WALK_H
#define PK_SOURCE_WALK_H

#include "source/filter.h"

enum pk_entry_kind {
	PK_ENTRY_END,
	PK_ENTRY_FILE,    /* fd is open for reading, and the caller's */
	PK_ENTRY_SKIPPED, /* text: why, one of few static texts */
	PK_ENTRY_ESCAPE,  /* a link out of the tree; text: where to */
	PK_ENTRY_UNREAD,  /* could not be opened or listed; text: why */
	PK_ENTRY_NONE,    /* the root itself is not there; text: why */
};

/* Texts live until the next call. */
struct pk_entry {
	enum pk_entry_kind kind;
	const char *path; /* the root as given, a slash, the rest */
	const char *text;
	int fd;
	uint64_t size;
	uint64_t excluded; /* left out since the last entry */
};

/*
 * Visits a file, or every regular file below a folder, names in byte order.
 *
 * Only regular files are opened; FIFOs, sockets and devices never.  The root
 * may be a link; links below it are followed to regular files within the
 * tree, each once, and not to folders, which the walk meets anyway.  In a
 * Hugging Face cache (models--x/snapshots/rev) the blobs beside the
 * snapshots belong to the tree.
 */
struct pk_walk;

/* filter: borrowed, NULL for everything.  NULL when out of memory. */
struct pk_walk *pk_walk_new(const char *root, const struct pk_filter *filter);

PK_MUST_CHECK enum pk_status pk_walk_next(struct pk_walk *w,
					  struct pk_entry *ret);

void pk_walk_free(struct pk_walk *w);

#endif
