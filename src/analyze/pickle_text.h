/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_TEXT_H
#define PK_ANALYZE_PICKLE_TEXT_H

#include "core/buf.h"
#include "core/span.h"

/* The text operands of protocol 0 and their grammar, taken together from
 * every reader: what one of them accepts is accepted. */

/* STRING: undoes quotes and escapes (Python bytes-literal rules); false
 * when no reader accepts the quoting. */
bool pk_pickle_unquote(struct pk_span line, struct pk_buf *out);

/* UNICODE: raw-unicode-escape to UTF-8. */
void pk_pickle_unescape(struct pk_span line, struct pk_buf *out);

/* Latin-1 bytes as UTF-8. */
void pk_pickle_latin1(struct pk_span bytes, struct pk_buf *out);

/*
 * A memo index as text, fed in pieces: blanks around, a sign, underscores, a
 * NUL that ends it for the C reader.
 */
struct pk_index_text {
	uint64_t value;
	bool digits, negative, trailing, nul, bad, huge;
};
void pk_index_feed(struct pk_index_text *t, struct pk_span piece);
static inline bool pk_index_ok(const struct pk_index_text *t)
{
	return t->digits && !t->bad && (!t->negative || t->value == 0);
}

/* Whether some reader takes the line for an int (INT, LONG) or a float. */
bool pk_pickle_is_int(struct pk_span line);
bool pk_pickle_is_float(struct pk_span line);
/* Its value when it is plain decimal; false otherwise. */
bool pk_pickle_plain_int(struct pk_span line, int64_t *ret);

#endif
