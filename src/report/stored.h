/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_STORED_H
#define PK_REPORT_STORED_H

#include "core/digest.h"
#include "report/shares.h"
#include "report/summary.h"

/*
 * Reads picket.report/1 back, as JSON or NDJSON (docs/report.md): for other
 * forms of it, made later or elsewhere.  The file may be anybody's: whatever
 * is no report of this version's rules and formats is refused, and so is one
 * that does not hold as many files as its summary counts.  Texts are defused
 * like those of any file.
 */
struct pk_stored_end {
	struct pk_share share;
	uint64_t excluded;
	uint8_t paths[PK_SHA256_LEN]; /* of all its files, in order */
};

struct pk_stored {
	/* Makes room for one more file, initialized; NULL: no memory. */
	struct pk_result *(*more)(void *ctx, const char *path);
	/* A path without a verdict. */
	enum pk_status (*error)(void *ctx, const char *path,
				const char *message);
	/* After the last file of a report. */
	enum pk_status (*ended)(void *ctx, const struct pk_stored_end *end);
	void *ctx;
	char policy[128]; /* of the last report */
	char fail_on[16];
	bool passes;     /* each of them did */
	int64_t started; /* the earliest; 0: it is not said */
	char why[160];   /* of PK_ERR_USAGE: what is wrong, and where */
	uint64_t files;  /* of the report that is being read */
	struct pk_sha256 *paths;
};

/* PK_ERR_USAGE when it is refused; files may have been made before. */
PK_MUST_CHECK enum pk_status pk_stored_read(struct pk_stored *st,
					    struct pk_span report);

/* One file, as a line of NDJSON has it. */
PK_MUST_CHECK enum pk_status pk_stored_read_file(struct pk_stored *st,
						 struct pk_span line);

/* Which part the report whose last line that is says it is on; false when it
 * is on the whole, or no report. */
bool pk_stored_share(struct pk_span report, struct pk_share *ret);

#endif
