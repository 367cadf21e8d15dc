/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_LOCK_H
#define PK_HUB_LOCK_H

#include "codec/form.h"
#include "core/buf.h"
#include "core/digest.h"
#include "engine/origin.h"

/*
 * models.lock (docs/lock.md): which models are used here, each pinned to a
 * commit, with every file's size and digest.  A text that people review.
 */
struct pk_lock_file {
	const char *path; /* relative, no ".." */
	bool known; /* size and digest are; always, of a lock that was read */
	uint64_t size;
	uint8_t sha256[PK_SHA256_LEN];
	bool has_git_blob; /* its registry names it by that: */
	uint8_t git_blob[PK_GIT_BLOB_LEN];
	const char *format;  /* by a scan; NULL: fits none */
	const char *verdict; /* of that scan; NULL: was not scanned */
};

/* A signature that lies among the files. */
struct pk_lock_signature {
	const char *path;   /* NULL: there is none */
	const char *signer; /* who says so; NULL */
	enum pk_known verified;
};

struct pk_lock_model {
	struct pk_origin from; /* uri is always there */
	const char *folder;    /* where it lies below a folder with several */
	const char *advice;    /* the registry's own verdict; NULL */
	struct pk_lock_signature signature;
	struct pk_lock_file *files; /* by their paths, bytewise */
	size_t count;
	uint64_t line; /* of the lock file */
};

struct pk_lock {
	struct pk_meter meter;
	struct pk_arena arena;
	struct pk_lock_model *models; /* by their URIs, bytewise */
	size_t count;
};

void pk_lock_init(struct pk_lock *l);
void pk_lock_release(struct pk_lock *l); /* zeroed is fine */

/* Reads it into a struct to be released in any case.  PK_ERR_USAGE with at
 * least one complaint when it is none or contradicts itself. */
PK_MUST_CHECK enum pk_status
pk_lock_read(struct pk_lock *l, struct pk_span yaml, struct pk_complaints *why);

/* Appends the text: the same for the same lock, in the order that is kept
 * here. */
void pk_lock_write(const struct pk_lock *l, struct pk_buf *to);

/* Sorts models and files, and gives a folder to each model that has none.
 * False when two models have one URI or one folder, or a model two files of
 * one path: *ret names it. */
bool pk_lock_settle(struct pk_lock *l, const char **ret);

/* The file of that path, or NULL. */
const struct pk_lock_file *pk_lock_find(const struct pk_lock_model *m,
					const char *path);

/* The model of that source, or NULL. */
struct pk_lock_model *pk_lock_model_of(const struct pk_lock *l,
				       const char *uri);

/* Whether the text may stand in a lock: UTF-8 without a NUL. */
bool pk_lock_text_ok(struct pk_span text);

#endif
