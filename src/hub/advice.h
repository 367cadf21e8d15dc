/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_ADVICE_H
#define PK_HUB_ADVICE_H

#include "core/span.h"

/* What registries say of a file after a scan of their own, the better first:
 * "safe", "unscanned", ..., "unsafe". */
enum { PK_ADVICE_BAD = 4 }; /* from there on something was found */

/* The nth word, or NULL past the last; n may be a rank of -1: NULL. */
const char *pk_advice_word(int n);

/* Which of them it is, or -1. */
int pk_advice_rank(struct pk_span word);

#endif
