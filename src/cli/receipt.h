/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_RECEIPT_H
#define PICKET_CLI_RECEIPT_H

/* Holds each file against the receipt of its conversion, behind walls, and
 * complains of each difference.  Returns an exit status. */
int cli_receipt_check(const char *receipt, int n, char **paths);

#endif
