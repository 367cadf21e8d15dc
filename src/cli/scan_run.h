/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_SCAN_RUN_H
#define PICKET_CLI_SCAN_RUN_H

#include "cli/scan_remote.h"

/*
 * A scan as 'picket scan' does it, with its reports, for a command that does
 * more with the files: an exit status.  The settings stay the caller's.
 */
int scan_with(struct scan_settings *s, int n, char **paths,
	      const struct scan_extra *extra);

#endif
