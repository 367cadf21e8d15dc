/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_TEMPLATE_LEX_H
#define PK_ANALYZE_TEMPLATE_LEX_H

#include "core/buf.h"
#include "core/span.h"

/*
 * The words of a Jinja2 template, as jinja2/lexer.py cuts them with its
 * default delimiters: text, "{{ }}", "{% %}", "{# #}" and raw blocks.
 */
enum pk_token_kind {
	PK_TOKEN_END,   /* of the template */
	PK_TOKEN_TEXT,  /* output as it stands */
	PK_TOKEN_PRINT, /* "{{" */
	PK_TOKEN_BLOCK, /* "{%" */
	PK_TOKEN_CLOSE, /* "}}" or "%}" */
	PK_TOKEN_NAME,
	PK_TOKEN_STRING, /* raw: with its quotes */
	PK_TOKEN_NUMBER,
	PK_TOKEN_OPERATOR,
};

struct pk_token {
	enum pk_token_kind kind;
	struct pk_span raw; /* borrowed from the template */
	size_t at;
};

struct pk_template_lexer {
	struct pk_span text;
	size_t at;
	char closes; /* '}' or '%' within a tag, else 0 */
	unsigned brackets;
	/* Tags that never end, strings without an end: Jinja2 refuses the
	 * template, this lexer reads on. */
	bool broken;
};

struct pk_token pk_template_next(struct pk_template_lexer *l);

/* Appends what a string literal means: Python's escapes decoded. */
void pk_template_unquote(struct pk_span raw, struct pk_buf *out);

#endif
