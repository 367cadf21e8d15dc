/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_LIMITS_H
#define PK_ENGINE_LIMITS_H

#include <stdint.h>

/* The budgets of one file's analysis; limits.def says what each counts. */
struct pk_limits {
#define PK_LIMIT(name, dflt, what) uint64_t name;
#include "engine/limits.def"
#undef PK_LIMIT
};

/* The defaults of limits.def. */
struct pk_limits pk_limits_default(void);

#endif
