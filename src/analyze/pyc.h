/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PYC_H
#define PK_ANALYZE_PYC_H

#include "engine/scan.h"

/*
 * Compiled Python as a file (.pyc, Lib/importlib/_bootstrap_external.py):
 * a magic number, flags or a time, a time or a hash, a size, then one
 * marshalled code object.
 */
struct pk_pyc {
	uint16_t magic;
	uint8_t code; /* where the code object begins: 8, 12 or 16 */
	/* Python takes it without a look at the source beside it. */
	bool unchecked;
};

/* Whether bytes (the first PK_PYC_HEAD of a file suffice) begin one. */
enum { PK_PYC_HEAD = 17 };
bool pk_pyc_at(struct pk_span head, struct pk_pyc *ret);

/*
 * Reads the code of one that lies in an archive, and reports it with what its
 * names reach: low, until it is known what the archive is (engine/object.c).
 * Lets go of what its container calls plain data and no Python wrote.
 */
void pk_pyc_judge(struct pk_scan *s, const struct pk_pyc *pyc);

#endif
