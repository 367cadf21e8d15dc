/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PB_TEXT_H
#define PK_ANALYZE_PB_TEXT_H

#include "codec/textproto.h"
#include "engine/scan.h"

/* Whether the head may be the text form of such a message. */
bool pk_pb_text_begins(struct pk_span head, const struct pk_pb_message *m);

/*
 * Scans an object that may be the text form of a message: its wire form is
 * made and scanned as the member "binary form".  Rejects the object when
 * nothing takes that for its own.
 */
void pk_pb_text_scan(struct pk_scan *s, const struct pk_pb_message *m);

#endif
