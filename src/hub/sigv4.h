/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_SIGV4_H
#define PK_HUB_SIGV4_H

#include "core/buf.h"

/* Who signs; texts are borrowed. */
struct pk_signer {
	const char *key; /* NULL: nobody does */
	const char *secret;
	const char *session; /* of a role taken for a while; or NULL */
	const char *region;
};

/* A header that is signed: the name in lower case. */
struct pk_signed_header {
	const char *name;
	const char *value;
};

enum { PK_SIGNED_HEADERS_MAX = 16 };

/*
 * A request, for AWS Signature Version 4 as S3 wants it
 * (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
 */
struct pk_sigv4 {
	const struct pk_signer *who;
	const char *method;
	struct pk_span path;  /* percent-encoded, as it is sent */
	struct pk_span query; /* "a=b&c=d", encoded, in any order; or empty */
	const struct pk_signed_header *headers; /* in any order */
	size_t header_count;
	const char *payload; /* hex SHA-256, or "UNSIGNED-PAYLOAD" */
	const char *when;    /* "20130524T000000Z" */
};

/* Appends the value of the Authorization header.  False when out of memory or
 * when there are too many headers. */
bool pk_sigv4_put(const struct pk_sigv4 *r, struct pk_buf *to);

#endif
