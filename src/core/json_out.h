/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CORE_JSON_OUT_H
#define PK_CORE_JSON_OUT_H

#include "core/buf.h"

/*
 * Writes JSON (RFC 8259) whatever it is given: strings come out as valid
 * UTF-8 (bytes that are not become U+FFFD), and every control, bidi or
 * invisible code point as \uXXXX, so that a report shown on a terminal does
 * nothing to it.  Commas, indentation and nesting are kept here.
 *
 * A key is NULL inside an array.  Whether it all fitted is pk_buf_ok(out).
 */
struct pk_json {
	struct pk_buf *out;
	bool pretty;      /* indented by two; else on one line */
	unsigned inlined; /* from this depth on, one line; 0: none */
	unsigned depth;   /* at most 31 */
	uint32_t arrays;  /* bit n: level n is an array */
	uint32_t started; /* bit n: level n has a member */
};

void pk_json_object(struct pk_json *j, const char *key);
void pk_json_array(struct pk_json *j, const char *key);
/* What is opened next stays on one line, with all that is in it. */
void pk_json_inline(struct pk_json *j);
/* Closes what was opened last. */
void pk_json_close(struct pk_json *j);

void pk_json_str(struct pk_json *j, const char *key, const char *s);
void pk_json_uint(struct pk_json *j, const char *key, uint64_t v);
void pk_json_null(struct pk_json *j, const char *key);
void pk_json_bool(struct pk_json *j, const char *key, bool v);

/* Bytes meant as text; when they are not UTF-8, "key_hex" has them whole. */
void pk_json_bytes(struct pk_json *j, const char *key, struct pk_span s);

/* A value that is JSON already, on one line. */
void pk_json_raw(struct pk_json *j, const char *key, struct pk_span json);

/* A string made of a prefix and the hex of bytes: "sha256:...". */
void pk_json_hex(struct pk_json *j, const char *key, const char *prefix,
		 struct pk_span bytes);

#endif
