/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_PLACE_H
#define PK_HUB_PLACE_H

#include "hub/trouble.h"

/* The text of a URI in its parts, all of them checked; in an arena. */
struct pk_place {
	enum pk_remote_kind kind;
	/* hf */
	const char *type;     /* "models", "datasets", "spaces" */
	const char *id;       /* "org/name", or "name" of the oldest models */
	const char *revision; /* NULL: the default */
	/* s3 */
	const char *bucket;
	/* hf, s3: no slash at its ends; "": everything */
	const char *path;
	bool folder; /* a slash stood at the end of the path */
	/* web: "https://host:port" and "/path?query" */
	const char *site;
	const char *target;
};

/*
 * hub: "https://huggingface.co", or what stands for it: pages there are
 * understood as hf, too; of what stands for it those that name a revision.  PK_ERR_USAGE with the trouble when the text is no
 * URI of a kind that is known.
 *
 *	hf://[datasets/|spaces/]org/name[@revision][/path]
 *	s3://bucket[/prefix]
 *	https://host[:port][/path][?query]
 *
 * A revision ends at the next slash, but for refs/pr/N and refs/convert/NAME;
 * slashes in others are written %2F.  Paths of hf and s3 are meant as they
 * stand, without percent signs being decoded.
 */
PK_MUST_CHECK enum pk_status pk_place_parse(const char *uri, const char *hub,
					    struct pk_arena *a,
					    struct pk_place *ret,
					    struct pk_remote_trouble *why);

/* Appends a URI of hf with a commit in place of its revision, if it has one:
 * "hf://org/name@main/sub" is "hf://org/name@COMMIT/sub". */
void pk_place_pin(struct pk_buf *b, const char *uri, const char *commit);

/* A repository's id by the rules of the hub. */
bool pk_repo_id_ok(struct pk_span id);

/* 40 hex digits. */
bool pk_commit_ok(struct pk_span s);

#endif
