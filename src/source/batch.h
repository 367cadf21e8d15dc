/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_BATCH_H
#define PK_SOURCE_BATCH_H

#include <stdbool.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/digest.h"
#include "core/source.h"

/*
 * What a batch is to scan (picket.plan/1, docs/batches.md): one line of JSON
 * for each file, in the order in which one process would report them.  Units
 * are runs of lines.  The last line is the index: where each unit lies, and
 * its digest.  Who does one unit reads the index and that unit's lines, and a
 * plan that was cut has no index.
 */

/* A file as it was when the plan was made, or what was found out about it
 * then without opening it. */
struct pk_planned {
	const char *path; /* raw bytes */
	uint64_t size;
	int64_t modified_ns; /* since 1970 */
	const char *reason;  /* why it is skipped; NULL: it is not */
	const char *rule;    /* what its finding is, or NULL: it is scanned */
	const char *message; /* of the finding */
	bool complete;       /* with the finding all is said */
};

struct pk_batch_unit {
	uint64_t off; /* of its first line */
	uint64_t len;
	uint64_t files;
	uint64_t bytes;    /* of all its files */
	uint64_t excluded; /* files left out by patterns */
	uint8_t digest[PK_SHA256_LEN];
};

/* When a unit is full.  To open a file and to tell of it costs as much as
 * reading PK_BATCH_FILE_COST bytes. */
struct pk_batch_sizes {
	uint64_t bytes;
	uint64_t files;
};

enum {
	PK_BATCH_FILE_COST = 4 << 20,
	PK_BATCH_UNITS_MAX = 100000,
};

/* A plan being written.  Text gathers in out, from where the caller takes it
 * after each call. */
struct pk_batch_writer {
	struct pk_batch_sizes sizes;
	struct pk_buf out;
	struct pk_buf roots; /* each NUL-terminated */
	struct pk_batch_unit *units;
	size_t count, cap;
	uint64_t files;
	uint64_t bytes;
	uint64_t at; /* offset of what comes next */
	uint64_t cost;
	struct pk_sha256 *digest;
	bool open; /* the last unit takes more */
};

void pk_batch_begin(struct pk_batch_writer *w, const struct pk_batch_sizes *s);

/* A path that the user named, which files of the plan lie below. */
void pk_batch_root(struct pk_batch_writer *w, const char *path);

/* excluded: files that were left out since the last call.  PK_ERR_USAGE when
 * there are more units than a plan may have. */
PK_MUST_CHECK enum pk_status pk_batch_add(struct pk_batch_writer *w,
					  const struct pk_planned *f,
					  uint64_t excluded);

/* Writes the index.  There is at least one unit, be it empty. */
PK_MUST_CHECK enum pk_status pk_batch_end(struct pk_batch_writer *w,
					  uint64_t excluded);

void pk_batch_writer_release(struct pk_batch_writer *w);

/* A plan being read; it may be anybody's. */
struct pk_batch {
	struct pk_source *src; /* the caller's */
	struct pk_meter meter;
	struct pk_arena arena;
	const char **roots;
	size_t root_count;
	struct pk_batch_unit *units;
	size_t count;
	char id[2 * PK_SHA256_LEN + 1]; /* digest of the index, and so of all */
	char why[160];                  /* of PK_ERR_USAGE: what is wrong */
};

/* Reads the index; release it all the same.  PK_ERR_USAGE when it is no
 * plan. */
PK_MUST_CHECK enum pk_status pk_batch_open(struct pk_batch *p,
					   struct pk_source *src);
void pk_batch_release(struct pk_batch *p);

/* The files of one unit, in its arena. */
struct pk_batch_list {
	struct pk_meter meter;
	struct pk_arena arena;
	struct pk_planned *files;
	size_t count;
};

/* PK_ERR_USAGE, with the plan's why, also when the lines are not those that
 * the index has the digest of. */
PK_MUST_CHECK enum pk_status pk_batch_read(struct pk_batch *p, size_t unit,
					   struct pk_batch_list *ret);
void pk_batch_list_release(struct pk_batch_list *l);

#endif
