/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TENSORS_MEMBERS_H
#define PK_TENSORS_MEMBERS_H

#include <stdio.h>

#include "tensors/load.h"

/* The members of a zip of weights, by name. */
struct pk_members {
	struct pk_loader *l;
	struct pk_zip_entry **sorted; /* without regard to case */
	size_t n;
};

/* Reads the directory of l->file. */
bool pk_members_open(struct pk_members *m, struct pk_loader *l);

/* The member root + record, or NULL. */
struct pk_zip_entry *pk_members_find(const struct pk_members *m,
				     struct pk_span root, const char *record);

/* Its content, the caller's to free; NULL after a failure. */
struct pk_source *pk_member_source(struct pk_loader *l,
				   const struct pk_zip_entry *e);

/* Finds the bytes of a storage whose data is an entry. */
bool pk_member_locate(struct pk_loader *l, struct pk_store *s);

#endif
