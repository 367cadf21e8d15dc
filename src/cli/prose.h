/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_PROSE_H
#define PICKET_CLI_PROSE_H

#include <stddef.h>

/* A heading, and under it the text, wrapped, on standard output. */
void cli_prose(const char *heading, const char *text);

/* For a struct picket_sink: standard output. */
int cli_write_stdout(void *ctx, const void *bytes, size_t n);

#endif
