/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TESTS_EXPECT_H
#define PK_TESTS_EXPECT_H

#include "core/buf.h"
#include "engine/job.h"

/* The name under which the case is scanned: its `as` line, or "model". */
void expect_name(const char *expect, struct pk_buf *ret_name);

/*
 * Holds what was learned against the lines of a .expect file; appends a line
 * "# ..." for each that is not true.  Returns how many those are.
 */
unsigned expect_check(const char *expect, const struct pk_job *job,
		      struct pk_buf *ret_complaints);

#endif
