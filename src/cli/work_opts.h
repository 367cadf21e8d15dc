/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_WORK_OPTS_H
#define PICKET_CLI_WORK_OPTS_H

#include "cli/scan_opts.h"

/* Everything that the options of `picket work` say. */
struct work_settings {
	struct scan_settings scan; /* first: most options are scan's */
	uint64_t unit;
	bool has_unit;
	const char *results;
	char *words; /* of the settings that a result depends on */
	size_t words_len;
	bool failed;
};

/* Defaults; false when out of memory. */
bool work_settings_init(struct work_settings *s);
void work_settings_release(struct work_settings *s);

const struct cli_option *work_options(void);

/* As cli_parse(). */
int work_parse(const struct cli_command *cmd, struct work_settings *s, int argc,
	       char **argv);

/* Whether the settings are all there; complains. */
bool work_admits(const struct work_settings *s, int arguments);

/*
 * Names all that a result depends on besides the file: this version and its
 * rules, the options, the content of policy and baseline.  Results of one
 * plan go together when they have the same.  False after a complaint.
 */
bool work_settings_id(struct work_settings *s, char ret[65]);

#endif
