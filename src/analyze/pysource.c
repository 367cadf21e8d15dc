/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions are read only as far as names go: a primary (a name, a string, a
 * bracket) and its trailers (attributes, subscripts, calls); everything else
 * between them only parts them.
 */
#include "analyze/pysource.h"

#include "analyze/dotted.h"
#include "analyze/pysource_env.h"
#include "codec/pytok.h"

enum {
	NEST_MAX = 120,
	TARGETS_MAX = 8,
};

struct reader {
	struct pk_pylex lex;
	struct pk_pytok tok;
	struct pk_pyenv env;
	unsigned nest;
};

static void next(struct reader *r)
{
	r->tok = pk_pylex_next(&r->lex);
}

static bool is_op(const struct reader *r, const char *op)
{
	return pk_pytok_is(&r->tok, op);
}

static bool is_word(const struct reader *r, const char *word)
{
	return r->tok.kind == PK_PY_NAME && r->tok.text.len == strlen(word) &&
	       memcmp(r->tok.text.p, word, r->tok.text.len) == 0;
}

/* Trailers */

static struct pk_pyargs read_until_close(struct reader *r);

static void read_trailers(struct reader *r, struct pk_pyvalue *v)
{
	struct pk_span method = { 0 };
	struct pk_pyargs a;

	for (;;) {
		if (is_op(r, ".")) {
			next(r);
			if (r->tok.kind != PK_PY_NAME)
				return;
			method = r->tok.text;
			pk_pyenv_attribute(&r->env, v, method);
			next(r);
		} else if (is_op(r, "(")) {
			next(r);
			a = read_until_close(r);
			pk_pyenv_call(&r->env, v, &a, method);
			method = (struct pk_span){ 0 };
		} else if (is_op(r, "[")) {
			next(r);
			a = read_until_close(r);
			pk_pyenv_subscript(&r->env, v, &a);
		} else {
			return;
		}
	}
}

/* Primaries */

static struct pk_span concat(struct reader *r, struct pk_span a,
			     struct pk_span b)
{
	uint8_t *p;

	if (!a.len || !b.len)
		return a.len ? a : b;
	if (a.len + b.len > PK_PY_PATH)
		return a;
	p = pk_arena_alloc(r->env.arena, a.len + b.len, 1);
	if (!p)
		return a;
	memcpy(p, a.p, a.len);
	memcpy(p + a.len, b.p, b.len);
	return (struct pk_span){ p, a.len + b.len };
}

static struct pk_pyvalue text_value(struct pk_span text, size_t off)
{
	return (struct pk_pyvalue){
		.kind = PK_PYV_TEXT, .n = 1, .way = { text }, .off = off
	};
}

static struct pk_pyvalue read_formatted(struct reader *r)
{
	struct pk_pyvalue v = text_value((struct pk_span){ 0 }, r->tok.off);
	struct pk_pyargs a;

	next(r);
	a = read_until_close(r);
	if (a.n == 1 && a.v[0].kind == PK_PYV_TEXT)
		return a.v[0];
	pk_pyenv_let_go_all(&r->env, &a);
	if (a.n)
		v = (struct pk_pyvalue){ .kind = PK_PYV_UNKNOWN };
	return v;
}

static struct pk_pyvalue read_bracket(struct reader *r)
{
	const bool round = is_op(r, "(") || is_op(r, "f(");
	struct pk_pyargs a;

	next(r);
	a = read_until_close(r);
	if (round && a.n == 1)
		return a.v[0];
	pk_pyenv_let_go_all(&r->env, &a);
	return (struct pk_pyvalue){ .kind = PK_PYV_UNKNOWN, .hides = a.hides };
}

static struct pk_pyvalue read_primary(struct reader *r)
{
	struct pk_pyvalue v = { .kind = PK_PYV_UNKNOWN, .off = r->tok.off };

	if (r->tok.kind == PK_PY_NAME) {
		v = pk_pyenv_look_up(&r->env, r->tok.text, r->tok.off);
		next(r);
	} else if (r->tok.kind == PK_PY_STRING) {
		v = text_value(r->tok.text, r->tok.off);
		next(r);
	} else if (r->tok.kind == PK_PY_FOPEN) {
		v = read_formatted(r);
	} else if (r->tok.kind == PK_PY_NUMBER) {
		next(r);
	} else {
		v = read_bracket(r);
	}
	read_trailers(r, &v);
	return v;
}

/* Statements */

static bool is_keyword(const struct reader *r)
{
	static const char *const words[] = {
		"False", "None",   "True",  "and",    "as",       "assert",
		"async", "await",  "break", "class",  "continue", "def",
		"del",   "elif",   "else",  "except", "finally",  "for",
		"from",  "global", "if",    "import", "in",       "is",
		"not",   "lambda", "or",    "pass",   "nonlocal", "raise",
		"try",   "return", "while", "with",   "yield",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (is_word(r, words[i]))
			return true;
	}
	return false;
}

/* Dots and names, as far as they go. */
static struct pk_span read_dotted(struct reader *r)
{
	struct pk_span path = { 0 };

	for (;;) {
		if (is_op(r, "."))
			path = concat(r, path, r->tok.text);
		else if (r->tok.kind == PK_PY_NAME && !is_keyword(r))
			path = concat(r, path, r->tok.text);
		else
			return path;
		next(r);
	}
}

static struct pk_span read_alias(struct reader *r, struct pk_span otherwise)
{
	if (!is_word(r, "as"))
		return otherwise;
	next(r);
	if (r->tok.kind == PK_PY_NAME) {
		otherwise = r->tok.text;
		next(r);
	}
	return otherwise;
}

static void read_import(struct reader *r)
{
	do {
		const size_t off = (next(r), r->tok.off);
		const struct pk_span module = read_dotted(r);
		const struct pk_span top = pk_dotted_first(module);

		if (!module.len)
			return;
		pk_pyenv_import(&r->env, module, off);
		if (is_word(r, "as"))
			pk_pyenv_bind(&r->env, read_alias(r, top), module);
		else
			pk_pyenv_bind(&r->env, top, top);
	} while (is_op(r, ","));
}

static void read_from(struct reader *r)
{
	const struct pk_pylex lex = r->lex;
	const size_t off = (next(r), r->tok.off);
	const struct pk_span module = read_dotted(r);

	if (!is_word(r, "import")) { /* yield from, raise ... from */
		r->lex = lex;
		next(r);
		return;
	}
	pk_pyenv_import(&r->env, module, off);
	next(r);
	for (;; next(r)) {
		struct pk_pyvalue v = { .kind = PK_PYV_PATH,
					.off = r->tok.off };
		struct pk_span name;

		if (is_op(r, "("))
			continue;
		if (is_op(r, "*"))
			pk_pyenv_star(&r->env, module);
		if (r->tok.kind != PK_PY_NAME)
			break;
		name = r->tok.text;
		next(r);
		pk_pyvalue_add(&v, pk_pyenv_join(&r->env, module, name));
		pk_pyenv_bind(&r->env, read_alias(r, name), v.way[0]);
		pk_pyenv_use_value(&r->env, &v, false);
		if (!is_op(r, ","))
			break;
	}
	if (is_op(r, ")"))
		next(r);
}

/* One piece between commas: what it is worth if it is a single thing. */
struct piece {
	struct pk_pyvalue v;
	bool mixed;
	struct pk_span target[TARGETS_MAX];
	unsigned targets;
	struct pk_span name; /* when it is so far a plain name */
};

static void take(struct reader *r, struct piece *p, const struct pk_pyvalue *v)
{
	if (p->v.kind == PK_PYV_NOTHING && !p->mixed) {
		p->v = *v;
		return;
	}
	if (p->v.kind == PK_PYV_TEXT && v->kind == PK_PYV_TEXT && !p->mixed) {
		p->v.way[0] = concat(r, p->v.way[0], v->way[0]);
		return;
	}
	pk_pyenv_let_go(&r->env, &p->v);
	pk_pyenv_let_go(&r->env, v);
	p->v = (struct pk_pyvalue){ .kind = PK_PYV_UNKNOWN,
				    .hides = p->v.hides || v->hides };
	p->mixed = true;
}

static void assign(struct reader *r, struct piece *p)
{
	if (p->name.len && p->targets < TARGETS_MAX)
		p->target[p->targets++] = p->name;
	else
		pk_pyenv_let_go(&r->env, &p->v);
	p->v = (struct pk_pyvalue){ 0 };
	p->mixed = false;
}

static void finish_piece(struct reader *r, struct piece *p,
			 struct pk_pyargs *ret)
{
	if (p->targets && p->v.kind == PK_PYV_PATH) {
		pk_pyenv_use_value(&r->env, &p->v, false);
		for (unsigned t = 0; t < p->targets; t++) {
			for (unsigned i = 0; i < p->v.n; i++)
				pk_pyenv_bind(&r->env, p->target[t],
					      p->v.way[i]);
		}
	}
	if (p->v.kind != PK_PYV_NOTHING) {
		if (ret->n < PK_PY_ARGS)
			ret->v[ret->n] = p->v;
		else
			pk_pyenv_let_go(&r->env, &p->v);
		ret->n++;
		ret->hides = ret->hides || p->v.hides;
	}
	*p = (struct piece){ 0 };
}

/* Passes over names that are only told: def f, class C, global os. */
static void skip_names(struct reader *r)
{
	next(r);
	while (r->tok.kind == PK_PY_NAME && !is_keyword(r)) {
		next(r);
		if (!is_op(r, ","))
			return;
		next(r);
	}
}

static void read_keyword(struct reader *r, struct piece *p)
{
	if (is_word(r, "import")) {
		read_import(r);
	} else if (is_word(r, "from")) {
		read_from(r);
	} else if (is_word(r, "def") || is_word(r, "class") ||
		   is_word(r, "global") || is_word(r, "nonlocal")) {
		skip_names(r);
		read_trailers(r,
			      &(struct pk_pyvalue){ .kind = PK_PYV_UNKNOWN });
	} else {
		p->mixed = p->v.kind != PK_PYV_NOTHING;
		next(r);
	}
}

static void read_operator(struct reader *r, struct piece *p, bool line)
{
	const bool walrus = is_op(r, ":=");

	if (walrus || (line && is_op(r, "="))) {
		assign(r, p);
	} else if (is_op(r, "=")) {
		p->v = (struct pk_pyvalue){ 0 }; /* a keyword of a call */
		p->mixed = false;
	} else if (!is_op(r, "+") && !is_op(r, "@") && !is_op(r, "*") &&
		   !is_op(r, ":")) {
		p->mixed = true;
	}
	p->name = (struct pk_span){ 0 };
	next(r);
}

static bool begins_primary(const struct reader *r)
{
	return r->tok.kind == PK_PY_STRING || r->tok.kind == PK_PY_NUMBER ||
	       r->tok.kind == PK_PY_FOPEN ||
	       (r->tok.kind == PK_PY_NAME && !is_keyword(r)) || is_op(r, "(") ||
	       is_op(r, "[") || is_op(r, "{") || is_op(r, "f(");
}

static void read_into(struct reader *r, struct piece *p)
{
	const struct pk_span text = r->tok.text;
	const bool name = r->tok.kind == PK_PY_NAME;
	const bool first = p->v.kind == PK_PYV_NOTHING && !p->mixed;
	const size_t before = r->lex.at;
	struct pk_pyvalue v = read_primary(r);

	/* Nothing but the name was read when only one token followed. */
	p->name = (struct pk_span){ 0 };
	if (name && first && (is_op(r, "=") || is_op(r, ":=")) &&
	    r->tok.off >= before && r->lex.at - before <= 64) {
		struct pk_span between = { r->lex.src.p + before,
					   r->tok.off - before };

		if (!memchr(between.p, '.', between.len) &&
		    !memchr(between.p, '[', between.len) &&
		    !memchr(between.p, '(', between.len))
			p->name = text;
		if (p->name.len) {
			p->v = (struct pk_pyvalue){ .kind = PK_PYV_UNKNOWN };
			return;
		}
	}
	take(r, p, &v);
}

/* Pieces up to the bracket that closes, or to the end of the line. */
static struct pk_pyargs read_pieces(struct reader *r, bool line)
{
	struct pk_pyargs a = { 0 };
	struct piece p = { 0 };

	for (;;) {
		if (r->tok.kind == PK_PY_END || r->tok.kind == PK_PY_FCLOSE ||
		    is_op(r, ")") || is_op(r, "]") || is_op(r, "}") ||
		    (line && r->tok.kind == PK_PY_NEWLINE))
			break;
		if (r->tok.kind == PK_PY_NEWLINE)
			next(r);
		else if (begins_primary(r))
			read_into(r, &p);
		else if (r->tok.kind == PK_PY_NAME)
			read_keyword(r, &p);
		else if (is_op(r, ","))
			(finish_piece(r, &p, &a), next(r));
		else
			read_operator(r, &p, line);
	}
	finish_piece(r, &p, &a);
	return a;
}

/* The same, with the bracket; deeper than anybody writes is not read. */
static struct pk_pyargs read_until_close(struct reader *r)
{
	struct pk_pyargs a = { 0 };

	if (++r->nest > NEST_MAX) {
		r->env.out->doubt = "its brackets are nested too deep";
		r->lex.at = r->lex.src.len;
		r->lex.levels = 0;
		next(r);
	} else {
		a = read_pieces(r, false);
	}
	r->nest--;
	if (r->tok.kind != PK_PY_END)
		next(r);
	return a;
}

static void read_lines(struct reader *r, struct pk_span source)
{
	pk_pylex_init(&r->lex, source, r->env.arena);
	next(r);
	while (r->tok.kind != PK_PY_END) {
		const struct pk_pyargs a = read_pieces(r, true);

		pk_pyenv_let_go_all(&r->env, &a);
		if (r->tok.kind != PK_PY_END)
			next(r); /* a newline, or a bracket too many */
	}
	if (!r->env.out->doubt)
		r->env.out->doubt = r->lex.doubt;
}

struct pk_pysource pk_pysource_read(struct pk_span source,
				    struct pk_arena *arena)
{
	struct pk_pysource out = { 0 };
	struct reader *r = PK_NEW(arena, struct reader);

	if (!r) {
		out.doubt = "there was no memory to read it";
		return out;
	}
	r->env = (struct pk_pyenv){ .arena = arena,
				    .out = &out,
				    .uses_tail = &out.uses,
				    .imports_tail = &out.imports,
				    .binding_only = true };
	if (!pk_pyencoding_is_ascii(pk_pysource_encoding(source)))
		out.doubt = "it is written in an encoding that is not read";
	read_lines(r, source);
	r->env.binding_only = false;
	read_lines(r, source);
	return out;
}
