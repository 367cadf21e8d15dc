/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_SCAN_H
#define PK_ANALYZE_PICKLE_SCAN_H

#include "analyze/pickle_judge.h"

/*
 * Analyses the pickles that lie in [off, stop) of an object, as every reader
 * would read them, and reports what loading them would do.
 */
struct pk_pickle_job {
	uint64_t off;
	uint64_t stop; /* cut at the object's end */
	bool single;   /* one load() only: what follows is the caller's */
	/* Told of each persistent id of a storage (torch); may be NULL. */
	void (*on_storage)(struct pk_judge *j, pk_value id);
	/* Asked before the machine forgets the result of a load (the value
	 * on top of its stack at STOP); may be NULL. */
	void (*on_result)(struct pk_judge *j, pk_value result);
	void *user;

	/* What came out. */
	uint64_t end;   /* one past the last pickle's STOP, or where it broke */
	unsigned loads; /* pickles that reached STOP */
	enum pk_load last;
	unsigned arrays; /* joblib arrays between the opcodes */
	uint64_t imports, calls;
};

/*
 * Whether bytes at off are a pickle to somebody.  Binary protocols announce
 * themselves; text (protocol 0 has no magic) must reach STOP, make a call or
 * import a name that the lists know; in a file whose name promises a pickle
 * every import counts.
 */
bool pk_pickle_recognise(struct pk_scan *s, uint64_t off, uint64_t stop);

/* The same of what follows a pickle, to somebody whose memo still holds what
 * came before. */
bool pk_pickle_continues(struct pk_scan *s, uint64_t off, uint64_t stop);

void pk_pickle_scan(struct pk_scan *s, struct pk_pickle_job *p);

#endif
