/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_TRUSTED_ROOT_H
#define PK_ATTEST_TRUSTED_ROOT_H

#include "core/arena.h"
#include "core/digest.h"

/*
 * Whom keyless signatures are trusted to lead to: the authorities and logs of
 * a Sigstore instance, as its trusted_root.json lists them (media type
 * application/vnd.dev.sigstore.trustedroot+json;version=0.1).  Whoever gives
 * the file vouches for it.
 */
struct pk_period {
	int64_t from; /* seconds since 1970 */
	int64_t to;   /* the last second; INT64_MAX: still */
};

static inline bool pk_period_has(const struct pk_period *p, int64_t at)
{
	return at >= p->from && at <= p->to;
}

/* A log of entries, or of certificates. */
struct pk_trusted_log {
	struct pk_trusted_log *next;
	uint8_t id[PK_SHA256_LEN];
	struct pk_span key; /* SubjectPublicKeyInfo, DER */
	struct pk_period valid;
};

/* Certificates in DER, the root last. */
struct pk_trusted_chain {
	struct pk_trusted_chain *next;
	struct pk_span *certificates;
	size_t count;
	struct pk_period valid;
};

struct pk_trusted_root {
	struct pk_meter meter;
	struct pk_arena arena;
	struct pk_trusted_log *logs;
	struct pk_trusted_log *certificate_logs;
	struct pk_trusted_chain *authorities;
	struct pk_trusted_chain *timestamps;
};

/* Reads the file into a struct that is to be released in any case; bytes are
 * copied.  PK_ERR_USAGE with why set to static text. */
PK_MUST_CHECK enum pk_status pk_trusted_root_read(struct pk_trusted_root *t,
						  struct pk_span json,
						  const char **why);
void pk_trusted_root_release(struct pk_trusted_root *t);

/* The log of that id, of those from first on; NULL: none is trusted. */
const struct pk_trusted_log *
pk_trusted_log_of(const struct pk_trusted_log *first,
		  const uint8_t id[PK_SHA256_LEN]);

#endif
