/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_OUTPUT_H
#define PICKET_CLI_OUTPUT_H

#include "cli/cli.h"

/*
 * Where one report goes: standard output, or a file that is there whole or
 * not at all.  Until the end the bytes lie in a file without a name, so that
 * neither a walk nor a reader meets them.
 */
struct cli_output {
	const char *path; /* NULL: standard output */
	char *temporary;  /* where there are no files without a name */
	int fd;
	bool direct; /* to a terminal, a pipe, a device */
	char buf[32 * 1024];
	size_t len;
	bool failed;
};

/* Opens it; false after a complaint. */
bool cli_output_open(struct cli_output *o, const char *path);

/* For a struct picket_sink, whose ctx is the output. */
int cli_output_write(void *ctx, const void *bytes, size_t n);

/* write(2) until all is written; false with errno set. */
bool cli_write_all(int fd, const char *p, size_t n);

/* Sends what has gathered. */
void cli_output_flush(struct cli_output *o);

/* Gives the file its name; false after a complaint. */
bool cli_output_commit(struct cli_output *o);

/* Closes it; what was not committed leaves no trace. */
void cli_output_close(struct cli_output *o);

#endif
