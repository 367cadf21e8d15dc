/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_ANALYSE_H
#define PICKET_CLI_ANALYSE_H

#include "cli/cli.h"
#include "picket/picket.h"

struct cli_input {
	int fd; /* taken over */
	const char *path;
};

/*
 * Scans a few files in worker processes behind walls, for commands that then
 * show what was found; results come in the order of the files and are the
 * caller's to free.  False after a complaint: there are then none.
 */
bool cli_analyse(const struct picket_options *o, const struct cli_input *in,
		 size_t n, struct picket_file **ret);

#endif
