/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_BASE64_H
#define PK_CODEC_BASE64_H

#include "core/buf.h"

/* Appends the bytes in base64 with padding (RFC 4648, section 4). */
void pk_base64_put(struct pk_buf *b, struct pk_span bytes);

/*
 * Appends the bytes that the text stands for.  To the letter of RFC 4648:
 * the standard alphabet, whole padding, no bits left over, nothing else.
 * False, with part of it appended, for any other text.
 */
bool pk_base64_get(struct pk_buf *b, struct pk_span text);

/*
 * The same as the most lenient reader takes it (Python's b64decode and
 * codecs "base64"): either alphabet, whatever is no digit is passed over, the
 * end may lack its padding.  Padding in its place ends it.
 */
void pk_base64_get_lenient(struct pk_buf *b, struct pk_span text);

#endif
