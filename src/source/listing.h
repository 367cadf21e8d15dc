/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_LISTING_H
#define PK_SOURCE_LISTING_H

#include <stddef.h>

#include "core/status.h"

struct pk_name {
	char *text;
	unsigned char type; /* DT_REG ... DT_UNKNOWN of <dirent.h> */
};

/* The names in a folder, in byte order; "snapshots" before "blobs", so that
 * a model cache is seen by the names that people know. */
struct pk_listing {
	struct pk_name *names;
	size_t count;
	size_t cap;
	int fd; /* of the folder */
	void *dir;
};

/* Takes over the descriptor, also when it fails, with errno then set. */
PK_MUST_CHECK enum pk_status pk_listing_read(struct pk_listing *l, int fd);

void pk_listing_release(struct pk_listing *l);

#endif
