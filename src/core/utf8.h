/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CORE_UTF8_H
#define PK_CORE_UTF8_H

#include "core/buf.h"
#include "core/span.h"

/*
 * Decodes one code point at *i and moves past it.  Surrogates encoded in
 * three bytes are accepted, as Python's "surrogatepass" does (RFC 3629
 * otherwise).  On bytes that are not UTF-8, returns -1 and moves by one.
 */
int32_t pk_utf8_next(struct pk_span s, size_t *i);

/* Appends one code point; surrogates come out in three bytes. */
void pk_utf8_put(struct pk_buf *b, uint32_t cp);

/* Whether all of s is UTF-8, surrogates included. */
bool pk_utf8_valid(struct pk_span s);

/* UTF-8 to the letter of RFC 3629, no surrogates, checked piece by piece:
 * zeroed before the first.  False once a byte cannot stand where it does. */
struct pk_utf8_check {
	uint8_t need; /* bytes to follow; not 0 at the end: cut short */
	uint8_t lo;   /* range of the next */
	uint8_t hi;
};
bool pk_utf8_strict(struct pk_utf8_check *c, struct pk_span s);

/* Code points that move, hide or reorder text: controls, bidi, zero-width. */
bool pk_utf8_is_trick(uint32_t cp);

/* Whether s is printable ASCII without a backslash, as most names are. */
bool pk_utf8_plain(struct pk_span s);

/*
 * Appends s so that a person can read it and no terminal, log or browser
 * acts on it: valid UTF-8, one line; backslashes, controls, trick code points
 * and surrogates as escapes (\n, \x1b, \u202e), bytes that are not
 * UTF-8 as \xNN.  At most max bytes of s, then "...".
 */
void pk_utf8_escape(struct pk_buf *b, struct pk_span s, size_t max);

/* The same without a limit and with backslashes left alone: for text that
 * was escaped once, which a second time must change nothing. */
void pk_utf8_defuse(struct pk_buf *b, struct pk_span s);

#endif
