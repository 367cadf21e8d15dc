/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_PROGRESS_H
#define PICKET_CLI_PROGRESS_H

#include "cli/cli.h"
#include "picket/picket.h"

/* One line on standard error that tells how far a scan is: only on a
 * terminal, only when it takes longer than a moment. */
struct cli_progress {
	bool on;
	bool shown;
	uint64_t started_at;
	uint64_t drawn_at;
};

void cli_progress_start(struct cli_progress *p, bool wanted);
void cli_progress_draw(struct cli_progress *p, const struct picket_summary *s,
		       const char *path);
/* Wipes the line, before anything else is written to the terminal. */
void cli_progress_wipe(struct cli_progress *p);

#endif
