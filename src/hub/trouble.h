/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_TROUBLE_H
#define PK_HUB_TROUBLE_H

#include "hub/remote.h"

/*
 * Keeps what went wrong as one line on which no terminal acts, whatever a
 * registry put into it.  Returns what a function that ends so returns: for
 * PK_HTTP_FINE PK_ERR_USAGE, for PK_HTTP_NO_MEMORY PK_ERR_NOMEM, else
 * PK_ERR_IO.
 */
PK_PRINTF(3, 4)
enum pk_status pk_trouble(struct pk_remote_trouble *why,
			  enum pk_http_problem problem, const char *fmt, ...);

enum pk_status pk_trouble_memory(struct pk_remote_trouble *why);

#endif
