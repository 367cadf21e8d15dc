/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_STREAMED_H
#define PK_SOURCE_STREAMED_H

#include "codec/pull.h"

/* How to make a source of what a pull yields. */
struct pk_streaming {
	struct pk_pull *pull; /* taken over, also on failure */
	struct pk_meter *meter;
	size_t keep;    /* up to so many bytes are kept in memory */
	uint64_t ratio; /* times the input, beyond 64 MiB; 0: any */
	bool want_crc;
	/* Asked after every step with the bytes that came out, none at times;
	 * false: no more. */
	bool (*spend)(void *ctx, uint64_t made);
	void *ctx;
};

/* What the first pass over it learned. */
struct pk_streamed {
	uint64_t used;     /* as struct pk_pull says */
	enum pk_flow flow; /* PK_FLOW_ON: spend() said no */
	bool bomb;         /* stopped for its ratio */
	uint32_t crc;      /* of all of it, if wanted */
	uint64_t made;     /* bytes that came out */
	unsigned asides;   /* as struct pk_pull says, and where */
	uint64_t aside[PK_ASIDES][2];
};

/*
 * Runs the pull to its end to learn the size.  Small results are kept and lie
 * in memory; of larger ones the two ends are kept, and what lies between is
 * made again as it is read: cheap forward, from the beginning when
 * asked to go back further than the window.  What could be decoded before
 * something broke is the content; of what was stopped only the
 * beginning is.  NULL when out of memory.
 */
struct pk_source *pk_streamed_new(const struct pk_streaming *how,
				  struct pk_streamed *ret);

#endif
