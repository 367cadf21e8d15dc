/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_JUDGE_H
#define PK_ANALYZE_PICKLE_JUDGE_H

#include "analyze/globals.h"
#include "analyze/pickle_vm.h"
#include "engine/scan.h"

/*
 * Turns what happens in a pickle into findings: what each import means, what
 * each call is given, what is written into what.  The severities are those
 * of the table of constructs in the user's guide.
 */
struct pk_judge {
	struct pk_scan *scan;
	struct pk_vm *vm;
	/* A reading that the file's usual loader does not make: imports are
	 * noted, but only what is dangerous is a finding. */
	bool unlikely;
	/* Byte strings that begin as a file does, to be scanned afterwards. */
	struct pk_piece carriers[16];
	unsigned carrier_n;
	/* joblib's arrays, the last of them: where their raw bytes lie, by
	 * the number of the node that stands for each. */
	struct {
		uint64_t node;
		struct pk_piece at;
	} raw[16];
	/* Told of each BUILD before it is judged: joblib's raw arrays.  False
	 * ends the reading. */
	bool (*on_build)(struct pk_judge *j, pk_value obj, pk_value state);
	/* Told of each persistent id of a storage: PyTorch's tensors. */
	void (*on_storage)(struct pk_judge *j, pk_value id);
	void *user;
	uint64_t imports, calls;
	unsigned arrays; /* of joblib, whose raw bytes were skipped */
	/* Where these first happen; NOWHERE: they do not. */
	uint64_t refuses_at, runs_code_at, imports_at;
};

#define PK_NOWHERE UINT64_MAX

static inline void pk_judge_first(uint64_t *at, uint64_t off)
{
	if (off < *at)
		*at = off;
}

/* What the machine's run is watched with. */
extern const struct pk_vm_events pk_judge_events;

/* After a run: what was imported and never called. */
void pk_judge_finish(struct pk_judge *j);

/* What a global means under every reading of its name; found once. */
struct pk_meaning {
	struct pk_global verdict;
	struct pk_import *entry; /* in the report; NULL when over budget */
	const char *shown;
	bool judged; /* verdict is set */
	bool called;
	bool said;
};

/* Never NULL while memory lasts. */
struct pk_meaning *pk_judge_meaning(struct pk_judge *j,
				    const struct pk_vm_global *g);

/* Whether it rebuilds functions whose code lies in the file itself. */
bool pk_judge_carries_code(const struct pk_meaning *m);

/* The class that PyTorch's loaders return for a persistent id: of
 * ('module', class, file, source), and of the same without the word as it was
 * in 2016; PK_V_UNKNOWN for other ids. */
pk_value pk_judge_class_of_id(struct pk_judge *j, pk_value id);

/* Judges a call; see pickle_call.c.  The result is set where it is better
 * known than "what that call returned". */
void pk_judge_call(struct pk_judge *j, const struct pk_vm_call *c,
		   pk_value *result);

/* The value that a BUILD's state holds under a constant key, or
 * PK_V_UNKNOWN. */
pk_value pk_judge_attribute(struct pk_judge *j, pk_value state,
			    const char *key);

/* A finding at an opcode, with a call or value as its evidence. */
PK_PRINTF(6, 7)
void pk_judge_report(struct pk_judge *j, enum pk_rule rule,
		     enum pk_severity severity, uint64_t off,
		     const char *evidence, const char *fmt, ...);

#endif
