/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_JSON_WIDE_H
#define PK_CODEC_JSON_WIDE_H

#include "core/cursor.h"

/*
 * JSON in UTF-16 or UTF-32, which Python's json.loads() tells by the zero
 * bytes among the first four, or by a byte order mark
 * (Lib/json/__init__.py, detect_encoding).
 */
bool pk_json_is_wide(struct pk_cursor *c);

/* All that is left as UTF-8 in the arena.  Faults the cursor when that is too
 * much or memory runs out; halves without their other half come out as
 * surrogates, other bytes as U+FFFD. */
struct pk_cursor pk_json_narrow(struct pk_cursor *c, struct pk_arena *a);

#endif
