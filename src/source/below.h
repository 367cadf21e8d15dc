/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_BELOW_H
#define PK_SOURCE_BELOW_H

#include "core/span.h"

/* Whether the path stays below whatever folder it is joined to: relative, no
 * empty, "." or ".." component, no NUL. */
bool pk_path_below(struct pk_span path);

#endif
