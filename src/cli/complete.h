/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_COMPLETE_H
#define PICKET_CLI_COMPLETE_H

#include <stddef.h>

/*
 * Completion scripts, each made of the command table and nothing else: they
 * name what this picket has, and are written again with the next.  To
 * standard output.
 */
void cli_complete_bash(void);
void cli_complete_zsh(void);
void cli_complete_fish(void);

/* The n-th shell's name, or NULL past the last. */
const char *cli_nth_shell(size_t n);

#endif
