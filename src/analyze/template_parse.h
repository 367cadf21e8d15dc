/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_TEMPLATE_PARSE_H
#define PK_ANALYZE_TEMPLATE_PARSE_H

#include "analyze/template_judge.h"
#include "analyze/template_lex.h"

/* The state that the two halves of the parser share: expressions
 * (template_expr.c) and the tags around them (template.c). */
enum {
	PK_TEMPLATE_DEPTH_MAX = 100,
	PK_TEMPLATE_CAPTURES_MAX = 8,
	PK_TEMPLATE_VARIABLES_MAX = 512
};

struct pk_template_variable {
	struct pk_template_variable *next;
	struct pk_span name; /* "x", or "x.y" of a namespace */
	struct pk_tv value;
};

/* The text between {% set x %} and {% endset %}, or of a macro. */
struct pk_template_capture {
	struct pk_span name;
	struct pk_buf text;
};

struct pk_template_parser {
	struct pk_template_judge judge;
	struct pk_arena *a;
	struct pk_template_lexer lexer;
	struct pk_token t; /* the token at hand */
	unsigned depth;
	bool too_deep;
	struct pk_template_variable *variables;
	size_t variable_n;
	struct pk_template_capture captures[PK_TEMPLATE_CAPTURES_MAX];
	unsigned capture_n;
};

/* To the next token; over a token that is what is asked for. */
void pk_template_step(struct pk_template_parser *p);
bool pk_template_is_token(const struct pk_template_parser *p,
			  enum pk_token_kind kind, const char *what);
bool pk_template_eat(struct pk_template_parser *p, const char *op);
bool pk_template_eat_word(struct pk_template_parser *p, const char *word);
/* Whether the tag's end is reached. */
bool pk_template_at_end(const struct pk_template_parser *p);

/* A name may be set at several places: each value counts, since the order
 * of loops and branches is not followed. */
void pk_template_assign(struct pk_template_parser *p, struct pk_span name,
			struct pk_tv value);

struct pk_tv pk_template_expression(struct pk_template_parser *p);
/* The same without "a if b else c", which a loop's "if" is not. */
struct pk_tv pk_template_condition(struct pk_template_parser *p);
/* A filter's name and arguments, behind its "|". */
struct pk_tv pk_template_filter(struct pk_template_parser *p,
				struct pk_tv value);
/* What follows a value: attributes, calls, filters, tests. */
struct pk_tv pk_template_postfix(struct pk_template_parser *p, struct pk_tv v,
				 size_t at);

#endif
