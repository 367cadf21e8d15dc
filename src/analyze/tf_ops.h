/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_TF_OPS_H
#define PK_ANALYZE_TF_OPS_H

#include "core/span.h"
#include "engine/rule.h"

/*
 * What a TensorFlow operator can do beyond arithmetic.  Names are compared
 * to the letter, as TensorFlow's registry does; names of nodes mean nothing.
 */
enum pk_tf_reach {
	PK_TF_FILES,   /* reads or writes files; always said */
	PK_TF_INPUTS,  /* reads training data: said, and worse by its path */
	PK_TF_SAVED,   /* checkpoints and vocabularies, which every model has:
			* only said when the path is a constant outside */
	PK_TF_PYTHON,  /* calls Python of the loading process */
	PK_TF_NETWORK, /* talks to other machines */
	PK_TF_PROCESS, /* starts a program, or is named after it */
	PK_TF_DEBUG,   /* sends what passes to the addresses in debug_urls */
	PK_TF_PRINT,   /* may append to the file in output_stream */
	PK_TF_GRAPH,   /* runs a graph that its input holds as a string */
	PK_TF_ENGINE,  /* holds a compiled program */
};

struct pk_tf_op {
	const char *name;
	enum pk_tf_reach reach;
	enum pk_rule rule;
	enum pk_severity severity;
	signed char path; /* the input that is a path, or -1 */
	const char *what; /* "reads a file" */
	const char *attr; /* an attribute that is a path or address, or NULL */
	bool writes;
};

/* NULL: nothing to say of it. */
const struct pk_tf_op *pk_tf_op(struct pk_span name);

#endif
