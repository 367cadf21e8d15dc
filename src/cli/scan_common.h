/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_SCAN_COMMON_H
#define PICKET_CLI_SCAN_COMMON_H

#include "cli/scan_opts.h"

/* What every command needs that scans. */

/* The policy that the settings name, with threshold and baseline; the options
 * then have scans learn what it asks for.  NULL after a complaint. */
struct picket_policy *cli_scan_policy(const struct scan_settings *s);

/* The folder of these below which the file was met, or NULL. */
const char *cli_root_of(const char *path, char *const *roots, size_t n);

/* How many processes: as many as was said, or else as there are processors;
 * whoever waits for a network does not need one of his own. */
size_t cli_scan_jobs(const struct scan_settings *s, char *const *roots,
		     size_t n);

#endif
