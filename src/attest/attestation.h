/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_ATTESTATION_H
#define PK_ATTEST_ATTESTATION_H

#include "attest/manifest.h"

/*
 * What a scan attests: an in-toto Statement v1 with the predicate below, over
 * the same subject as a signature.  Whoever verifies it, and that the files
 * are the same, need not scan again.  docs/integrity.md describes it.
 */
#define PK_SCAN_PREDICATE "https://picket.dev/attestation/scan/v1"

struct pk_attestation {
	struct pk_manifest *files; /* borrowed; filled when parsed; SHA-256 */
	const char *name;          /* of the tree; tells, and proves nothing */
	const char *const *ignore; /* paths that were left out */
	size_t ignore_count;
	const char *policy;
	const char *fail_on;
	const char *version; /* of picket, and the digest of its rules */
	const char *rules;
	int64_t time; /* of the scan, seconds since 1970 */
	bool passed;  /* everything was read whole, and nothing is blocked */
};

/* Writes it.  PK_ERR_USAGE with why set to static text. */
PK_MUST_CHECK enum pk_status pk_attestation_put(const struct pk_attestation *a,
						struct pk_buf *to,
						const char **why);

/*
 * Reads one, into an empty manifest, in whose arena its texts live.  Strict:
 * members or names twice, paths that leave the tree, words that no scan says,
 * missing members are PK_ERR_USAGE with why set to static text.
 */
PK_MUST_CHECK enum pk_status pk_attestation_get(struct pk_attestation *a,
						struct pk_span json,
						const char **why);

/* The first file that the policy blocked, or NULL. */
const char *pk_attestation_blocked(const struct pk_attestation *a);

#endif
