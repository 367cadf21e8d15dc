/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_HTTP_MANY_H
#define PK_HUB_HTTP_MANY_H

#include "hub/http.h"

enum { PK_HTTP_MANY = 8 };

/* Some clients of the same settings, for requests at the same time. */
struct pk_http_team {
	struct pk_http *own; /* the first; borrowed */
	struct pk_http *more[PK_HTTP_MANY - 1];
};

/* NULL fields are fine. */
void pk_http_team_release(struct pk_http_team *t);

/* pk_http_do() of n requests, at most PK_HTTP_MANY, at once; every answer is
 * to be released. */
void pk_http_do_many(struct pk_http_team *t, const struct pk_http_request *r,
		     size_t n, struct pk_http_answer *ret);

#endif
