/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_ARGS_H
#define PK_ANALYZE_PICKLE_ARGS_H

#include "analyze/pickle_judge.h"

/* What calls are given, against what may be given (restricts.def). */

/* Whether the call keeps the promise; calls that it makes in turn are
 * judged here too. */
bool pk_args_keep(struct pk_judge *j, enum pk_restrict restriction,
		  const struct pk_vm_call *c, pk_value *result);

/* The same for the state that a BUILD gives to what was made by it. */
bool pk_args_keep_state(struct pk_judge *j, enum pk_restrict restriction,
			pk_value state);

/* Text that a program would act on: shell text, a URL, a path outside the
 * model, source or encoded code.  Looks through the arguments' constants. */
bool pk_args_show_intent(struct pk_judge *j, pk_value args);

/* What dangerous things are named among the constants of a code object, of
 * marshalled code or of what rebuilds either (pickle_code.c); NULL: none. */
const char *pk_args_name_danger(struct pk_judge *j, pk_value args);

#endif
