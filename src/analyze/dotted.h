/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_DOTTED_H
#define PK_ANALYZE_DOTTED_H

#include "core/span.h"

/*
 * Names of steps parted by dots, as Python's: "os.path".  Steps may be empty:
 * ".." has three, and an empty name has one.  All of them borrow from the name.
 */

/*
 * Cuts the first step off *rest, until a name without bytes and without a
 * pointer is left; false then.  Start with the whole name, of which p is not
 * NULL.
 */
bool pk_dotted_next(struct pk_span *rest, struct pk_span *ret_step);

struct pk_span pk_dotted_first(struct pk_span name);
struct pk_span pk_dotted_last(struct pk_span name);
bool pk_dotted_has_dot(struct pk_span name);
size_t pk_dotted_steps(struct pk_span name);

#endif
