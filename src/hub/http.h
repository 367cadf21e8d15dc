/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_HTTP_H
#define PK_HUB_HTTP_H

#include "core/buf.h"

/*
 * The one door to the network (libcurl, loaded when first needed, so that
 * whoever stays on his machine pays nothing for it and opens no socket).
 *
 * HTTPS only, certificates always verified; plain HTTP to loopback only, when
 * the request itself names loopback.  At most 5 redirects, to http(s) only;
 * a request to a public host is not led to loopback, link-local or private
 * addresses (checked where the socket is opened, so a name that resolves to
 * one is refused, too).  No cookies, no netrc, no proxy credentials in
 * messages, Accept-Encoding: identity.
 */
enum pk_http_problem {
	PK_HTTP_FINE,
	PK_HTTP_NO_LIBRARY,  /* libcurl is not here */
	PK_HTTP_REFUSED,     /* by us: scheme, address, redirect, plain HTTP */
	PK_HTTP_UNREACHABLE, /* name, connection, TLS */
	PK_HTTP_BROKEN,      /* cut short, lies about lengths, too slow */
	PK_HTTP_TOO_LARGE,   /* more than was allowed */
	PK_HTTP_NO_RANGES,   /* a part was asked for and all was sent */
	PK_HTTP_CHANGED,     /* not the version that was asked for any more */
	PK_HTTP_STATUS,      /* an answer, but no success: see status */
	PK_HTTP_STOPPED,     /* the sink wanted no more */
	PK_HTTP_NO_MEMORY,
};

struct pk_http_settings {
	unsigned connect_seconds; /* 0: 15 */
	/* Fewer than 256 bytes a second for so long end it; 0: 30 */
	/* An answer that is kept in memory has ten minutes in all. */
	unsigned idle_seconds;
	unsigned retries;    /* of what may pass; 0: 4; with back-off */
	unsigned pause_ms;   /* before the first of them; 0: 500 */
	const char *ca_file; /* NULL: SSL_CERT_FILE, or the system's */
	/* Names may lead to private addresses: an organisation's own mirror.
	 * An address that is written out in the URL needs no leave. */
	bool private_hosts;
	/* Asked while it waits; true: give up (PK_HTTP_STOPPED). NULL: no. */
	bool (*stop)(void *ctx);
	void *ctx;
};

/* Not for two threads at once; keeps connections open between requests. */
struct pk_http;

struct pk_http *pk_http_new(const struct pk_http_settings *s);
/* Another of the same settings. */
struct pk_http *pk_http_twin(const struct pk_http *h);
void pk_http_free(struct pk_http *h); /* NULL is fine */

struct pk_http_request {
	const char *url;
	bool head; /* HEAD instead of GET */
	/* "name: value", NULL at the end; or NULL. */
	const char *const *headers;
	/* The same, sent to the scheme, host and port of url only: dropped on a
	 * redirect elsewhere, never to plain HTTP but on loopback, and never
	 * in a message. */
	const char *const *secrets;
	/* Bytes [first, first + count) only; count 0: all.  Another length or
	 * place than asked for is PK_HTTP_BROKEN, all of it NO_RANGES.  At
	 * the end of the file fewer are fine. */
	uint64_t first;
	uint64_t count;
	const char *if_match; /* strong entity tag, quoted; or NULL */
	uint64_t most;        /* of the body; 0: 16 MiB */
	/* Takes the body of a success as it comes, each byte once, retries or
	 * not; false: no more.  NULL: it goes to answer->body. */
	bool (*take)(void *ctx, const void *bytes, size_t n);
	void *ctx;
};

/* Header values are NUL-terminated; "" when not sent, or not plain text.
 * Along redirects the first that was sent counts for those marked (1). */
struct pk_http_answer {
	enum pk_http_problem problem;
	char message
		[400]; /* for a person, of a problem; no secrets, one line */
	int status;    /* of the last answer; 0: none */
	/* Of a success, unless a sink took it; of a failure the first 16 KiB
	 * of what was sent with it, for whoever wants to know why. */
	struct pk_buf body;
	char *url; /* where the last answer came from; may be a signed URL:
			  * not for reports */
	uint64_t length; /* Content-Length of the last; UINT64_MAX: not told */
	uint64_t total;  /* size of the whole file by Content-Range, or by the
			  * length of a full answer; UINT64_MAX: not told */
	bool ranges;     /* it answered 206 or says Accept-Ranges: bytes */
	char etag[256];
	char linked_etag[256]; /* (1) X-Linked-Etag, unquoted */
	char linked_size[32];  /* (1) X-Linked-Size */
	char commit[64];       /* (1) X-Repo-Commit */
	char error_code[64];   /* (1) X-Error-Code */
	char error_message[256];
	char location[512]; /* (1) the first redirect's, as sent */
	char *next;         /* Link: <...>; rel="next", absolute; or NULL */
	/* next is at another scheme, host or port than the request's URL: no
	 * place for its secrets */
	bool next_elsewhere;
	uint64_t received; /* bytes of bodies, retries included */
};

/* NULL when there is a library to talk with; or why there is none. */
const char *pk_http_missing(void);

/*
 * Sends the request and follows where it leads, tries again what may pass
 * (connection lost, 408, 425, 429, 500, 502, 503, 504; Retry-After and
 * RateLimit are obeyed up to a minute), with growing pauses.  A body that
 * was cut is gone on with from where it broke, when ranges work and the
 * entity tag is the same.  The answer is always to be released.
 */
void pk_http_do(struct pk_http *h, const struct pk_http_request *r,
		struct pk_http_answer *ret);
void pk_http_answer_release(struct pk_http_answer *a);

#endif
