/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_SAVE_H
#define PK_HUB_SAVE_H

#include "core/digest.h"
#include "hub/ranges.h"

/*
 * Fetches all of a file into a descriptor, which is open for reading and
 * writing and stays the caller's, and holds it against the registry's
 * digest on the way.  What the descriptor holds already is taken for the
 * beginning, and only the rest is fetched; when that turns out wrong (the
 * digest, another version, a server without ranges) all is fetched anew,
 * once.  ret tells what happened, sha256 is that of the content.  True when
 * the file is whole and not refuted; what was fetched stays for the next try.
 */
bool pk_save(struct pk_http *h, const struct pk_remote *r,
	     const struct pk_remote_file *f, int fd, struct pk_fetched *ret,
	     uint8_t sha256[PK_SHA256_LEN]);

#endif
