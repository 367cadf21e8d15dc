/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/stop.h"

#include <stddef.h>

volatile sig_atomic_t cli_caught;

static void catch (int signal)
{
	cli_caught = signal;
}

void cli_catch_signals(void)
{
	struct sigaction a = { .sa_handler = catch };

	(void)sigaction(SIGINT, &a, NULL);
	(void)sigaction(SIGTERM, &a, NULL);
	(void)sigaction(SIGHUP, &a, NULL);
	a.sa_handler = SIG_IGN; /* a reader that leaves is an error to see */
	(void)sigaction(SIGPIPE, &a, NULL);
}
