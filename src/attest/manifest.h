/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_MANIFEST_H
#define PK_ATTEST_MANIFEST_H

#include "attest/hashing.h"
#include "core/buf.h"

/* One file, or one part of it, with its digest. */
struct pk_manifest_entry {
	const char *path;
	uint64_t from; /* the range [from, to) that was hashed */
	uint64_t to;   /* PK_TO_END: the whole file */
	uint64_t size; /* of the whole file; PK_NO_SIZE: not known */
	uint8_t digest[PK_HASH_LEN_MAX];
	const char *format; /* as a scan names it, or NULL */
	/* What a scan said, and the policy; static words, or NULL. */
	const char *verdict;
	const char *action;
	/* What a file system cannot be made to forget: when these and the
	 * size are the same, so are the bytes.  0: not known. */
	int64_t ctime_ns;
	uint64_t inode;
};

#define PK_TO_END  UINT64_MAX
#define PK_NO_SIZE UINT64_MAX

/*
 * The files of a tree and their digests, in the order of their paths
 * (attest/tree.h), then of their ranges.  Embedded: _init and _release.
 */
struct pk_manifest {
	struct pk_meter meter;
	struct pk_arena arena;
	enum pk_hash hash;
	uint64_t shard; /* bytes of each part; 0: whole files */
	struct pk_manifest_entry *entries;
	size_t count;
	size_t cap;
	/* What lies in the tree and could not be hashed. */
	struct pk_tree_trouble *troubles;
	struct pk_tree_trouble **troubles_tail;
};

void pk_manifest_init(struct pk_manifest *m, enum pk_hash hash);
void pk_manifest_release(struct pk_manifest *m);

/* Appends a copy of the entry; sort when the last is there. */
PK_MUST_CHECK enum pk_status pk_manifest_add(struct pk_manifest *m,
					     const struct pk_manifest_entry *e);
/* Notes that a path could not be hashed; both texts are copied. */
PK_MUST_CHECK enum pk_status
pk_manifest_trouble(struct pk_manifest *m, const char *path, const char *why);
void pk_manifest_sort(struct pk_manifest *m);

/* The first entry of that path, in a sorted manifest, or NULL. */
const struct pk_manifest_entry *pk_manifest_find(const struct pk_manifest *m,
						 const char *path);

struct pk_manifest_options {
	struct pk_tree_options tree;
	struct pk_hashing hashing;
	uint64_t shard;
	/* Entries of it that are still true are taken over, unread. */
	const struct pk_manifest *known;
	/* Only files that it names. */
	const struct pk_manifest *only;
};

/*
 * Hashes every file of the tree into an empty manifest.  PK_ERR_IO, with
 * errno set, when there is no tree.  What could not be hashed is among the
 * troubles.
 */
PK_MUST_CHECK enum pk_status
pk_manifest_of_tree(struct pk_manifest *m, const char *root,
		    const struct pk_manifest_options *o);

/*
 * Holds a manifest that was not made by hashing against the tree: a file that
 * it lacks, that is gone or has another size now is a trouble, as is whatever
 * cannot be hashed.  Entries that the options leave out are dropped.  Sorts.
 * PK_ERR_IO, with errno set, when there is no tree.
 */
PK_MUST_CHECK enum pk_status pk_manifest_cover(struct pk_manifest *m,
					       const char *root,
					       const struct pk_tree_options *o);

/* SHA-256 over the raw digests in their order, as OpenSSF Model Signing
 * defines it for what a signature is over. */
bool pk_manifest_root(const struct pk_manifest *m, uint8_t ret[PK_SHA256_LEN]);

#endif
