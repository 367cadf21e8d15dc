/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_LISTING_H
#define PICKET_CLI_LISTING_H

#include "cli/opts.h"
#include "picket/picket.h"

/* What the commands share that lay pickles open. */

/* Their options: --member, --json, --color. */
const struct cli_option *cli_listing_options(void);

/* Parses the arguments of the command and lists the one file that they name;
 * returns the exit status. */
int cli_listing_run(const struct cli_command *cmd, enum picket_listing what,
		    int argc, char **argv);

#endif
