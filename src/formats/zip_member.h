/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_FORMATS_ZIP_MEMBER_H
#define PK_FORMATS_ZIP_MEMBER_H

#include "analyze/zip_of.h"

/* What is known while the members of one archive are looked at. */
struct zip_walk {
	struct pk_scan *s;
	struct pk_zip *z;
	/* Folders whose data/ holds plain tensors, with the slash. */
	struct pk_span roots[8];
	unsigned root_count;
};

/* Takes note if this name makes its folder a PyTorch archive. */
void zip_note_root(struct zip_walk *w, struct pk_span name);

/*
 * Compares the two headers of a member and claims what belongs to it.
 * Returns the offset behind it.
 */
uint64_t zip_check_member(struct zip_walk *w, const struct pk_zip_entry *e,
			  const struct pk_zip_local *l);

/* Descends into the member's content, as every reader takes it. */
void zip_read_member(struct zip_walk *w, const struct pk_zip_entry *e,
		     const struct pk_zip_local *l);

/* Whether the zip is one that lies in the object as a member of a tar, to be
 * scanned there (zip_tar.c). */
bool zip_is_of_tar(struct pk_scan *s, const struct pk_zip *z);

#endif
