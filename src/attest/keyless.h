/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_KEYLESS_H
#define PK_ATTEST_KEYLESS_H

#include "attest/fulcio.h"
#include "attest/log_entry.h"

/*
 * What vouches for a signature whose key lived for minutes (Sigstore,
 * "keyless"): a certificate that names an identity, an entry in a log, time
 * stamps.  All is checked offline, against a trusted root.
 */
enum { PK_TIMESTAMPS_MAX = 8 };

struct pk_keyless {
	struct pk_meter meter;
	struct pk_arena arena;
	struct pk_span leaf; /* DER */
	struct pk_log_entry entry;
	struct pk_span timestamps[PK_TIMESTAMPS_MAX];
	size_t timestamp_count;
};

/* Reads it from a bundle's verification material; NULL with why set to static
 * text. */
struct pk_keyless *pk_keyless_get(const struct pk_jvalue *material,
				  const char **why);
void pk_keyless_free(struct pk_keyless *k);

/*
 * The key that the signature over the payload must be good for.  NULL with
 * why set to static text unless the log has the entry, it is about just this,
 * at least one time is proven and each that is there is, and the certificate
 * was good then.
 */
struct pk_key *pk_keyless_key(const struct pk_keyless *k,
			      const struct pk_fulcio *f, struct pk_span payload,
			      struct pk_span signature, const char **why);

#endif
