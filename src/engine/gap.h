/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_GAP_H
#define PK_ENGINE_GAP_H

#include "engine/scan.h"

/*
 * Reports the bytes of the object that no format claimed: medium, or high
 * where they hold a known format, a pickle or a program.  Runs of one
 * repeated byte are padding and explained.
 */
void pk_explain_gaps(struct pk_scan *s);

#endif
