/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_PICKET_CHECK_H
#define PK_PICKET_CHECK_H

/* What the handles of locks and checks hold, and who fills them. */
#include "picket/picket.h"

#include "attest/hashing.h"
#include "hub/drift.h"

struct picket_lock {
	struct pk_lock l;
};

struct picket_check {
	struct pk_drifts d;
	size_t models;  /* that were held against the lock, or the cache */
	size_t files;   /* whose bytes were read */
	uint64_t bytes; /* of them */
	size_t sources; /* that were asked */
	size_t others;  /* snapshots in the cache that no lock names */
};

/* What is asked: lock may be NULL for a cache. */
struct pk_check_job {
	const struct pk_lock *lock;
	const struct picket_tree *how;
	bool partial;
	struct picket_check *ret;
};

PK_MUST_CHECK enum pk_status pk_check_folder(const struct pk_check_job *j,
					     const char *folder);
PK_MUST_CHECK enum pk_status pk_check_cache(const struct pk_check_job *j,
					    const char *folder);

/* How the files of a job are hashed. */
struct pk_hashing pk_check_hashing(const struct pk_check_job *j);

#endif
