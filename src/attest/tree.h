/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_TREE_H
#define PK_ATTEST_TREE_H

#include "core/arena.h"

/* What is done about symbolic links below the root. */
enum pk_links {
	PK_LINKS_REFUSE, /* each is a trouble */
	PK_LINKS_WITHIN, /* to files of the tree; out of it is a trouble */
	PK_LINKS_FOLLOW, /* to files anywhere */
};

/* How a tree is listed. */
struct pk_tree_options {
	enum pk_links links;
	/* Paths relative to the root that are left out, with everything below
	 * them; compared by component. */
	const char *const *ignore;
	size_t ignore_count;
	/* A link to a folder, which is not walked, is a trouble. */
	bool tell_folders;
};

/*
 * One file of a tree.  The path is relative to the root, its components
 * joined by '/', and "." when the root is a file itself.
 */
struct pk_tree_file {
	const char *path;
	uint64_t size;
};

/* Something that is in the tree and cannot be hashed. */
struct pk_tree_trouble {
	struct pk_tree_trouble *next;
	const char *path;
	const char *why; /* for a person */
};

/*
 * The regular files of a tree, in the order of their paths: by component,
 * each compared by its bytes.  Folders are no entries, an empty one leaves no
 * trace, and a link to a folder is not walked.  Embedded: _init and _release.
 */
struct pk_tree {
	struct pk_meter meter;
	struct pk_arena arena;
	int fd; /* of the root, or of the folder that holds a single file */
	char *single; /* its name there; NULL: the root is a folder */
	enum pk_links links;
	bool tell_folders;
	struct pk_tree_file *files;
	size_t count;
	size_t cap;
	struct pk_tree_trouble *troubles;
	struct pk_tree_trouble **troubles_tail;
};

void pk_tree_init(struct pk_tree *t);
void pk_tree_release(struct pk_tree *t);

/* PK_ERR_IO, with errno set, when the root is not there or is neither a
 * file nor a folder; what is wrong below it is a trouble, not an error. */
PK_MUST_CHECK enum pk_status pk_tree_read(struct pk_tree *t, const char *root,
					  const struct pk_tree_options *o);

/* For who knows what is in a folder: opens it, lists nothing, and follows no
 * links.  PK_ERR_IO with errno set. */
PK_MUST_CHECK enum pk_status pk_tree_at(struct pk_tree *t, const char *root);

/*
 * Opens a file of the tree for reading, never leaving it but through a link
 * where links are followed, never waiting for a FIFO.  -1 with errno set.
 */
int pk_tree_open(const struct pk_tree *t, const char *path);

/* Whether the path, relative to the root, is left out. */
bool pk_tree_ignores(const struct pk_tree_options *o, const char *path);

/* Whether the path is one that a manifest may name: relative, no empty, "."
 * or ".." component; the lone "." is a single file. */
bool pk_tree_path_ok(struct pk_span path);

/* <0, 0, >0: the order of paths, '/' before everything. */
int pk_tree_order(const char *a, const char *b);

#endif
