/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_COMPARE_H
#define PK_ATTEST_COMPARE_H

#include "attest/manifest.h"

/* How a tree differs from what it should be. */
enum pk_difference {
	PK_DIFF_CHANGED,
	PK_DIFF_MISSING,
	PK_DIFF_EXTRA,
	PK_DIFF_RENAMED,
	PK_DIFF_UNREAD, /* there, but could not be hashed */
};

const char *pk_difference_name(enum pk_difference d);

struct pk_diff {
	enum pk_difference kind;
	const char *path;
	const char *other; /* RENAMED: the name it should have; UNREAD: why */
};

/* Sorted by path.  The texts belong to the manifests that were compared. */
struct pk_diffs {
	struct pk_diff *v;
	size_t count;
	size_t cap;
};

/*
 * What is wrong with the tree of actual, by what is expected of it.  A file
 * that is gone and one that is new with the same bytes are one that was
 * renamed.  Files in several parts are compared part by part and differ as a
 * whole.
 */
PK_MUST_CHECK enum pk_status pk_compare(const struct pk_manifest *expected,
					const struct pk_manifest *actual,
					struct pk_diffs *ret);

void pk_diffs_release(struct pk_diffs *d);

#endif
