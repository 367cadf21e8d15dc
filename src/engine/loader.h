/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_LOADER_H
#define PK_ENGINE_LOADER_H

#include "engine/job.h"

/* What a loader does with a file; contract: loaders[].outcome. */
enum pk_outcome {
	PK_LOADS_DATA, /* numbers, names and classes vouched for */
	PK_FAILS,      /* stops with an error, having run nothing */
	PK_REFUSES,    /* would need code, and says no */
	PK_IMPORTS,    /* imports modules that are not vouched for */
	PK_RUNS_CODE,
};

struct pk_loading {
	const char *loader; /* static, or as long as the job */
	enum pk_outcome outcome;
	/* Up to where it gets: the call that runs code, the import that is
	 * refused, the opcode that breaks; NULL where that is no one place. */
	const struct pk_moment *at;
};

enum { PK_LOADINGS_MAX = 8 };

/* What each loader that somebody would use for the file does with it;
 * derived from its format and facts.  Returns how many. */
size_t pk_loadings(const struct pk_job *job,
		   struct pk_loading ret[PK_LOADINGS_MAX]);

/* "runs-code" ... "loads-data" */
const char *pk_outcome_name(enum pk_outcome o);

#endif
