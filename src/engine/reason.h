/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_REASON_H
#define PK_ENGINE_REASON_H

#include "engine/format.h"

/* Why a file that fits no format is no model, as far as its first bytes and
 * its name tell: one of few static texts, so that they can be counted. */
const char *pk_skip_reason(const struct pk_head *head);

#endif
