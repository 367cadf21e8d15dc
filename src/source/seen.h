/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_SEEN_H
#define PK_SOURCE_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PK_SUFFIX_MAX = 14 };

/*
 * Which files a walk has met, so that one that several links lead to is
 * scanned once.  A file's suffix is part of what it is to a loader: the same
 * bytes under ".txt" and ".pkl" are two things to scan.
 */
struct pk_seen {
	struct pk_seen_slot *slots;
	size_t cap; /* a power of two */
	size_t used;
	bool failed; /* out of memory: some will be scanned again */
};

/*
 * Notes that the file is met under this name, through a link or directly;
 * false when it was met before and a link is in play, then or now.  A name
 * without a suffix promises nothing that another name did not.
 */
bool pk_seen_first(struct pk_seen *s, dev_t dev, ino_t ino, const char *name,
		   bool by_link);

void pk_seen_release(struct pk_seen *s);

#endif
