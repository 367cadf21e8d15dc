/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_HASHING_H
#define PK_ATTEST_HASHING_H

#include "attest/tree.h"
#include "core/digest.h"

struct stat;

/*
 * Digests of many files, or parts of files, of one tree, on several threads:
 * each file is read once, in large pieces, at the speed of the hash.
 */
struct pk_hash_task {
	const char *path; /* as in the tree */
	uint64_t from;    /* the range [from, to) of the file */
	uint64_t to;      /* UINT64_MAX: to its end */
	bool git;         /* of a whole file: git's id of it, too */
	/* The answer.  A file that changed while it was read, ended early or
	 * could not be read has a trouble and no digest. */
	const char *trouble; /* NULL; in static memory */
	uint8_t digest[PK_HASH_LEN_MAX];
	uint8_t git_blob[PK_GIT_BLOB_LEN];
	uint64_t size; /* of the whole file */
	int64_t ctime_ns;
	uint64_t inode;
};

struct pk_hashing {
	enum pk_hash hash;
	unsigned threads; /* 0: one for each processor */
	/* Called now and then from the calling thread; false ends the work.
	 * May be NULL. */
	bool (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
};

/* When the file's bytes or attributes last changed, which nobody can set. */
int64_t pk_ctime_ns(const struct stat *st);

/*
 * Answers every task.  PK_ERR_NOMEM when memory or threads were lacking,
 * PK_ERR_USAGE when the progress function ended it: the answers are then not
 * complete.
 */
PK_MUST_CHECK enum pk_status pk_hash_tasks(const struct pk_tree *t,
					   struct pk_hash_task *tasks, size_t n,
					   const struct pk_hashing *how);

#endif
