/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_BENEATH_H
#define PK_SOURCE_BENEATH_H

#include <stdbool.h>
#include <stdint.h>

/* What lies at a path below a folder, without opening it. */
enum pk_beneath {
	PK_BENEATH_FILE,
	PK_BENEATH_FOLDER,
	PK_BENEATH_OTHER,  /* a FIFO, a device, a socket */
	PK_BENEATH_NONE,   /* nothing */
	PK_BENEATH_OUT,    /* a link on the way leads out of the folder */
	PK_BENEATH_UNKNOWN /* it cannot be told */
};

/*
 * Follows links, but none out of the folder (openat2(2), RESOLVE_BENEATH); a
 * link of a Hugging Face cache, into the blobs beside its snapshots, is none
 * of those.  ret_size is set for a file.
 */
enum pk_beneath pk_look_beneath(int folder, const char *path,
				uint64_t *ret_size);

#endif
