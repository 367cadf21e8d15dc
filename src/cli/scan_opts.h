/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_SCAN_OPTS_H
#define PICKET_CLI_SCAN_OPTS_H

#include "cli/opts.h"
#include "cli/remote_opts.h"
#include "cli/sandbox.h"
#include "cli/scan_seal.h"
#include "picket/picket.h"

enum { SCAN_OUTPUTS_MAX = 16, SCAN_LISTS_MAX = 16 };

/* Everything that the options of `picket scan` say. */
struct scan_settings {
	struct remote_settings remote;
	bool full;            /* sources elsewhere are fetched whole */
	const char *policy;   /* a name or a file */
	const char *baseline; /* NULL: none */
	const char *fail_on;  /* NULL: the policy's */
	const char *format;   /* NULL: not said */
	const char *color;
	struct {
		const char *format; /* NULL: the one of -f */
		const char *path;
	} outputs[SCAN_OUTPUTS_MAX];
	size_t output_count;
	const char *lists[SCAN_LISTS_MAX]; /* --files-from */
	size_t list_count;
	struct seal_settings seal;
	const char *part_only; /* an option that leaves files out */
	uint64_t shard;
	uint64_t shards;     /* 0: all the work */
	unsigned severities; /* bit n: severity n is shown */
	uint64_t jobs;       /* 0: not said */
	enum sandbox_mode sandbox;
	bool isolate;
	uint64_t exit_blocked;
	uint64_t exit_integrity;
	uint64_t exit_source;
	uint64_t exit_incomplete;
	bool quiet;
	bool verbose;
	bool no_progress;
	bool no_timestamps;
	struct picket_options *options;
	struct picket_filter *filter;
};

/* Defaults; false when out of memory. */
bool scan_settings_init(struct scan_settings *s);
void scan_settings_release(struct scan_settings *s);

/* The table, its limits made from the library's. */
const struct cli_option *scan_options(void);

/*
 * The table of another command, whose settings begin with struct
 * scan_settings: n options of its own, then those of the scan with these
 * names, blanks between them.  Made in table once, which is static and has
 * room for SCAN_BORROWED_MAX more.
 */
enum { SCAN_BORROWED_MAX = 40 };
const struct cli_option *scan_borrow(struct cli_option *table,
				     const struct cli_option *own, size_t n,
				     const char *names);

/* The forms of a report for --help: "text (default), json, ...". */
const char *scan_format_help(void);

/* The name of a report's form, NULL past the last. */
const char *scan_nth_format(size_t n);

/* What --severity and --fail-on know, NULL past the last. */
const char *scan_nth_severity(size_t n);
const char *scan_nth_threshold(size_t n);

#endif
