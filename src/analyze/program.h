/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PROGRAM_H
#define PK_ANALYZE_PROGRAM_H

#include "codec/program.h"
#include "engine/format.h"

/*
 * A program or script where models are looked for.  What it means depends on
 * where it lies: as a file of its own it is no model, and the format says so
 * by a reason and lets go; under a model's name it is something to be afraid
 * of; in an archive it belongs to what the archive is; in bytes that nothing
 * explains whoever searched them reports it.
 */
struct pk_program_place {
	const char *what;   /* "an ELF program for x86-64"; may be in scratch */
	const char *reason; /* static: why the file is no model */
	bool native;        /* runs on the host without an interpreter */
};

void pk_program_judge(struct pk_scan *s, const struct pk_program_place *p);

/* The whole scan of a format of native programs: the object is one of that
 * kind, or is let go. */
void pk_native_scan(struct pk_scan *s,
		    bool (*at)(struct pk_source *src, uint64_t off,
			       struct pk_program *ret));

/*
 * Looks at the first bytes of a part of a model that should be numbers or an
 * accelerator's code (a buffer, a segment): what is a program for the host, a
 * pickle or an archive there is reported.  what: "a buffer".
 */
void pk_check_stash(struct pk_scan *s, uint64_t off, uint64_t len,
		    const char *what);

/* "an ELF library for x86-64", in the scan's scratch memory. */
const char *pk_native_what(struct pk_scan *s, const struct pk_program *p);

#endif
