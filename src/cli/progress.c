/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_MS = 500, EVERY_MS = 100 };

void cli_progress_start(struct cli_progress *p, bool wanted)
{
	*p = (struct cli_progress){ .on = wanted && isatty(STDERR_FILENO),
				    .started_at = cli_now_ms() };
}

/* The end of the path tells more than its beginning. */
static const char *tail(const char *s, size_t room)
{
	const size_t n = strlen(s);

	s += n > room ? n - room : 0;
	while (((unsigned char)*s & 0xc0) == 0x80)
		s++; /* not from within a character */
	return s;
}

void cli_progress_draw(struct cli_progress *p, const struct picket_summary *s,
		       const char *path)
{
	uint64_t now;
	char line[64];
	int n;

	if (!p->on)
		return;
	now = cli_now_ms();
	if (now - p->started_at < FIRST_MS || now - p->drawn_at < EVERY_MS)
		return;
	n = snprintf(line, sizeof(line),
		     "%" PRIu64 " files, %" PRIu64 " blocked  ",
		     picket_summary_count(s, PICKET_COUNT_FILES),
		     picket_summary_count(s, PICKET_COUNT_BLOCKED));
	(void)fprintf(stderr, "\r\x1b[K%s%s", line,
		      tail(cli_show(path),
			   cli_columns(STDERR_FILENO) - (size_t)n - 1));
	p->shown = true;
	p->drawn_at = now;
}

void cli_progress_wipe(struct cli_progress *p)
{
	if (p->shown)
		(void)fputs("\r\x1b[K", stderr);
	p->shown = false;
	p->drawn_at = 0;
}
