/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_PYTOK_H
#define PK_CODEC_PYTOK_H

#include "core/arena.h"
#include "core/span.h"

/*
 * The tokens of Python source, of Python 2 and 3 up to 3.14: names as Python
 * compares them, strings as what they stand for.  Comments, blank lines, joined
 * lines and indentation are left out.  At least as lenient as Python: what
 * Python refuses may come out as tokens, with a doubt.
 *
 * A formatted string comes out as PK_PY_FOPEN, its text as PK_PY_STRING, each
 * replacement field as "f(" tokens ")", and PK_PY_FCLOSE.
 */
enum pk_pytok_kind {
	PK_PY_END,
	PK_PY_NEWLINE, /* or ";" */
	PK_PY_NAME,
	PK_PY_NUMBER,
	PK_PY_STRING,
	PK_PY_FOPEN,
	PK_PY_FCLOSE,
	PK_PY_OP, /* one character, or two that end in "=", or "f(" */
};

struct pk_pytok {
	enum pk_pytok_kind kind;
	struct pk_span text; /* of names, strings and operators */
	size_t off;
};

enum { PK_PYTOK_NEST = 32 };

/* A string that is open, or a replacement field or format in it. */
struct pk_pytok_level {
	enum { PK_PY_IN_TEXT, PK_PY_IN_FIELD, PK_PY_IN_FORMAT } mode;
	uint8_t quote;
	bool triple;
	bool raw;
	unsigned brackets; /* open in a field */
};

struct pk_pylex {
	struct pk_span src;
	size_t at;
	struct pk_arena *arena; /* of strings with escapes, folded names */
	struct pk_pytok_level level[PK_PYTOK_NEST];
	unsigned levels;
	unsigned brackets; /* open outside of strings */
	const char *doubt; /* why the tokens may not be Python's; or NULL */
};

/* Over bytes that stay; a byte order mark is passed over. */
void pk_pylex_init(struct pk_pylex *lex, struct pk_span src,
		   struct pk_arena *arena);

/* The next token; PK_PY_END for ever at the end. */
struct pk_pytok pk_pylex_next(struct pk_pylex *lex);

/*
 * The encoding that the first two lines declare (PEP 263); empty when they
 * declare none.
 */
struct pk_span pk_pysource_encoding(struct pk_span src);

/* Whether ASCII text is the same bytes in that encoding, so that the tokens
 * mean what they say. */
bool pk_pyencoding_is_ascii(struct pk_span encoding);

static inline bool pk_pytok_is(const struct pk_pytok *t, const char *op)
{
	const size_t n = strlen(op);

	return t->kind == PK_PY_OP && t->text.len == n &&
	       memcmp(t->text.p, op, n) == 0;
}

#endif
