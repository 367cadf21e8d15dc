/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_POLICY_DAY_H
#define PK_POLICY_DAY_H

#include "core/span.h"

/* Days since 1970 of "YYYY-MM-DD"; false when it is no date. */
bool pk_day_of(struct pk_span text, int64_t *ret);

#endif
