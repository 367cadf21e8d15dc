/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_MEMORY_H
#define PK_SOURCE_MEMORY_H

#include "core/source.h"

/* Over bytes that the caller keeps alive.  NULL when out of memory. */
struct pk_source *pk_memory_borrow(struct pk_span bytes);

/* Over malloc'ed bytes, which the source frees, also when this fails. */
struct pk_source *pk_memory_own(uint8_t *bytes, size_t len);

#endif
