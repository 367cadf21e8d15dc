/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_MANIFEST_TEXT_H
#define PK_ATTEST_MANIFEST_TEXT_H

#include "attest/manifest.h"

/*
 * Manifests as text: the lines of sha256sum(1), which `sha256sum -c` checks,
 * and a JSON form with sizes and formats.
 */

/* One line a file; a name with a backslash or a line break is escaped as
 * sha256sum does. */
void pk_manifest_put_lines(const struct pk_manifest *m, struct pk_buf *to);

/* {"schema": "picket.manifest/1", ...} */
void pk_manifest_put_json(const struct pk_manifest *m, struct pk_buf *to);

/* Why a text was refused, for a person. */
struct pk_refusal {
	uint64_t line; /* counted from 1; 0: of the whole */
	bool escapes;  /* a path leads out of the tree, or is absolute */
	char text[200];
};

/*
 * Reads either form, and the lines that sha256sum --tag writes, into an
 * empty manifest, sorted.  PK_ERR_USAGE, with the refusal filled, for what is
 * no manifest: other text, a path that is absolute or leaves the tree, a path
 * twice, nothing at all.
 */
PK_MUST_CHECK enum pk_status pk_manifest_read(struct pk_manifest *m,
					      struct pk_span text,
					      struct pk_refusal *why);

#endif
