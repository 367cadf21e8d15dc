/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_UBJSON_H
#define PK_CODEC_UBJSON_H

#include "core/cursor.h"

/*
 * UBJSON draft 12 (ubjson.org): a marker byte and what belongs to it; arrays
 * and objects may say the type ("$") and the number ("#") of what they hold.
 */
enum { PK_UBJSON_DEPTH = 64, PK_UBJSON_KEY = 64 };

/* Told of each array whose elements have one type of numbers; key: the name of
 * the member that it is, cut to PK_UBJSON_KEY bytes. */
struct pk_ubjson_events {
	void (*numbers)(void *user, struct pk_span key, uint8_t type,
			uint64_t off, uint64_t count);
	void *user;
};

/* Reads one value; what does not hold together faults the cursor. */
void pk_ubjson_walk(struct pk_cursor *c, const struct pk_ubjson_events *e);

/* Bytes of a number of that type, 0 when it is none. */
size_t pk_ubjson_size(uint8_t type);

#endif
