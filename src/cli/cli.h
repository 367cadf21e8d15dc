/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_CLI_H
#define PICKET_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses; the contract with every pipeline (docs/exit-status.md). */
enum cli_status {
	CLI_OK = 0,
	CLI_BLOCKED = 1,
	CLI_USAGE = 2, /* and whatever else leaves no verdict */
	CLI_INCOMPLETE = 3,
	CLI_SOURCE = 4,
	CLI_INTEGRITY = 5,
	/* Of `picket work` alone, as sysexits(3) has them. */
	CLI_INTERNAL = 70,
	CLI_TEMPORARY = 75,
};

/* One line on standard error, after "picket: ". */
__attribute__((format(printf, 1, 2))) void cli_complain(const char *fmt, ...);

/* What the next complaints are about, which they begin with; NULL: nothing.
 * Borrowed. */
void cli_complain_about(const char *subject);

/* The bytes of a path or an argument, fit to be shown; in one of a few
 * static places, so that one line can show two. */
const char *cli_show(const char *bytes);

/* The candidate that the word was probably meant to be, or NULL.  Candidates
 * come from nth(), which returns NULL past the last. */
const char *cli_nearest(const char *word, const char *(*nth)(size_t n));

/* Whether the stream is a terminal that shows colours; mode: "auto",
 * "always", "never".  NO_COLOR (no-color.org) turns auto off. */
bool cli_colors(const char *mode, int fd);

/* Columns of the terminal, or 80. */
unsigned cli_columns(int fd);

/* Milliseconds of a clock that only goes forward. */
uint64_t cli_now_ms(void);

#endif
