/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_HTTP_HEAD_H
#define PK_HUB_HTTP_HEAD_H

#include "core/buf.h"

/*
 * The head of one answer, line by line.  Every line is a claim of a stranger:
 * what is malformed counts as not sent, but what is said twice in two ways,
 * and heads without end, are a fault.
 */
struct pk_http_head {
	int status;
	uint64_t length; /* Content-Length; UINT64_MAX: none */
	/* Content-Range: bytes first-last/total */
	bool part;
	uint64_t first;
	uint64_t last;
	uint64_t total; /* UINT64_MAX: "*", or none */
	bool ranges;    /* Accept-Ranges: bytes */
	/* As sent; "" when not sent, not printable ASCII, or too long. */
	char etag[256];
	char encoding[64];
	char linked_etag[256];
	char linked_size[32];
	char commit[64];
	char error_code[64];
	char error_message[256];
	char accept_ranges[32];
	char content_range[128];
	char content_length[32];
	char rate_limit[128];
	char location[8192];
	char next[8192]; /* Link: <...>; rel="next" */
	bool done;       /* the empty line was read */
	const char *fault;
	size_t bytes;
};

/* Takes one line without its end.  Interim answers (1xx) are passed over; what
 * comes after the head of the last (trailers) is, too.  False on a fault. */
bool pk_http_head_line(struct pk_http_head *h, const char *line, size_t n);

/* Ready for the first line. */
void pk_http_head_begin(struct pk_http_head *h);

/* "bytes 0-9/100", "bytes 0-9/\*", "bytes *\/100" (first > last then).
 * False for anything else. */
bool pk_http_content_range(const char *text, uint64_t *ret_first,
			   uint64_t *ret_last, uint64_t *ret_total);

/* The target of the first rel="next" in a Link header (RFC 8288), as it
 * stands there; an empty span when there is none. */
struct pk_span pk_http_link_next(struct pk_span value);

/* Seconds to wait by RateLimit (`"api";r=0;t=55`); 0 when something is left
 * or the text is none. */
unsigned pk_http_rate_wait(const char *text);

/* A strong entity tag: quoted, and not W/. */
bool pk_http_is_strong(const char *etag);

#endif
