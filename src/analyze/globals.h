/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_GLOBALS_H
#define PK_ANALYZE_GLOBALS_H

#include "core/span.h"
#include "engine/job.h"

/*
 * What an import of a pickle means: the pair of module and name that GLOBAL,
 * STACK_GLOBAL or INST hands to find_class, or a walk along attributes.
 * The facts are the text files of rules/lists; docs/imports.md explains the
 * order of judgement.  Nothing here allocates, and names are compared as the
 * bytes they are: no folding, no normalisation, as Python's import does.
 *
 * The classes are engine/job.h's; PK_IMPORT_COMPUTED is the caller's, for a
 * name that is no constant of the stream.
 */

/* What a safe import, or a library class, may be given: restricts.def. */
enum pk_restrict {
#define PK_RESTRICTION(id, token, breach, promise) PK_RESTRICT_##id,
#include "analyze/restricts.def"
#undef PK_RESTRICTION
	PK_RESTRICT_COUNT
};

struct pk_restrict_info {
	const char *token;
	enum pk_severity breach; /* at least, when it is not kept */
	const char *promise;
};

extern const struct pk_restrict_info pk_restricts[PK_RESTRICT_COUNT];

struct pk_global {
	enum pk_import_class class;
	enum pk_severity floor; /* of a dangerous one, else PK_INFO */
	const char *category;   /* of a dangerous one: "exec", ... or NULL */
	const char *reason;     /* static text, never NULL */
	enum pk_restrict restriction; /* of a safe or library one */
	bool class_like; /* a class, by the lists or by its shape */
};

/* Judges one pair.  Empty spans are fine: they are names that fail. */
struct pk_global pk_global_classify(struct pk_span module, struct pk_span name);

/* The one to believe where two readings of a name are possible. */
struct pk_global pk_global_worse(struct pk_global a, struct pk_global b);

/*
 * The pair that Python 3 imports for this one when the protocol in force is
 * below 3 (Lib/_compat_pickle.py).  False, and *ret_* untouched, when it is
 * the pair itself.  What is returned borrows from name or is static.
 */
bool pk_global_py3(struct pk_span module, struct pk_span name,
		   struct pk_span *ret_module, struct pk_span *ret_name);

/*
 * Whether torch.load(weights_only=True) resolves the pair without asking:
 * in the newest release, and in 1.13, the first that had it.  The reader
 * joins the two with a dot before it looks, so the split does not matter.
 */
bool pk_weights_only_allows(struct pk_span module, struct pk_span name);
bool pk_weights_only_1_13_allows(struct pk_span module, struct pk_span name);

/*
 * Whether the module is one that TorchScript makes up for its types
 * ("__torch__..."): defined by the code in the same archive, and importable
 * by no Python reader unless a file of that name lies about.
 */
bool pk_global_is_torchscript(struct pk_span module);

/* Whether the top-level module is Python's own or a known library's. */
bool pk_global_is_known_module(struct pk_span module);

#endif
