/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_CACHE_PARTS_H
#define PK_HUB_CACHE_PARTS_H

/* What the files that read a cache share. */
#include "hub/cache.h"

#include <fcntl.h>

enum {
	PK_CACHE_FOLDER = O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW,
	PK_CACHE_FILE =
		O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
	PK_CACHE_DEPTH = 64,
};

/* Reads the repository in the folder into the cache; only: that snapshot,
 * NULL: all. */
PK_MUST_CHECK enum pk_status pk_cache_read_repository(struct pk_cache *c,
						      const char *path,
						      const char *folder,
						      const char *only);

/* Reads trees/COMMIT.json, when there is one; one that is broken is a fault of
 * the repository. */
PK_MUST_CHECK enum pk_status pk_cache_read_list(struct pk_cache *c,
						struct pk_cache_repository *r,
						int repository,
						struct pk_cache_snapshot *s);

/* Something wrong with the repository itself; path and why are copied. */
PK_MUST_CHECK enum pk_status pk_cache_fault(struct pk_cache *c,
					    struct pk_cache_repository *r,
					    enum pk_rule rule, const char *path,
					    const char *why);

/* Room for one more in a growing array in the arena: the array, perhaps
 * moved, or NULL. */
void *pk_cache_room(struct pk_cache *c, void *v, size_t count, size_t *cap,
		    size_t size);

/* What an id begins with, by the folder's name ("models--": ""); NULL when it
 * is no repository's.  ret_rest: what comes after that prefix. */
const char *pk_cache_prefix(const char *folder, const char **ret_rest);

#endif
