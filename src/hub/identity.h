/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_IDENTITY_H
#define PK_HUB_IDENTITY_H

#include "core/digest.h"
#include "hub/remote.h"

/*
 * Holds bytes that come in pieces against the identity that a registry gives
 * the file, and takes their SHA-256 on the way.
 */
struct pk_identify;

/* size: of the file, which a git id is made with.  NULL: out of memory. */
struct pk_identify *pk_identify_new(const struct pk_remote_file *f,
				    uint64_t size);
void pk_identify_add(struct pk_identify *i, const void *bytes, size_t n);

/* Frees it.  PK_YES and PK_NO: it is what the registry says, or not; NOT_KNOWN:
 * the registry says nothing.  sha256 may be NULL. */
enum pk_known pk_identify_end(struct pk_identify *i,
			      uint8_t sha256[PK_SHA256_LEN]);

#endif
