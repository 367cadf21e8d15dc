/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_SPECIMEN_CHECK_H
#define PICKET_CLI_SPECIMEN_CHECK_H

#include "cli/cli.h"
#include "picket/picket.h"

#define CLI_SPECIMENS_JSON "specimens.json"
#define CLI_SPECIMENS_CSV  "specimens.csv"

/* Scans the specimens in a folder under the standard policy and shows what
 * became of them, on standard output; returns the exit status. */
int cli_specimen_check(const char *dir, bool json);

#endif
