/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_FILES_H
#define PK_HUB_FILES_H

#include "hub/trouble.h"

enum { PK_REMOTE_PATH_MAX = 1024, PK_REMOTE_NAME_MAX = 255 };

/*
 * What is wrong with a path that a registry names, as in "it ..."; NULL: it
 * may be used below any folder.  Absolute, empty or dotted components,
 * controls, backslashes, bytes that are not UTF-8, and too long.
 */
const char *pk_remote_path_fault(struct pk_span path);

/* Text that a registry says of itself: UTF-8 of 1 to max bytes without
 * anything that moves, hides or reorders text. */
bool pk_remote_text_ok(struct pk_span text, size_t max);

/* Files as they are listed.  What is in it lives in the arena. */
struct pk_files {
	struct pk_arena *arena;
	struct pk_remote_file *v;
	size_t n;
	size_t cap;
	size_t max;
};

/*
 * Adds one at that path, which is checked and copied; f's other members are
 * taken as they are.
 */
PK_MUST_CHECK enum pk_status pk_files_add(struct pk_files *l,
					  struct pk_span path,
					  const struct pk_remote_file *f,
					  struct pk_remote_trouble *why);

/* Sorts them, and refuses two with one path, and a file that is a folder of
 * another. */
PK_MUST_CHECK enum pk_status pk_files_settle(struct pk_files *l,
					     struct pk_remote_trouble *why);

/* The file at that path of a settled list, or NULL. */
struct pk_remote_file *pk_files_find(const struct pk_files *l,
				     struct pk_span path);

#endif
