/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_STOP_H
#define PICKET_CLI_STOP_H

#include <signal.h>

/* The signal that asked this process to end; 0: none did. */
extern volatile sig_atomic_t cli_caught;

/* From now on SIGINT, SIGTERM and SIGHUP only ask, and SIGPIPE is an error
 * of whoever writes. */
void cli_catch_signals(void);

#endif
