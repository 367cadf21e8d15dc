/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_CURL_H
#define PK_HUB_CURL_H

#include "hub/address.h"
#include "hub/http.h"

/*
 * The door to libcurl: what a URL says, and one request with its one answer.
 * It follows nothing, repeats nothing and remembers nothing but connections
 * that are still open; what an answer means is its user's business.
 *
 * The library is loaded by the first pk_curl_new() and stays.  Where picket
 * was built without its header, or as a static program, there is none.
 */
struct pk_curl;

/* NULL when it cannot be; *ret_why then says so for a person, or is NULL when
 * memory ran out. */
struct pk_curl *pk_curl_new(const char **ret_why);
void pk_curl_free(struct pk_curl *c); /* NULL is fine */

struct pk_url {
	char *text;     /* without a fragment */
	char host[256]; /* lower case; an IPv6 address in its brackets */
	unsigned port;
	bool tls; /* https, and not http */
};

enum pk_url_fault {
	PK_URL_FINE,
	PK_URL_MALFORMED,
	PK_URL_SCHEME, /* neither http nor https */
	PK_URL_LOGIN,  /* with a user name or password in it */
	PK_URL_NO_MEMORY,
};

/* Reads a URL, relative to base unless that is NULL.  ret is set when it is
 * fine, and is to be released. */
enum pk_url_fault pk_curl_url(struct pk_curl *c, const char *base,
			      const char *text, struct pk_url *ret);
void pk_url_release(struct pk_url *u);

/* Whether what is meant for the one may be sent to the other. */
bool pk_url_same_place(const struct pk_url *a, const struct pk_url *b);

struct pk_exchange {
	const char *url;
	bool head;
	const char *const *lines; /* "name: value", NULL at the end */
	const char *proxy;        /* "": none */
	const char *ca_file;      /* NULL: the system's */
	unsigned connect_seconds;
	unsigned idle_seconds;
	unsigned whole_seconds; /* for all of it; 0: as long as it takes */
	/* Bits of pk_reach that a socket may lead to.  With a proxy it leads
	 * to the proxy, which is not asked about. */
	unsigned reach;
	/* Each line of the head, without its end; an empty one is the last.
	 * Of interim answers, too.  Any of these three may end it. */
	bool (*header)(void *ctx, const char *line, size_t n);
	bool (*body)(void *ctx, const void *bytes, size_t n);
	bool (*stop)(void *ctx);
	void *ctx;
};

struct pk_exchanged {
	/* FINE, whatever the status; REFUSED: the address; UNREACHABLE;
	 * BROKEN; STOPPED: a callback ended it; NO_MEMORY */
	enum pk_http_problem problem;
	bool passing;         /* another try may do better */
	bool before;          /* it failed before the request was sent */
	enum pk_reach met;    /* of REFUSED */
	unsigned retry_after; /* seconds; 0: not told */
	char text[256];       /* of a problem, as said by the library */
};

void pk_curl_exchange(struct pk_curl *c, const struct pk_exchange *x,
		      struct pk_exchanged *ret);

#endif
