/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TESTS_CASES_H
#define PK_TESTS_CASES_H

#include "core/buf.h"

/*
 * One case of tests/corpus: <format>/<name>.{hex,pka,bin} and, beside it,
 * <name>.expect.
 */
struct corpus_case {
	const char *path;    /* of the input */
	const char *name;    /* "pickle/os-system" */
	struct pk_span data; /* the bytes it stands for */
	const char *expect;  /* the text of the expectation, or NULL */
};

/*
 * Calls fn for each case below dir, in a stable order.  What is passed is
 * borrowed for the call.  False, with a line on stderr, when the folder
 * cannot be read or an input does not assemble; fn is then not called for
 * that case.
 */
bool corpus_each(const char *dir,
		 void (*fn)(const struct corpus_case *c, void *arg), void *arg);

/* A whole file appended to out; false when it cannot be read. */
bool corpus_slurp(const char *path, struct pk_buf *out);

#endif
