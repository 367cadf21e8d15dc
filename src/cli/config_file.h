/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_CONFIG_FILE_H
#define PICKET_CLI_CONFIG_FILE_H

#include "cli/cli.h"

/*
 * The configuration file: names of options with their values, in YAML.  It
 * is the one that the user names, or $XDG_CONFIG_HOME/picket/config.yaml;
 * none is ever looked for among what is scanned.
 */
struct cli_setting {
	const char *name;
	const char *value;
	uint64_t line;
};

/* Reads the named file, or with NULL the user's if there is one; once, for
 * as long as the program runs.  False after complaints. */
bool cli_config_load(const char *named);

/* The nth setting, of a list one for each value; NULL past the last. */
const struct cli_setting *cli_config_at(size_t n);

/* What was read; NULL: nothing. */
const char *cli_config_path(void);

#endif
