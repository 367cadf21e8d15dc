/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_TEMPLATE_JUDGE_H
#define PK_ANALYZE_TEMPLATE_JUDGE_H

#include "analyze/template_value.h"
#include "engine/scan.h"

/* What the parser of a template meets, judged. */
struct pk_template_judge {
	struct pk_scan *s;
	struct pk_span text;
	uint64_t off;
	const char *what;
	size_t at;  /* where the expression at hand begins */
	bool walks; /* a text that format() would walk attributes by */
	size_t walks_at;
	bool formats; /* something is formatted by such texts */
};

/* How an attribute is asked for. */
enum pk_template_ask {
	PK_ASK_DOT,    /* x.name */
	PK_ASK_ITEM,   /* x["name"] */
	PK_ASK_FILTER, /* x|attr("name"), x|map(attribute="name") */
};

void pk_template_asked(struct pk_template_judge *j, enum pk_template_ask how,
		       const struct pk_tv *of, const struct pk_tv *name,
		       size_t at);

/* A text given to a filter that looks attributes up: "a.b". */
void pk_template_looked_up(struct pk_template_judge *j,
			   const struct pk_tv *path, size_t at);

/* A call of a value; defined: its root is a name of this template's own. */
void pk_template_called(struct pk_template_judge *j, const struct pk_tv *callee,
			bool defined, size_t at);

/* A constant that goes somewhere: into a variable, a list, a call. */
void pk_template_kept(struct pk_template_judge *j, const struct pk_tv *v,
		      size_t at);

/* A literal as it is written. */
void pk_template_wrote(struct pk_template_judge *j, struct pk_span text,
		       size_t at);

/* "{% include %}" and its like. */
void pk_template_loads(struct pk_template_judge *j, size_t at);

/* Text of the output. */
void pk_template_shows(struct pk_template_judge *j, struct pk_span text,
		       size_t at);

void pk_template_judged(struct pk_template_judge *j);

#endif
