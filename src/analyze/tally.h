/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_TALLY_H
#define PK_ANALYZE_TALLY_H

#include "engine/scan.h"

/* Names of a model and how often each occurs: its operators, its layers. */
struct pk_tally_entry {
	struct pk_tally_entry *next;  /* in its bucket */
	struct pk_tally_entry *later; /* in the order of the file */
	struct pk_span name;
	uint64_t count;
	uint64_t off; /* of the first */
};

enum { PK_TALLY_BUCKETS = 256, PK_TALLY_MAX = 65536 };

struct pk_tally {
	struct pk_tally_entry *bucket[PK_TALLY_BUCKETS];
	struct pk_tally_entry *first;
	struct pk_tally_entry *last;
	unsigned distinct;
};

/* Counts a name, which is copied to the scan's arena.  NULL when there are
 * too many or memory ran out: the scan is then partial. */
struct pk_tally_entry *pk_tally(struct pk_tally *t, struct pk_scan *s,
				struct pk_span name, uint64_t off);

/* Tells them all as notes: "operator.NAME". */
void pk_tally_note(const struct pk_tally *t, struct pk_scan *s,
		   const char *prefix);

#endif
