/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_JOBLIB_H
#define PK_ANALYZE_PICKLE_JOBLIB_H

#include "analyze/pickle_judge.h"

/*
 * joblib's unpickler looks at what each BUILD built: where it is an array
 * wrapper, the array's bytes are taken from the file right behind the
 * current frame, and the opcodes go on after them (joblib/numpy_pickle.py).
 * This does the same to the machine's reader.  False: the size of the raw
 * bytes could not be told, so nothing behind them can be read.
 */
bool pk_joblib_on_build(struct pk_judge *j, pk_value obj, pk_value state);

#endif
