/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_KIND_H
#define PK_HUB_KIND_H

#include "hub/files.h"
#include "hub/place.h"

/* One listing being made: what a kind of source needs for it. */
struct pk_asking {
	struct pk_remote *r;
	struct pk_http *http;
	const struct pk_remote_settings *s;
	struct pk_remote_trouble *why;
	struct pk_files files;
};

/* A kind of source. */
struct pk_remote_ops {
	const char *name; /* "hf" */
	/* Fills origin and endpoint from r->place.  No network. */
	enum pk_status (*named)(struct pk_remote *r,
				struct pk_remote_trouble *why);
	/* Fills q->files (not settled) and what else there is to know. */
	enum pk_status (*list)(struct pk_asking *q);
	/* The secrets of a request for that URL; NULL: r->headers. */
	enum pk_status (*secrets)(const struct pk_remote *r, const char *url,
				  struct pk_arena *a, const char *const **ret);
	/* See pk_remote_explain(). */
	enum pk_status (*explain)(const struct pk_remote *r,
				  const struct pk_http_answer *a,
				  struct pk_remote_trouble *why);
};

extern const struct pk_remote_ops pk_remote_hf, pk_remote_s3, pk_remote_web;

const struct pk_remote_ops *pk_remote_ops(enum pk_remote_kind kind);
enum { PK_REMOTE_KINDS = PK_REMOTE_WEB + 1 };

/* An empty one, with its memory. */
void pk_remote_init(struct pk_remote *r);

/* Sends a GET that a listing is made of.  Anything but a success is trouble,
 * in the kind's words; the answer is to be released in any case. */
PK_MUST_CHECK enum pk_status pk_ask(struct pk_asking *q, const char *url,
				    struct pk_http_answer *ret);

#endif
