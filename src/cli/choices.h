/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_CHOICES_H
#define PICKET_CLI_CHOICES_H

#include "cli/opts.h"

/*
 * What a value may be, for completion and the manual: the words that are
 * known, and whether a file or folder fits as well.
 */
struct cli_choices {
	const char *(*nth)(size_t n); /* NULL: none are known */
	bool files;
};

struct cli_choices cli_option_choices(const struct cli_command *cmd,
				      const struct cli_option *o);

/* Of what stands behind the command's name. */
struct cli_choices cli_argument_choices(const struct cli_command *cmd);

/* The n-th command's name, or NULL past the last. */
const char *cli_nth_command(size_t n);

/* The n-th word that 'picket manifest' takes, or NULL past the last. */
const char *cli_nth_manifest_action(size_t n);

/* Prints the words, each between the two texts. */
void cli_print_choices(struct cli_choices c, const char *before,
		       const char *after);

#endif
