/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_SCIPY_ARGS_H
#define PK_ANALYZE_SCIPY_ARGS_H

#include "core/span.h"

/*
 * A distribution of scipy.stats keeps the source of its argument parser in
 * _parse_arg_template, and BUILD runs it (rv_generic.__setstate__, seen in
 * SciPy 1.10).  True when the text is what scipy itself writes there: lines
 * that define functions whose defaults are constants and whose bodies return
 * their arguments, so that running it only defines them.
 */
bool pk_scipy_template_is_own(struct pk_span text);

#endif
