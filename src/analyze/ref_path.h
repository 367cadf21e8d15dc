/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_REF_PATH_H
#define PK_ANALYZE_REF_PATH_H

#include "core/span.h"
#include "engine/rule.h"

/*
 * What is wrong with the name of a file that a model names and its loader
 * would open beside it, as the most careless loader of any system takes it:
 * '/' and '\' part folders, drives and network shares are absolute.
 */
struct pk_path_flaw {
	const char *what; /* "is an absolute path"; NULL: nothing */
	enum pk_severity severity;
	bool outside; /* leads out of the model's folder */
};

struct pk_path_flaw pk_path_flaw(struct pk_span path);

#endif
