/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_MERGE_H
#define PICKET_CLI_MERGE_H

#include "cli/cli.h"
#include "picket/picket.h"

/* The results of a plan, put together in its order, one unit at a time. */
struct cli_merge {
	const char *plan_path;
	const char *dir;
	int fd;
	struct picket_plan *plan;
	struct picket_stored *common; /* what units say besides their files */
};

/*
 * Holds every result against the plan.  CLI_OK when all are there, each file
 * of the plan once; CLI_INCOMPLETE when not: standard output then has the
 * numbers of the units that are to be done (again), as a job array takes
 * them.  CLI_USAGE after a complaint.  Closed in any case.
 */
int cli_merge_open(struct cli_merge *m, const char *plan, const char *dir);

/* Reads all of them once more and adds their files; false after a
 * complaint. */
bool cli_merge_write(struct cli_merge *m, struct picket_report *r);

void cli_merge_close(struct cli_merge *m);

#endif
