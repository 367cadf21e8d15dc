/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_JSON_TREE_H
#define PK_CODEC_JSON_TREE_H

#include "codec/json_read.h"
#include "core/strmap.h"

/* Marks the members of an object whose name stood before; names: scratch,
 * used for one object after the other.  False when out of memory. */
bool pk_json_mark_repeated(struct pk_jvalue *object, struct pk_strmap *names);

#endif
