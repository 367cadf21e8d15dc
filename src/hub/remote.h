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
	/* Of S3 and the web, unquoted; "" for hf, whose content network has
	 * another than the registry. */
	char etag[128];
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
	/* What stands between the endpoint and a file's path in the URL of a
	 * file, encoded; of a web page all of it.  NULL until it is listed. */
	const char *key;
	const char *const *headers; /* secrets to send; NULL-ended, or NULL */
	const struct pk_signer *signer; /* S3: what to sign with; or NULL */
	const struct pk_place *place;   /* the URI taken apart; or NULL */
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
	bool want_verified; /* ask whether the owner is vouched for */
	bool want_tag;      /* ask whether the revision is a tag */
	uint64_t files_max; /* 0: 100,000 */
	unsigned pages_max; /* of a listing; 0: 1,000 */
};

/* Where it comes from, from the text alone: no network.  A page of a
 * repository has the URI of that repository, a web page the secrets of its
 * query replaced.  PK_ERR_USAGE with
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
 * What was listed as JSON, for a process that does not talk to the network,
 * and back.  No secrets travel: requests made from what was decoded carry
 * none.  The decoder trusts nothing; PK_ERR_IO for what cannot have been
 * listed, and the remote is then only good for release.
 */
PK_MUST_CHECK enum pk_status pk_remote_encode(const struct pk_remote *r,
					      struct pk_buf *to);
PK_MUST_CHECK enum pk_status pk_remote_decode(struct pk_span json,
					      struct pk_remote *ret);

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

/*
 * What an answer to such a request that is no success means, and what to do
 * about it.  Never PK_OK: what a function that ends so returns.
 */
enum pk_status pk_remote_explain(const struct pk_remote *r,
				 const struct pk_http_answer *a,
				 struct pk_remote_trouble *why);

#endif
