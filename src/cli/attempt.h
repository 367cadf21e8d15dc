/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_ATTEMPT_H
#define PICKET_CLI_ATTEMPT_H

#include "cli/cli.h"

/*
 * One attempt at a unit of a plan.  Its report gathers in a file of its own
 * beside the results, since two attempts may run at once, and becomes the
 * unit's result by a rename, when it is whole and on the disk.  Until then
 * what is there outlives the attempt, and the next one begins with it.
 *
 *	DIR/unit-3.ndjson                   the result
 *	DIR/.unit-3.PLAN.SETTINGS.XXXXXX.part    an attempt at that plan's
 */
struct cli_attempt {
	const char *dir;
	char *done;
	char *path;
	char prefix[80]; /* of the names of all attempts at the unit */
	size_t like; /* as much of a name is the same for our plan and settings */
	int fd;
	char buf[32 * 1024];
	size_t len;
	uint64_t synced_at;
	bool failed;
};

/* The result's name; to be freed.  NULL: no memory. */
char *cli_unit_path(const char *dir, size_t unit);

/* Makes the folder when it is missing, and a new file; false after a
 * complaint, with errno set.  plan, settings: at least 16 hex digits. */
bool cli_attempt_open(struct cli_attempt *a, const char *dir, size_t unit,
		      const char *plan, const char *settings);

/* Begins with what an earlier attempt at the same left: each
 * line, with its newline, that take() wants; no more after one that it does
 * not. */
void cli_attempt_adopt(struct cli_attempt *a,
		       bool (*take)(void *ctx, const char *line, size_t n),
		       void *ctx);

/* For a struct picket_sink, whose ctx is the attempt. */
int cli_attempt_write(void *ctx, const void *bytes, size_t n);

/* Before waiting: what has gathered is to outlive this process, and every half
 * minute this machine. */
void cli_attempt_keep(struct cli_attempt *a);

/* The report is whole: it becomes the result, and other attempts are
 * removed.  Also true when another was faster.  False after a complaint. */
bool cli_attempt_commit(struct cli_attempt *a);

/* What was not committed stays for the next attempt. */
void cli_attempt_close(struct cli_attempt *a);

#endif
