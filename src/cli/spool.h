/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_SPOOL_H
#define PICKET_CLI_SPOOL_H

#include "cli/cli.h"

/* A file without a name to write to and read from, in $TMPDIR; -1 with errno
 * set. */
int cli_spool_new(void);

/* Standard input as a file that can be read at any place: itself when it is
 * one, else copied into a file without a name, of at most max bytes.  -1
 * after a complaint. */
int cli_spool(uint64_t max);

/* A regular file, opened to be read, or for "-" what cli_spool() makes of
 * standard input.  -1 after a complaint; a FIFO or a device is not opened. */
int cli_open(const char *path, uint64_t max);

/* The paths in a file ("-": standard input), separated by newlines, or by
 * NULs when there is one.  NULL after a complaint; freed at once, the paths
 * and the list, by one free(). */
char **cli_read_paths(const char *path, size_t *ret_n);

#endif
