/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_JAVASER_H
#define PK_CODEC_JAVASER_H

#include "core/cursor.h"

/*
 * Java's object serialization, protocol version 2 (Java Object Serialization
 * Specification, chapter 6).
 */
struct pk_java_events {
	/* Each class that the stream describes, once. */
	void (*on_class)(void *user, struct pk_span name, uint64_t off);
	void *user;
};

/*
 * Reads the head and all contents.  What does not hold together, and objects
 * that only their own class can read (externalizable ones of protocol 1),
 * fault the cursor.  Returns the end of the last content that was read whole.
 */
uint64_t pk_java_walk(struct pk_cursor *c, struct pk_arena *a,
		      const struct pk_java_events *e);

#endif
