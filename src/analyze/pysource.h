/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PYSOURCE_H
#define PK_ANALYZE_PYSOURCE_H

#include "engine/scan.h"

/*
 * What Python source reaches: names followed through imports, aliases, plain
 * assignments, getattr and __import__ with constant arguments to the callables
 * they stand for.  Nothing of the source is run.  Where the order of statements
 * would matter, every binding of a name counts.
 *
 * Most of what programs use is ordinary: paths, the environment, opening files.
 * pysource.def and the import lists say what is not.
 */
enum pk_py_level {
	PK_PY_PLAIN,
	PK_PY_NOTABLE,   /* network, files, loading further models or modules */
	PK_PY_DANGEROUS, /* programs, source, native code, the interpreter */
};

struct pk_py_use {
	struct pk_py_use *next;
	struct pk_span path; /* "os.system"; "?.__globals__" of any object */
	size_t off;
	bool called;
	enum pk_py_level level;
	const char *reason; /* static text */
};

/* A module as an import statement names it, ".utils" when relative. */
struct pk_py_import {
	struct pk_py_import *next;
	struct pk_span module;
	size_t off;
};

struct pk_pysource {
	struct pk_py_use *uses; /* each path once, none that is plain */
	struct pk_py_import *imports;
	unsigned dangerous;
	unsigned notable;
	const char *doubt; /* why more may be there; NULL: all was read */
};

/* Reads source; all that is returned lives in the arena or in the bytes. */
struct pk_pysource pk_pysource_read(struct pk_span source,
				    struct pk_arena *arena);

/* What a dotted name means to a program that uses it (pysource_judge.c). */
enum pk_py_level pk_py_judge(struct pk_span path, bool called,
			     const char **ret_reason);

/* What an attribute of an unknown object means, by its name alone. */
enum pk_py_level pk_py_judge_attribute(struct pk_span name,
				       const char **ret_reason);

/*
 * Reads a source that a loader would run and reports what it reaches: at most
 * one finding of each level, which names the first uses.
 */
struct pk_pysource_job {
	enum pk_rule rule;
	enum pk_severity dangerous;
	enum pk_severity notable; /* PK_INFO: not reported */
	struct pk_source *bytes;  /* borrowed */
	struct pk_span name;      /* of the member or file */
	uint64_t at;              /* where it stands in the object */
};

/* False when the source could not be read whole; the scan is then partial. */
bool pk_pysource_scan(struct pk_scan *s, const struct pk_pysource_job *job);

#endif
