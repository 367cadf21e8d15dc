/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/loader.h"

#include "engine/format.h"

enum kind {
	UNPICKLES,    /* every import and call of the stream */
	WEIGHTS_ONLY, /* PyTorch's restricted unpickler */
	NPY_DATA,     /* refuses arrays of objects */
	NPY_PICKLE,   /* unpickles arrays of objects */
	BUILDS,       /* and runs what a configuration names */
	BUILDS_SAFE,  /* refuses a configuration that names code */
	EXECUTES,     /* programs are what the format is for */
	READS_DATA,   /* has nothing to run */
};

static const struct {
	const char *format;
	const char *loader;
	enum kind kind;
} loaders[] = {
#define PK_LOADER(format, loader, kind) { format, loader, kind },
#include "engine/loaders.def"
#undef PK_LOADER
};

/* Code that runs before a stream breaks has run. */
static enum pk_outcome unpickle(unsigned facts)
{
	if (facts & PK_FACT_PICKLE_RUNS_CODE)
		return PK_RUNS_CODE;
	if (facts & PK_FACT_PICKLE_IMPORTS)
		return PK_IMPORTS;
	if (facts & (PK_FACT_PICKLE_BREAKS | PK_FACT_REFUSED))
		return PK_FAILS;
	return PK_LOADS_DATA;
}

static enum pk_outcome read_data(unsigned facts, unsigned refusing)
{
	if (facts & refusing)
		return PK_REFUSES;
	if (facts & (PK_FACT_PICKLE_BREAKS | PK_FACT_REFUSED))
		return PK_FAILS;
	return PK_LOADS_DATA;
}

static enum pk_outcome outcome(enum kind kind, unsigned facts)
{
	switch (kind) {
	case UNPICKLES:
		return unpickle(facts);
	case NPY_PICKLE:
		if (facts & PK_FACT_NPY_OBJECT)
			return unpickle(facts);
		break;
	case WEIGHTS_ONLY:
		return read_data(facts, PK_FACT_WEIGHTS_ONLY_REFUSES);
	case NPY_DATA:
		return read_data(facts, PK_FACT_NPY_OBJECT);
	case BUILDS:
		if (facts & PK_FACT_CONFIG_CODE)
			return PK_RUNS_CODE;
		break;
	case BUILDS_SAFE:
		return read_data(facts, PK_FACT_CONFIG_CODE);
	case EXECUTES:
		return facts & PK_FACT_REFUSED ? PK_FAILS : PK_RUNS_CODE;
	case READS_DATA:
		break;
	}
	return facts & PK_FACT_REFUSED ? PK_FAILS : PK_LOADS_DATA;
}

/* Which fact an outcome comes from. */
static const struct pk_moment *moment(const struct pk_job *job,
				      enum pk_outcome outcome)
{
	static const struct {
		enum pk_outcome outcome;
		enum pk_fact fact;
	} from[] = {
		{ PK_RUNS_CODE, PK_FACT_PICKLE_RUNS_CODE },
		{ PK_IMPORTS, PK_FACT_PICKLE_IMPORTS },
		{ PK_REFUSES, PK_FACT_WEIGHTS_ONLY_REFUSES },
		{ PK_FAILS, PK_FACT_PICKLE_BREAKS },
	};

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		const struct pk_moment *m =
			&job->moments[__builtin_ctz(from[i].fact)];

		if (from[i].outcome == outcome && m->known)
			return m;
	}
	return NULL;
}

/* A compressed file is read by an unpickler only where a pickle is what comes
 * out of it, not an archive that holds one. */
static bool applies(const struct pk_job *job, size_t i)
{
	if (strcmp(loaders[i].format, job->primary->name) != 0)
		return false;
	return job->primary->risk != PK_RISK_WRAPPER ||
	       loaders[i].kind != UNPICKLES ||
	       (job->format_count > 1 &&
		(strcmp(job->formats[1]->name, "pickle") == 0 ||
		 strcmp(job->formats[1]->name, "joblib") == 0));
}

static struct pk_loading loading(const struct pk_job *job, size_t i)
{
	const enum pk_outcome o = outcome(loaders[i].kind, job->facts);

	return (struct pk_loading){ loaders[i].loader, o, moment(job, o) };
}

size_t pk_loadings(const struct pk_job *job,
		   struct pk_loading ret[PK_LOADINGS_MAX])
{
	const size_t count = sizeof(loaders) / sizeof(loaders[0]);
	size_t n = 0;

	for (; job->loadings && n < job->loading_count; n++)
		ret[n] = job->loadings[n];
	if (job->loadings)
		return n;
	for (size_t i = 0; job->primary && i < count; i++) {
		if (n < PK_LOADINGS_MAX && applies(job, i))
			ret[n++] = loading(job, i);
	}
	return n;
}

const char *pk_outcome_name(enum pk_outcome o)
{
	static const char *const names[] = {
		[PK_LOADS_DATA] = "loads-data", [PK_FAILS] = "fails",
		[PK_REFUSES] = "refuses",       [PK_IMPORTS] = "imports",
		[PK_RUNS_CODE] = "runs-code",
	};

	return names[o];
}
