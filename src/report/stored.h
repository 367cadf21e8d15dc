/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_STORED_H
#define PK_REPORT_STORED_H

#include "report/summary.h"

/*
 * Reads picket.report/1 back, as JSON or NDJSON (docs/report.md): for other
 * forms of it, made later or elsewhere.  The file may be anybody's: whatever
 * is no report of this version's rules and formats is refused, and texts are
 * defused like those of any file.
 */
struct pk_stored {
	/* Makes room for one more file, initialized; NULL: no memory. */
	struct pk_result *(*more)(void *ctx, const char *path);
	void *ctx;
	struct pk_summary *summary; /* gets paths without a verdict */
	char policy[128];           /* of the last report */
	char fail_on[16];
	bool passes;     /* each of them did */
	int64_t started; /* the earliest; 0: it is not said */
	char why[160];   /* of PK_ERR_USAGE: what is wrong, and where */
};

/* PK_ERR_USAGE when it is refused; files may have been made before. */
PK_MUST_CHECK enum pk_status pk_stored_read(struct pk_stored *st,
					    struct pk_span report);

#endif
