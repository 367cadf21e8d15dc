/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_DETECT_H
#define PK_ENGINE_DETECT_H

#include "engine/format.h"

/*
 * Runs every format that the object's bytes match, then looks at what none
 * of them explained.  Returns the format with the highest rank among those
 * that kept the object, or NULL.
 */
const struct pk_format *pk_detect_and_scan(struct pk_scan *s);

/* Whether the name ends as model files do; sets what it promises. */
void pk_promise(struct pk_scan *s);

#endif
