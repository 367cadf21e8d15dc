/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_LOCK_FILE_H
#define PICKET_CLI_LOCK_FILE_H

#include "cli/cli.h"
#include "picket/picket.h"

/* Reads a lock file; false after complaints with their lines. */
bool cli_lock_read(const char *path, struct picket_lock **ret);

#endif
