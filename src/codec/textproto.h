/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_TEXTPROTO_H
#define PK_CODEC_TEXTPROTO_H

#include "codec/protobuf.h"
#include "core/buf.h"

/*
 * The text form of Protocol Buffers
 * (protobuf.dev/reference/protobuf/textformat-spec), made into the wire form
 * by the tables of its messages, so that what reads the one reads the other.
 * Escapes in strings are decoded. Fields that no table names, and messages
 * whose content no table describes, are left out; enumerations become 0 and
 * fixed numbers are not converted: names, texts and structure are what is
 * kept.
 */
struct pk_textproto {
	uint64_t fields;  /* written */
	uint64_t skipped; /* left out */
};

/*
 * Appends the wire form to out; set its max.  False when the text is not well
 * formed or too long: what came before is there.
 */
bool pk_textproto_encode(struct pk_cursor *c, const struct pk_pb_message *m,
			 struct pk_buf *out, struct pk_textproto *ret);

/* The line of the field that the text begins with, or NULL: a cheap first
 * look. */
const struct pk_pb_line *pk_textproto_first(struct pk_span head,
					    const struct pk_pb_message *m);

#endif
