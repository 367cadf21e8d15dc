/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CORE_NEAREST_H
#define PK_CORE_NEAREST_H

#include <stddef.h>

/* The candidate that a word was probably meant to be, or NULL.  Candidates
 * come from nth(), which returns NULL past the last. */
const char *pk_nearest(const char *word, const char *(*nth)(size_t n));

#endif
