/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_FULCIO_H
#define PK_ATTEST_FULCIO_H

#include "attest/keys.h"
#include "attest/trusted_root.h"

/*
 * Certificates that a Sigstore authority (Fulcio) issues for minutes, to an
 * identity that proved itself to an OpenID Connect issuer.
 */
struct pk_fulcio {
	const struct pk_trusted_root *trust;
	const char *identity; /* e-mail, URI or user name, as a whole */
	const char *issuer;   /* URL of who vouched for it */
};

/*
 * The leaf's public key, once, at each of the times, its chain leads to a
 * trusted authority and it was valid; it may sign code; a trusted log of
 * certificates promised to have it (exactly one embedded timestamp); and it
 * was issued to that identity by that issuer.  NULL with why set to static
 * text.
 */
struct pk_key *pk_fulcio_key(struct pk_span leaf, const struct pk_fulcio *f,
			     const int64_t *times, size_t count,
			     const char **why);

/*
 * The time that a time stamp (RFC 3161, a TimeStampResp in DER) proves for
 * the bytes, once a trusted authority signed it.  NULL, or why not, in static
 * text.
 */
const char *pk_timestamp_check(struct pk_span response, struct pk_span bytes,
			       const struct pk_trusted_root *t, int64_t *ret);

#endif
