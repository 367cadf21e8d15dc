/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_FILTER_H
#define PK_SOURCE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

/*
 * Which files of a tree are wanted, by the user's patterns.
 *
 * Patterns are those of gitignore(5): without a slash one matches a name at
 * any depth, with one it is anchored at the root; "*" and "?" stop at a
 * slash, "**" does not; a slash at the end matches folders only; "!" before
 * an exclusion takes back earlier ones.  The last match decides.  When there
 * are inclusions, a file must match one of them, too.
 */
struct pk_filter {
	struct pk_pattern *patterns;
	size_t count;
	size_t includes;
	uint64_t shard;  /* 0-based */
	uint64_t shards; /* 0: all the work */
};

PK_MUST_CHECK enum pk_status pk_filter_include(struct pk_filter *f,
					       const char *glob);
PK_MUST_CHECK enum pk_status pk_filter_exclude(struct pk_filter *f,
					       const char *glob);

/* path: relative to the root of the walk. */
bool pk_filter_wants_file(const struct pk_filter *f, const char *path);
bool pk_filter_wants_folder(const struct pk_filter *f, const char *path);

/* Whether the path is of this shard's part; depends on nothing else, so
 * that parts scanned at different times leave nothing out. */
bool pk_filter_in_shard(const struct pk_filter *f, const char *path);

/* Whether the whole text matches the pattern. */
bool pk_glob(const char *pattern, const char *text);

void pk_filter_release(struct pk_filter *f);

#endif
