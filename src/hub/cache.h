/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_CACHE_H
#define PK_HUB_CACHE_H

#include "core/arena.h"
#include "engine/rule.h"

/*
 * The cache of huggingface_hub, looked at without reading a model file:
 *
 *	models--org--name/snapshots/COMMIT/path -> ../../blobs/DIGEST
 *	models--org--name/refs/main             COMMIT
 *	models--org--name/trees/COMMIT.json     what the commit holds
 *
 * A digest is 64 hex digits (SHA-256) or 40 (git's id of the file).  Nothing
 * in it is trusted: links are judged by their text and never followed.
 */
enum pk_cache_kind {
	PK_CACHE_NONE, /* it is no cache */
	PK_CACHE_ROOT, /* holds repositories */
	PK_CACHE_REPOSITORY,
	PK_CACHE_SNAPSHOT,
};

enum pk_cache_kind pk_cache_kind(const char *folder);

/* A file as the list of its commit has it. */
struct pk_cache_listed {
	const char *path;
	uint64_t size;
	const char *digest; /* that its blob is named by */
};

struct pk_cache_file {
	const char *path; /* below the snapshot */
	const char *blob; /* NULL: the bytes lie in the snapshot itself */
	uint64_t size;
	/* What is wrong with it, so that there are no bytes to look at;
	 * PK_RULE_COUNT: nothing. */
	enum pk_rule fault;
	const char *why;
};

struct pk_cache_snapshot {
	const char *commit;
	struct pk_cache_file *files; /* by their paths, bytewise */
	size_t count;
	size_t cap;
	bool has_list;                /* of the commit: */
	struct pk_cache_listed *list; /* by their paths, bytewise */
	size_t list_count;
};

struct pk_cache_ref {
	const char *name;   /* "main", "refs/pr/1" */
	const char *commit; /* as it stands there; perhaps no commit */
};

struct pk_cache_repository {
	const char *folder; /* "models--org--name" */
	const char *id;     /* "org/name", "datasets/org/name" */
	const char *path;   /* of the folder */
	struct pk_cache_snapshot *snapshots;
	size_t count;
	size_t cap;
	struct pk_cache_ref *refs;
	size_t ref_count;
	size_t ref_cap;
	/* Wrong with the repository itself: path is relative to it. */
	struct pk_cache_file *faults;
	size_t fault_count;
	size_t fault_cap;
};

struct pk_cache {
	struct pk_meter meter;
	struct pk_arena arena;
	struct pk_cache_repository *repositories; /* by their folders */
	size_t count;
	size_t cap;
};

/* Reads all of a cache, one repository, or one snapshot of it, by what the
 * folder is; into a struct to be released in any case.  PK_ERR_IO with errno
 * when it cannot be listed, PK_ERR_USAGE when it is no cache. */
PK_MUST_CHECK enum pk_status pk_cache_read(struct pk_cache *c,
					   const char *folder);
void pk_cache_release(struct pk_cache *c); /* zeroed is fine */

/* NULL when there is none. */
const struct pk_cache_snapshot *
pk_cache_snapshot_at(const struct pk_cache_repository *r, const char *commit);
const struct pk_cache_listed *
pk_cache_listed_at(const struct pk_cache_snapshot *s, const char *path);

/* Lower-case hex digits, 40 or 64 of them. */
bool pk_cache_is_digest(const char *name);

#endif
