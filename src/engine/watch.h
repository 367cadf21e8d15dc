/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_WATCH_H
#define PK_ENGINE_WATCH_H

#include "engine/scan.h"

/* Bytes that an unpickler reads: pickles one behind the other. */
struct pk_stretch {
	uint64_t off;
	uint64_t end;   /* behind the last STOP, or where it broke off */
	uint64_t stop;  /* what could belong to them ends here */
	unsigned loads; /* pickles that reached STOP */
	bool broken;    /* the last one did not */
};

/*
 * Somebody who wants to see each pickle that an analysis meets, in whatever
 * container it lies: told once it was scanned, with the object's bytes at
 * hand.  The same bytes may come twice, when two formats read them.  A job's
 * watch is borrowed.
 */
struct pk_watch {
	void (*pickle)(struct pk_watch *w, struct pk_scan *s,
		       const struct pk_stretch *where);
};

#endif
