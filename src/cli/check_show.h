/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_CHECK_SHOW_H
#define PICKET_CLI_CHECK_SHOW_H

#include <stdio.h>

#include "cli/cli.h"
#include "picket/picket.h"

/* The nth difference as a line. */
void check_show(FILE *to, const struct picket_check *c, size_t n);

/* The exit status that the differences make. */
int check_status(const struct picket_check *c);

#endif
