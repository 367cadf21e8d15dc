/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_GAP_H
#define PK_ENGINE_GAP_H

#include "engine/cover.h"
#include "engine/scan.h"

/*
 * Reports the bytes of the object that no format claimed: medium, or high
 * where they hold a known format, a pickle or a program.  Runs of one
 * repeated byte are padding and explained.
 */
void pk_explain_gaps(struct pk_scan *s);

/*
 * For bytes that a format leaves to whoever wrote the file: whether another
 * file lies there, which is then reported as above.
 */
bool pk_gap_hides(struct pk_scan *s, struct pk_range gap);

/* Whether they are nothing but one byte, repeated. */
bool pk_gap_is_padding(struct pk_scan *s, struct pk_range gap);

#endif
