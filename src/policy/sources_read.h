/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_POLICY_SOURCES_READ_H
#define PK_POLICY_SOURCES_READ_H

#include "policy/sources.h"

/* Takes over the value of "sources". */
void pk_sources_take(struct pk_form *f, struct pk_sources *s,
		     const struct pk_jvalue *v);

/* Complains of what sources allow and the policy denies for all files; at:
 * where "sources" stands. */
void pk_sources_check(struct pk_form *f, const struct pk_sources *s,
		      const struct pk_globs *denied_formats, uint64_t at);

#endif
