/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_URI_H
#define PK_HUB_URI_H

#include "core/arena.h"
#include "core/buf.h"

/*
 * "https://host:port/path?query#fragment" in its parts, which are borrowed: as
 * much as naming a source takes, without a library for the network.
 */
struct pk_uri {
	bool secure;          /* https; else http */
	struct pk_span host;  /* as spelled, brackets of IPv6 included */
	struct pk_span port;  /* digits, or empty */
	struct pk_span path;  /* from its slash on, or empty */
	struct pk_span query; /* without the question mark */
	bool has_query;
};

/* NULL; or what is wrong with the text, as in "it ...".  No user and password
 * are taken, nor controls and blanks. */
const char *pk_uri_split(const char *text, struct pk_uri *ret);

/* "scheme://host[:port]" in lower case, without the port that the scheme has
 * anyway.  NULL: out of memory. */
const char *pk_uri_origin(const struct pk_uri *u, struct pk_arena *a);

/* Only the host, in lower case, without brackets. */
const char *pk_uri_host(const struct pk_uri *u, struct pk_arena *a);

/* Whether two URLs have scheme, host and port in common. */
bool pk_uri_same_origin(const char *a, const char *b);

/* RFC 3986: all but the unreserved characters (and '/', if it is kept) as %XX
 * in upper case, as S3 wants it. */
void pk_percent_put(struct pk_buf *b, struct pk_span s, bool keep_slash);

/* Appends what the text stands for; false at a '%' that two digits do not
 * follow.  plus: '+' is a blank, as in forms. */
bool pk_percent_get(struct pk_buf *b, struct pk_span s, bool plus);

#endif
