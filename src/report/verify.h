/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_VERIFY_H
#define PK_REPORT_VERIFY_H

#include "report/inspect.h"

/* Why a file fails verification, or NULL when it holds: a format without
 * code, read whole, nothing above low. */
const char *pk_verify_failure(const struct pk_result *r);

/* What is to be said of one file; all: every tensor. */
void pk_verify_text(struct pk_output *o, const struct pk_result *r, bool all);

/* The same as an object in an array of o->json. */
void pk_verify_json(struct pk_output *o, const struct pk_result *r);

#endif
