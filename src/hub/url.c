/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "hub/curl.h"

void pk_url_release(struct pk_url *u)
{
	free(u->text);
	u->text = NULL;
}

bool pk_url_same_place(const struct pk_url *a, const struct pk_url *b)
{
	return a->tls == b->tls && a->port == b->port &&
	       strcmp(a->host, b->host) == 0;
}
