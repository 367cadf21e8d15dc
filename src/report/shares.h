/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_SHARES_H
#define PK_REPORT_SHARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

/* Which part of a larger work a report is on: a shard of some files, from 1
 * on, or a unit of a plan, from 0 on. */
struct pk_share {
	uint64_t number;
	uint64_t of;       /* 0: it is no part but the whole */
	char plan[65];     /* hex; "": a shard */
	char settings[65]; /* hex, of a unit: how it was scanned */
};

/* Parts that were seen, each once.  Zeroed to begin with. */
struct pk_shares {
	struct pk_share *v;
	size_t count, cap;
	bool sorted;
};

PK_MUST_CHECK enum pk_status pk_shares_add(struct pk_shares *p,
					   const struct pk_share *share);

/* Sorts them; of those that were added twice one stays. */
void pk_shares_sort(struct pk_shares *p);

/*
 * The first work of which parts were seen, but not all: writes the numbers of
 * the others ("2,5-7", cut with "..." when there is no room) and returns one
 * of its parts; NULL when there is none.
 */
const struct pk_share *pk_shares_missing(struct pk_shares *p, char *to,
					 size_t n);

void pk_shares_release(struct pk_shares *p);

#endif
