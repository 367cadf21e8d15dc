/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_POLICY_FILE_H
#define PICKET_CLI_POLICY_FILE_H

#include "cli/cli.h"
#include "picket/picket.h"

/* A built-in policy by its name, or one from a file; NULL after complaints,
 * each with file and line. */
struct picket_policy *cli_policy(const char *name_or_file);

/* Reads an earlier report as a baseline; false after a complaint. */
bool cli_policy_baseline(struct picket_policy *p, const char *report);

/* Says on standard error what the owners of exceptions should know. */
void cli_policy_notices(const struct picket_policy *p, const char *file);

#endif
