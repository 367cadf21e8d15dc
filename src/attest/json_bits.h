/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_JSON_BITS_H
#define PK_ATTEST_JSON_BITS_H

#include "codec/json_read.h"

/* What reading signatures, logs' entries and trusted roots has in common:
 * JSON of which nobody may have two opinions. */

/* The tree of a document without any leniency and without a member that
 * stands twice; NULL for any other, whose members are then all missing. */
const struct pk_jvalue *pk_json_strict(struct pk_arena *a, struct pk_span json);

/* Whether it is an object with no other members than these, a list that NULL
 * ends. */
bool pk_json_only(const struct pk_jvalue *v, const char *const *names);

/* The bytes of a string in base64, in the arena, to the letter and not empty;
 * false for any other value. */
bool pk_get_base64(struct pk_arena *a, const struct pk_jvalue *v,
		   struct pk_span *ret);

/* A number up to INT64_MAX that is written as a string, as Protocol Buffers'
 * JSON has 64-bit numbers. */
bool pk_get_int64(const struct pk_jvalue *v, uint64_t *ret);

#endif
