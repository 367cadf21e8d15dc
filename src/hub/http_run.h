/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_HTTP_RUN_H
#define PK_HUB_HTTP_RUN_H

#include "hub/curl.h"
#include "hub/http_head.h"

enum { PK_HTTP_WAIT_MAX = 60 }; /* seconds that a server may ask for */

/* What the files behind http.h share. */
struct pk_http {
	struct pk_http_settings s; /* with the defaults filled in */
	char *ca_file;
	struct pk_curl *curl;
	uint64_t chance; /* of the pauses */
};

/* One pk_http_do() on its way. */
struct pk_http_run {
	struct pk_http *h;
	const struct pk_http_request *r;
	struct pk_http_answer *ret;
	struct pk_url origin; /* of r->url */

	/* Over all tries: what was handed on, of which version. */
	uint64_t got;
	char version[256]; /* strong entity tag; "": none */
	uint64_t total;    /* UINT64_MAX: not told */

	/* Of one try. */
	struct pk_url url; /* of this hop */
	bool secrets;      /* still at the origin */
	bool passing;      /* what went wrong may pass */
	bool before;       /* it failed before anything was sent */
	bool restart;      /* from the beginning, as nothing was handed on */
	unsigned wait;     /* seconds that the server asked for */

	/* Of one hop. */
	struct pk_http_head head;
	bool success;    /* the body is what was asked for */
	uint64_t expect; /* bytes of this body; UINT64_MAX: not told */
	uint64_t here;   /* of them so far */
	uint64_t skip;   /* to be passed over, since they were handed on */
};

/* One try: the whole way from the origin to what it leads to.  ret->problem
 * is FINE, or set with a message. */
void pk_http_try(struct pk_http_run *run);

/* Whether whoever waits for a run gives up. */
bool pk_http_stopped(void *run);

/* For the callbacks of a hop: false ends it. */
bool pk_http_on_head(struct pk_http_run *run);
bool pk_http_on_body(struct pk_http_run *run, const void *bytes, size_t n);
/* When all of it was read. */
void pk_http_on_end(struct pk_http_run *run);

bool pk_http_is_redirect(const struct pk_http_head *h);

/* "what is neither https:// nor http://", for a message. */
const char *pk_http_url_fault(enum pk_url_fault fault);

/* Sets problem and message, "HOST: TEXT" or "HOST, redirected to HOST: TEXT",
 * defused; false. */
PK_PRINTF(3, 4)
bool pk_http_fail(struct pk_http_run *run, enum pk_http_problem problem,
		  const char *fmt, ...);

#endif
