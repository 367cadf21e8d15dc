/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_MAP_H
#define PK_ENGINE_MAP_H

#include "engine/scan.h"

/*
 * A picture of the file, small enough to keep and to send: where its named
 * parts lie (members, headers, data) and which bytes nobody explained.  What
 * is neither is read, and has no name.  Only of the file itself: in members
 * these calls do nothing.
 */
enum {
	PK_PARTS_MAX = 256, /* further ones are only counted */
	PK_GAPS_MAX = 256,
};

struct pk_part {
	struct pk_part *next;
	uint64_t from;
	uint64_t to;      /* one past the last; never before from */
	const char *what; /* escaped */
};

/* Names bytes of the file; claims nothing.  name: raw bytes. */
void pk_name_part(struct pk_scan *s, uint64_t off, uint64_t len,
		  struct pk_span name);

/* Keeps a part or a gap that is known from elsewhere.  False when it is no
 * range of the file, out of order (gaps), or one too many.  what: escaped, in
 * the job's arena. */
bool pk_job_keep_part(struct pk_job *job, struct pk_range at, const char *what);
bool pk_job_keep_gap(struct pk_job *job, struct pk_range gap);

/* Keeps what the file's parsers left unclaimed.  Where that is in too many
 * pieces, the nearest become one: the map then shows too much of it, never
 * too little. */
void pk_keep_gaps(struct pk_scan *s);

#endif
