/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SPECIMEN_SPECIMEN_H
#define PK_SPECIMEN_SPECIMEN_H

#include "core/buf.h"
#include "engine/verdict.h"

/*
 * One small file for each class of attack, to try a scanner or a pipeline
 * with.  All are inert: what they run when they are loaded is fixed, and
 * prints a word (specimen/put.h).
 */
struct pk_specimen {
	const char *path;      /* below the folder that they are written to */
	const char *attack;    /* its class */
	const char *technique; /* MITRE ATLAS */
	enum pk_verdict expect;
	/* The call that a victim would load it with, which shows the word;
	 * NULL when the attack needs more than that. */
	const char *victim;
	const char *what;
	void (*make)(struct pk_buf *out);
};

/* In the order of specimens.def; NULL past the last. */
const struct pk_specimen *pk_specimen_at(size_t n);

#define PK_SPECIMEN(id, path, attack, technique, expect, victim, what) \
	void pk_specimen_##id(struct pk_buf *out);
#include "specimen/specimens.def"
#undef PK_SPECIMEN

#endif
