/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_DRIFT_H
#define PK_HUB_DRIFT_H

#include "engine/rule.h"
#include "hub/lock.h"
#include "hub/remote.h"

/* One way in which something is not what it should be. */
struct pk_drift {
	enum pk_rule rule;
	const char *where;   /* the model's folder, or its URI; NULL: of none */
	const char *path;    /* of a file in it; NULL: the model itself */
	const char *message; /* one line; may hold bytes of names */
};

/* In the order in which they were found.  A failed allocation is remembered:
 * ask pk_drifts_ok() once. */
struct pk_drifts {
	struct pk_meter meter;
	struct pk_arena arena;
	struct pk_drift *v;
	size_t count;
	size_t cap;
	bool failed;
};

void pk_drifts_init(struct pk_drifts *d);
void pk_drifts_release(struct pk_drifts *d); /* zeroed is fine */

static inline bool pk_drifts_ok(const struct pk_drifts *d)
{
	return !d->failed;
}

/* where and path are copied. */
PK_PRINTF(5, 6)
void pk_drifts_add(struct pk_drifts *d, enum pk_rule rule, const char *where,
		   const char *path, const char *fmt, ...);

/* Whether it only says that something could not be read. */
bool pk_drift_is_unread(const struct pk_drift *d);

/* A file that lies here. */
struct pk_found {
	const char *path;
	uint64_t size;
	bool has_sha256; /* false: it was not hashed, since its size differs */
	uint8_t sha256[PK_SHA256_LEN];
	const char *trouble; /* why it could not be read; NULL */
};

/* What differs between a model and what lies here of it, which is sorted by
 * path, bytewise.  partial: files that are not here are fine. */
void pk_lock_compare(const struct pk_lock_model *m, const struct pk_found *v,
		     size_t n, bool partial, struct pk_drifts *d);

/* What differs between a model and a fresh listing of its source. */
void pk_lock_drift(const struct pk_lock_model *m, const struct pk_remote *now,
		   struct pk_drifts *d);

/* The same for the files alone. */
void pk_lock_drift_files(const struct pk_lock_model *m,
			 const struct pk_remote *now, struct pk_drifts *d);

/* What it means that the listing could not be had; false: nothing, it was
 * the network's or our own trouble. */
bool pk_lock_drift_trouble(const struct pk_lock_model *m,
			   const struct pk_remote_trouble *why, bool at_commit,
			   struct pk_drifts *d);

/* The worst that a registry says of any of the files; NULL: nothing. */
const char *pk_remote_advice(const struct pk_remote *r);

#endif
