/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_REMOTE_H
#define PK_HUB_REMOTE_H

#include "core/arena.h"
#include "engine/origin.h"
#include "hub/http.h"

/*
 * A source elsewhere, and the files in it:
 *
 *	hf://[datasets/|spaces/]org/name[@revision][/path]  a repository
 *	s3://bucket/prefix                           objects below a prefix
 *	https://host/path                            one file
 *
 * hf: HF_ENDPOINT; s3: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL.  A page of a
 * repository (https://huggingface.co/org/name/tree/rev) is understood as hf.
 */
enum pk_remote_kind { PK_REMOTE_HF, PK_REMOTE_S3, PK_REMOTE_WEB };

#define PK_SIZE_UNKNOWN UINT64_MAX

/* How the registry identifies the bytes. */
enum pk_identity {
	PK_ID_NONE,
	PK_ID_SHA256,   /* of the content */
	PK_ID_GIT_BLOB, /* SHA-1 of "blob SIZE\0" and the content */
};

struct pk_remote_file {
	const char *path; /* below the source; relative, no "..", no controls */
	uint64_t size;    /* PK_SIZE_UNKNOWN until it is asked for */
	enum pk_identity identity;
	char digest[65]; /* lower-case hex; "" for PK_ID_NONE */
	char etag[128];  /* as the listing has it, unquoted; "" */
	/* The registry's own scan: "safe", "unsafe", ...; "" when it has none.
	 * Advice, and never more. */
	char advice[16];
};

struct pk_remote {
	struct pk_meter meter;
	struct pk_arena arena;
	enum pk_remote_kind kind;
	struct pk_origin origin;
	struct pk_remote_file
		*files; /* in the order of their paths, bytewise */
	size_t count;
	const char
		*endpoint; /* "https://huggingface.co", no slash at the end */
	const char *key;   /* kind's own: repository path, bucket, URL */
	const char *const *headers; /* secrets to send; NULL-ended, or NULL */
	void *signer;               /* kind's own, in the arena; or NULL */
};

/* Whether the text is a URI that pk_remote_open() takes ("hf://", "s3://",
 * "https://", "http://"), and not a path. */
bool pk_remote_is_uri(const char *text);

/* What went wrong, for a person: one line, no secrets. */
struct pk_remote_trouble {
	enum pk_http_problem
		problem; /* FINE: the text of the URI is at fault */
	int status;      /* of HTTP; 0: none */
	bool gone;  /* the registry says there is no such thing (any more) */
	bool gated; /* or that its terms must be accepted first */
	char text[500];
};

struct pk_remote_settings {
	bool no_token;      /* send no credentials at all */
	uint64_t files_max; /* 0: 100,000 */
	unsigned pages_max; /* of a listing; 0: 1,000 */
};

/* Where it comes from, from the text alone: no network.  PK_ERR_USAGE with
 * the trouble's text when it is no URI. */
PK_MUST_CHECK enum pk_status pk_remote_name(struct pk_remote *r,
					    const char *uri,
					    struct pk_remote_trouble *why);

/*
 * Resolves the revision and lists the files of a source that was named; every
 * later request is for the commit that was found.  PK_ERR_IO with the trouble.
 */
PK_MUST_CHECK enum pk_status pk_remote_list(struct pk_remote *r,
					    struct pk_http *h,
					    const struct pk_remote_settings *s,
					    struct pk_remote_trouble *why);
void pk_remote_release(struct pk_remote *r); /* zeroed is fine */

/*
 * The request for bytes of a file (all of it; the caller sets first and count,
 * if_match and take).  For S3 a signature that is good for some minutes is
 * made for exactly that range, so make it anew for each.  Memory comes from
 * the arena.
 */
PK_MUST_CHECK enum pk_status pk_remote_request(const struct pk_remote *r,
					       const struct pk_remote_file *f,
					       uint64_t first, uint64_t count,
					       struct pk_arena *a,
					       struct pk_http_request *ret);

#endif
