/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_JOB_H
#define PK_ENGINE_JOB_H

#include "core/arena.h"
#include "core/digest.h"
#include "core/source.h"
#include "engine/limits.h"
#include "engine/rule.h"

/* What was learned, in the order it was learned.  Strings live in the job's
 * arena or are static; those made from a file's bytes are escaped. */
struct pk_finding {
	struct pk_finding *next;
	enum pk_rule rule;
	enum pk_severity severity;
	const char *message;
	const char *evidence; /* or NULL */
	const char *member;   /* path within containers, or NULL */
	uint64_t off;         /* in the member's own bytes */
	uint64_t len;         /* 0: not a range */
	uint8_t fingerprint[PK_SHA256_LEN]; /* engine/fingerprint.h */
	/* Why it does not count: an exception, a baseline; NULL: it does.
	 * Set by policies, and not sent between processes. */
	const char *accepted;
};

/* What an import means; contract: imports[].class. */
enum pk_import_class {
	PK_IMPORT_SAFE,
	PK_IMPORT_LIBRARY,
	PK_IMPORT_UNKNOWN,
	PK_IMPORT_OUTSIDE,
	PK_IMPORT_COMPUTED,
	PK_IMPORT_DANGEROUS,
};

const char *pk_import_class_name(enum pk_import_class c);

struct pk_import {
	struct pk_import *next;
	struct pk_import *chain; /* of its hash bucket */
	struct pk_span module;   /* raw bytes, as the stream holds them */
	struct pk_span name;
	struct pk_span
		py3_module; /* as Python 3 maps it; empty when the same */
	struct pk_span py3_name;
	enum pk_import_class class;
	bool called;
	const char *member;
	uint64_t off;
};

/* What loaders would do is derived from these (engine/loader.h). */
enum pk_fact {
	PK_FACT_PICKLE = 1 << 0,           /* an unpickler reads bytes of it */
	PK_FACT_PICKLE_IMPORTS = 1 << 1,   /* and imports something */
	PK_FACT_PICKLE_RUNS_CODE = 1 << 2, /* and calls what is not safe */
	PK_FACT_WEIGHTS_ONLY_REFUSES = 1 << 3,
	PK_FACT_PICKLE_BREAKS = 1 << 4, /* no STOP that a reader reaches */
	PK_FACT_NPY_OBJECT = 1 << 5,    /* an array of pickled objects */
	PK_FACT_REFUSED = 1 << 6, /* its reference reader refuses the file */
	/* Its configuration names code that the loader runs. */
	PK_FACT_CONFIG_CODE = 1 << 7,
};
enum { PK_FACTS = 7 };

/* How far a loader gets: where a fact was first met. */
struct pk_moment {
	bool known;
	const char *member; /* in the job's arena; NULL: the file itself */
	uint64_t off;
};

/*
 * The analysis of one top-level file, with everything nested in it: its
 * memory, its budgets, and what was learned.
 */
struct pk_job {
	struct pk_meter meter;
	struct pk_arena arena; /* of the results */
	struct pk_limits limits;
	bool deep; /* also search unexplained bytes and tensor data */

	struct pk_finding *findings;
	struct pk_finding **findings_tail;
	uint64_t finding_count; /* kept and dropped */
	uint64_t findings_dropped;
	bool findings_lost; /* of these one was medium or worse */
	int worst;          /* enum pk_severity so far, or -1 */

	struct pk_import *imports;
	struct pk_import **imports_tail;
	struct pk_import **buckets; /* PK_IMPORT_BUCKETS of them, or NULL */
	uint64_t import_count;
	bool imports_lost; /* there were more than the limit */

	/* engine/note.h: what `picket inspect` tells, when it is wanted, and
	 * the files that this one names. */
	bool wants_notes;
	bool wants_stated; /* of these only what inventories tell */
	struct pk_tensor_note *tensors;
	struct pk_tensor_note **tensors_tail;
	struct pk_value_note *values;
	struct pk_value_note **values_tail;
	uint64_t notes_dropped; /* lists that were cut; 0: all is there */
	struct pk_ref *refs;
	struct pk_ref **refs_tail;
	struct pk_ref *last_ref;
	uint64_t ref_count;

	/* engine/map.h: a picture of the file. */
	struct pk_part *parts;
	struct pk_part **parts_tail;
	uint64_t part_count;
	uint64_t parts_dropped;
	struct pk_range *gaps; /* sorted, disjoint */
	size_t gap_count;

	const struct pk_format *formats[64]; /* distinct, in order seen */
	unsigned format_count;
	const struct pk_format *primary; /* of the file itself; NULL: none */
	const char *reason; /* why it is no model, when it fits no format;
			     * static */

	/* What loaders would do, where it is known from elsewhere: of a result
	 * that was stored.  NULL: it is derived (engine/loader.h). */
	const struct pk_loading *loadings;
	size_t loading_count;

	uint64_t expanded; /* bytes out of decompressors so far */
	uint64_t members;  /* of all containers so far */
	uint64_t deadline_ns;
	/* The file, while it is scanned; what it waited for others does not
	 * count. */
	const struct pk_source *bytes;
	unsigned facts;                     /* enum pk_fact */
	struct pk_moment moments[PK_FACTS]; /* of bit n */
	bool partial;       /* something was not read or not understood */
	uint64_t size;      /* of the file */
	uint64_t explained; /* of its bytes */

	bool wants_sha256; /* of the file, bound to what was scanned */
	bool has_sha256;
	uint8_t sha256[PK_SHA256_LEN];

	struct pk_watch *watch; /* engine/watch.h; NULL: nobody */

	/* A machine that is costly to set up, kept between objects. */
	void *scratch;
	void (*scratch_free)(void *scratch);
};

void pk_job_init(struct pk_job *job, const struct pk_limits *limits);
void pk_job_release(struct pk_job *job);

/*
 * Notes an import; the same pair again is the same entry, with the worse
 * class, and called once it was ever called.  Names are copied.  NULL when
 * over budget (the job is then partial).
 */
struct pk_import *pk_job_import(struct pk_job *job,
				const struct pk_import *what);

/* Whether the clock or the memory of this job has run out. */
bool pk_job_over_time(const struct pk_job *job);

#endif
