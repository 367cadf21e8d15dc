/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_MDOC_H
#define PICKET_CLI_MDOC_H

/* The manual page picket(1) in mdoc(7), made of the command table, to
 * standard output. */
void cli_mdoc(void);

#endif
