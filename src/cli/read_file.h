/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_READ_FILE_H
#define PICKET_CLI_READ_FILE_H

#include "cli/cli.h"

/* The bytes of a file that the user named: a manifest, a key, a report. */
struct cli_bytes {
	char *p;
	size_t n;
};

/* Reads it whole ("-": standard input); false after a complaint, also when
 * it has more than max bytes.  The memory is to be freed. */
bool cli_read_file(const char *path, size_t max, struct cli_bytes *ret);

#endif
