/* SPDX-License-Identifier: Apache-2.0 */
/* Is a text by itself a template? */
#include "analyze/template.h"
#include "analyze/template_lex.h"

enum { DEPTH_MAX = 100 };

/* Tags of Jinja2 and of the extensions that chat templates use; those with
 * an end open a block. */
static const struct {
	const char *tag;
	bool opens;
} known_tags[] = {
	{ "autoescape", true }, { "block", true },      { "break", false },
	{ "call", true },       { "continue", false },  { "debug", false },
	{ "do", false },        { "elif", false },      { "else", false },
	{ "extends", false },   { "filter", true },     { "for", true },
	{ "from", false },      { "generation", true }, { "if", true },
	{ "import", false },    { "include", false },   { "macro", true },
	{ "pluralize", false }, { "set", true },        { "trans", true },
	{ "with", true },
};

/* What has been seen of a text that may be a template. */
struct recognition {
	struct pk_template_lexer lexer;
	struct pk_token t;
	struct pk_span open[DEPTH_MAX]; /* tags whose end is awaited */
	unsigned open_n;
	unsigned tags;
	bool messages; /* a loop over them: a chat template's mark */
	bool foreign;
};

/* Reads to the tag's end; whether it assigns. */
static bool rest_assigns(struct recognition *r)
{
	bool assigns = false;

	for (; r->t.kind != PK_TOKEN_CLOSE && r->t.kind != PK_TOKEN_END;
	     r->t = pk_template_next(&r->lexer)) {
		assigns |= r->t.kind == PK_TOKEN_OPERATOR &&
			   pk_span_eq(r->t.raw, PK_LIT("="));
		r->messages |= r->t.kind == PK_TOKEN_NAME &&
			       pk_span_eq(r->t.raw, PK_LIT("messages"));
	}
	return assigns;
}

static void recognise_tag(struct recognition *r)
{
	struct pk_span tag;

	r->t = pk_template_next(&r->lexer);
	tag = r->t.raw;
	r->tags++;
	if (r->t.kind == PK_TOKEN_NAME && tag.len > 3 &&
	    pk_span_starts(tag, PK_LIT("end"))) {
		r->foreign |=
			!r->open_n ||
			!pk_span_eq(r->open[r->open_n - 1],
				    (struct pk_span){ tag.p + 3, tag.len - 3 });
		r->open_n -= r->open_n != 0;
		rest_assigns(r);
		return;
	}
	for (size_t i = 0; i < sizeof(known_tags) / sizeof(known_tags[0]);
	     i++) {
		if (strlen(known_tags[i].tag) != tag.len ||
		    memcmp(known_tags[i].tag, tag.p, tag.len) != 0)
			continue;
		if ((rest_assigns(r) && tag.p[0] == 's') ||
		    !known_tags[i].opens)
			return;
		if (r->open_n < DEPTH_MAX)
			r->open[r->open_n++] = tag;
		else
			r->foreign = true;
		return;
	}
	r->foreign = true;
}

/* Go's templates and Mustache use the same brackets for other words. */
static void recognise_print(struct recognition *r)
{
	static const char *const others[] = { "block",    "define", "else",
					      "end",      "if",     "range",
					      "template", "with" };

	r->t = pk_template_next(&r->lexer);
	r->foreign |= r->t.kind == PK_TOKEN_CLOSE;
	if (r->t.kind == PK_TOKEN_OPERATOR)
		r->foreign |= !strchr("([{-+\"", r->t.raw.p[0]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		r->foreign |= strlen(others[i]) == r->t.raw.len &&
			      memcmp(others[i], r->t.raw.p, r->t.raw.len) == 0;
	rest_assigns(r);
}

static bool starts_as_template(struct pk_span text, bool *ret_marked)
{
	size_t i = 0;

	while (i < text.len && strchr(" \t\r\n", text.p[i]) && text.p[i])
		i++;
	if (text.len - i < 2)
		return false;
	*ret_marked = text.p[i] == '<' || text.p[i] == '[';
	return *ret_marked || (text.p[i] == '{' && text.p[i + 1] &&
			       strchr("{%#", text.p[i + 1]));
}

bool pk_template_is(struct pk_span text)
{
	struct recognition r = { .lexer = { .text = text } };
	bool marked = false;
	unsigned prints = 0;

	if (!starts_as_template(text, &marked))
		return false;
	for (r.t = pk_template_next(&r.lexer);
	     r.t.kind != PK_TOKEN_END && !r.foreign;
	     r.t = pk_template_next(&r.lexer)) {
		if (r.t.kind == PK_TOKEN_BLOCK)
			recognise_tag(&r);
		if (r.t.kind == PK_TOKEN_PRINT) {
			recognise_print(&r);
			prints++;
		}
	}
	return !r.foreign && !r.lexer.broken && !r.open_n &&
	       (marked ? r.tags && r.messages : r.tags || prints);
}
