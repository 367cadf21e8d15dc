/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_LINKS_H
#define PK_REPORT_LINKS_H

#include "core/strmap.h"
#include "engine/result.h"

/*
 * Which files of a report name which others (external data, shards, code):
 * known only when all were seen.  Memory grows with the files.  Zeroed at
 * first.
 */
struct pk_link {
	struct pk_link *next;
	struct pk_span path; /* of the other file, below the same root */
};

struct pk_linked {
	struct pk_linked *next;
	const char *id; /* in the inventory */
	struct pk_link *to;
	const struct pk_linked *told_of; /* the last one that led here */
};

struct pk_links {
	struct pk_meter meter;
	struct pk_arena arena;
	struct pk_strmap by_path;
	struct pk_strmap ids;
	struct pk_linked *first;
	struct pk_linked **tail;
	bool failed; /* there was no memory */
};

/* Takes in a file and what it names; the id is copied. */
void pk_links_add(struct pk_links *l, const struct pk_result *r,
		  const char *id);

/* The id of the next file that this one names and the report has, from the
 * link at *rest on; NULL: no more.  Each of them once, and never itself. */
const char *pk_links_next(const struct pk_links *l,
			  const struct pk_linked *from,
			  const struct pk_link **rest);

/* Whether the id was never asked for before; it is copied. */
bool pk_links_first(struct pk_links *l, const char *id);

void pk_links_release(struct pk_links *l);

#endif
