/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions of a template, and what they are worth. */
#include "analyze/template_parse.h"

static struct pk_tv binary(struct pk_template_parser *p, unsigned level);

void pk_template_step(struct pk_template_parser *p)
{
	p->t = pk_template_next(&p->lexer);
}

bool pk_template_is_token(const struct pk_template_parser *p,
			  enum pk_token_kind kind, const char *what)
{
	return p->t.kind == kind && p->t.raw.len == strlen(what) &&
	       memcmp(p->t.raw.p, what, p->t.raw.len) == 0;
}

bool pk_template_eat(struct pk_template_parser *p, const char *op)
{
	if (!pk_template_is_token(p, PK_TOKEN_OPERATOR, op))
		return false;
	pk_template_step(p);
	return true;
}

bool pk_template_eat_word(struct pk_template_parser *p, const char *word)
{
	if (!pk_template_is_token(p, PK_TOKEN_NAME, word))
		return false;
	pk_template_step(p);
	return true;
}

bool pk_template_at_end(const struct pk_template_parser *p)
{
	return p->t.kind == PK_TOKEN_CLOSE || p->t.kind == PK_TOKEN_END;
}

static struct pk_template_variable *find(const struct pk_template_parser *p,
					 struct pk_span name)
{
	for (struct pk_template_variable *v = p->variables; v; v = v->next) {
		if (pk_span_eq(v->name, name))
			return v;
	}
	return NULL;
}

void pk_template_assign(struct pk_template_parser *p, struct pk_span name,
			struct pk_tv value)
{
	struct pk_template_variable *v = find(p, name);

	if (v) {
		if (value.kind != PK_TV_UNKNOWN)
			v->value = pk_tv_either(p->a, value, v->value);
		return;
	}
	if (p->variable_n == PK_TEMPLATE_VARIABLES_MAX)
		return;
	v = PK_NEW(p->a, struct pk_template_variable);
	if (!v)
		return;
	*v = (struct pk_template_variable){ p->variables, name, value };
	p->variables = v;
	p->variable_n++;
}

static void keep_items(struct pk_template_parser *p, const struct pk_tv *list,
		       size_t at)
{
	for (const struct pk_tv *i = list->items; i; i = i->next)
		pk_template_kept(&p->judge, i, at);
}

static struct pk_tv string(struct pk_template_parser *p)
{
	struct pk_buf b = { .max = 1 << 20 };
	struct pk_tv v = { 0 };

	while (p->t.kind == PK_TOKEN_STRING) {
		pk_template_unquote(p->t.raw, &b);
		pk_template_step(p);
	}
	pk_template_wrote(&p->judge, pk_buf_span(&b), p->judge.at);
	if (pk_buf_ok(&b))
		v = pk_tv_text(p->a, pk_buf_span(&b));
	pk_buf_release(&b);
	v.literal = true;
	return v;
}

static struct pk_tv number(struct pk_template_parser *p)
{
	int64_t n = 0;
	const struct pk_span raw = p->t.raw;

	for (size_t i = 0; i < raw.len && i < 18; i++) {
		if (raw.p[i] >= '0' && raw.p[i] <= '9')
			n = n * 10 + (raw.p[i] - '0');
	}
	pk_template_step(p);
	return pk_tv_number(n);
}

/* The rest of "(a, b" or "[a, b": a list; of one thing in round brackets
 * the thing itself. */
static struct pk_tv sequence(struct pk_template_parser *p, const char *close)
{
	const size_t at = p->t.at;
	struct pk_tv list = { .kind = PK_TV_LIST, .literal = true };
	bool commas = *close == ']';

	while (!pk_template_at_end(p) && !pk_template_eat(p, close)) {
		if (pk_template_eat(p, ",")) {
			commas = true;
			continue;
		}
		pk_tv_append(p->a, &list, (struct pk_span){ 0 },
			     pk_template_expression(p));
	}
	if (!commas && list.n == 1) {
		struct pk_tv one = *list.items;

		one.next = NULL;
		return one;
	}
	keep_items(p, &list, at);
	return list;
}

static struct pk_tv dict(struct pk_template_parser *p)
{
	const size_t at = p->t.at;
	struct pk_tv v = { .kind = PK_TV_DICT, .literal = true };

	while (!pk_template_at_end(p) && !pk_template_eat(p, "}")) {
		struct pk_tv key;

		if (pk_template_eat(p, ","))
			continue;
		key = pk_template_expression(p);
		if (pk_template_eat(p, ":"))
			pk_tv_append(p->a, &v, key.text,
				     pk_template_expression(p));
	}
	keep_items(p, &v, at);
	return v;
}

/* "(a, b, key=c)": positional arguments and keywords in one list. */
static struct pk_tv arguments(struct pk_template_parser *p)
{
	const size_t at = p->t.at;
	struct pk_tv args = { .kind = PK_TV_LIST };

	while (!pk_template_at_end(p) && !pk_template_eat(p, ")")) {
		struct pk_span key = { 0 };
		struct pk_tv value;

		if (pk_template_eat(p, ",") || pk_template_eat(p, "*") ||
		    pk_template_eat(p, "**"))
			continue;
		if (p->t.kind == PK_TOKEN_NAME)
			key = p->t.raw;
		value = pk_template_expression(p);
		if (pk_template_eat(p, "="))
			value = pk_template_expression(p);
		else
			key = (struct pk_span){ 0 };
		pk_tv_append(p->a, &args, key, value);
	}
	keep_items(p, &args, at);
	return args;
}

static struct pk_tv keywords(struct pk_template_parser *p,
			     const struct pk_tv *args)
{
	struct pk_tv v = { .kind = PK_TV_DICT };

	for (const struct pk_tv *i = args->items; i; i = i->next) {
		if (i->key.len)
			pk_tv_append(p->a, &v, i->key, *i);
	}
	return v;
}

static struct pk_tv called(struct pk_template_parser *p, struct pk_tv callee,
			   size_t at)
{
	const struct pk_tv args = arguments(p);
	const struct pk_template_variable *v = find(p, callee.root);
	struct pk_tv result = { 0 };

	pk_template_called(&p->judge, &callee, v != NULL, at);
	if (callee.step.len)
		result = pk_tv_apply(p->a, callee.step, callee, &args);
	else if (pk_span_eq(callee.root, PK_LIT("dict")) ||
		 pk_span_eq(callee.root, PK_LIT("namespace")))
		result = keywords(p, &args);
	else if (v && v->value.kind == PK_TV_TEXT)
		result = v->value; /* of a macro: what it shows */
	result.root = result.step = (struct pk_span){ 0 };
	result.next = NULL;
	return result;
}

/* "x.y" as a variable of a namespace, if x is a plain name. */
static const struct pk_template_variable *
member(const struct pk_template_parser *p, const struct pk_tv *of,
       struct pk_span name)
{
	const struct pk_span full = { of->root.p, (size_t)(name.p + name.len -
							   of->root.p) };

	return of->root.len && !of->step.len ? find(p, full) : NULL;
}

static struct pk_tv fetched(struct pk_template_parser *p,
			    const struct pk_tv *of, const struct pk_tv *name)
{
	const struct pk_tv *item = pk_tv_get(of, name->text);
	struct pk_tv v = { 0 };

	if (item && name->kind == PK_TV_TEXT) {
		v = *item;
		v.next = NULL;
	} else if (name->kind == PK_TV_NUMBER) {
		v = pk_tv_index(p->a, of, name->number);
		v.next = NULL;
	}
	v.literal = false;
	v.root = v.step = (struct pk_span){ 0 };
	if (name->text.len) {
		v.root = of->step.len ? of->step : of->root;
		v.step = name->text;
	}
	return v;
}

static struct pk_tv dot(struct pk_template_parser *p, struct pk_tv of)
{
	const struct pk_tv name = { .kind = PK_TV_TEXT, .text = p->t.raw };
	const struct pk_template_variable *v = member(p, &of, p->t.raw);
	const size_t at = p->t.at;
	struct pk_tv result;

	if (p->t.kind != PK_TOKEN_NAME) {
		if (p->t.kind == PK_TOKEN_NUMBER)
			pk_template_step(p);
		return (struct pk_tv){ 0 };
	}
	pk_template_asked(&p->judge, PK_ASK_DOT, &of, &name, at);
	p->judge.formats |= pk_span_eq(name.text, PK_LIT("format")) ||
			    pk_span_eq(name.text, PK_LIT("format_map"));
	result = fetched(p, &of, &name);
	pk_template_step(p);
	if (v)
		return v->value;
	if (result.kind == PK_TV_UNKNOWN && pk_template_eat(p, "(")) {
		/* A method: it works on the value it is of. */
		of.root = result.root;
		of.step = name.text;
		return called(p, of, at);
	}
	return result;
}

static struct pk_tv subscript(struct pk_template_parser *p, struct pk_tv of)
{
	const size_t at = p->t.at;
	struct pk_tv parts[3] = { 0 };
	bool given[3] = { false };
	unsigned n = 0;

	while (!pk_template_at_end(p) && !pk_template_eat(p, "]")) {
		if (pk_template_eat(p, ":")) {
			n = n < 2 ? n + 1 : 2;
			continue;
		}
		if (pk_template_eat(p, ","))
			continue;
		parts[n] = pk_template_expression(p);
		given[n] = true;
	}
	if (n)
		return pk_tv_slice(p->a, &of, given[0] ? &parts[0] : NULL,
				   given[1] ? &parts[1] : NULL,
				   given[2] ? &parts[2] : NULL);
	pk_template_asked(&p->judge, PK_ASK_ITEM, &of, &parts[0], at);
	return fetched(p, &of, &parts[0]);
}

/* Filters that look attributes up by names they are given. */
static bool looks_up(struct pk_span filter)
{
	static const char *const names[] = {
		"attr",       "groupby", "map",        "max",  "min", "reject",
		"rejectattr", "select",  "selectattr", "sort", "sum", "unique"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == filter.len &&
		    memcmp(names[i], filter.p, filter.len) == 0)
			return true;
	}
	return false;
}

static void look_up(struct pk_template_parser *p, struct pk_span filter,
		    const struct pk_tv *of, const struct pk_tv *args, size_t at)
{
	static const struct pk_tv nothing = { 0 };
	const struct pk_tv *first = args->items ? args->items : &nothing;
	const bool attr = pk_span_eq(filter, PK_LIT("attr"));

	if (attr) {
		pk_template_asked(&p->judge, PK_ASK_FILTER, of, first, at);
		return;
	}
	if (first->kind == PK_TV_TEXT &&
	    pk_span_eq(first->text, PK_LIT("attr"))) {
		pk_template_asked(&p->judge, PK_ASK_FILTER, of,
				  first->next ? first->next : &nothing, at);
		return;
	}
	p->judge.formats |= first->kind == PK_TV_TEXT &&
			    pk_span_eq(first->text, PK_LIT("format"));
	for (const struct pk_tv *i = args->items; i; i = i->next)
		pk_template_looked_up(&p->judge, i, at);
}

struct pk_tv pk_template_filter(struct pk_template_parser *p,
				struct pk_tv value)
{
	const struct pk_span name = p->t.raw;
	const size_t at = p->t.at;
	struct pk_tv args = { .kind = PK_TV_LIST };
	struct pk_span root;
	struct pk_tv result;

	if (p->t.kind != PK_TOKEN_NAME)
		return value;
	pk_template_step(p);
	while (pk_template_eat(p, "."))
		pk_template_step(p);
	if (pk_template_eat(p, "("))
		args = arguments(p);
	if (looks_up(name))
		look_up(p, name, &value, &args, at);
	root = value.step.len ? value.step : value.root;
	value.step = (struct pk_span){ 0 };
	result = pk_tv_apply(p->a, name, value, &args);
	result.next = NULL;
	result.root = result.step = (struct pk_span){ 0 };
	if (pk_span_eq(name, PK_LIT("attr")) && args.items) {
		result.root = root;
		result.step = args.items->text;
	}
	return result;
}

/* "is defined", "is not divisibleby 3": the test's argument, if any, is an
 * expression without operators. */
static void test(struct pk_template_parser *p)
{
	pk_template_eat_word(p, "not");
	if (p->t.kind == PK_TOKEN_NAME)
		pk_template_step(p);
	while (pk_template_eat(p, "."))
		pk_template_step(p);
	if (pk_template_eat(p, "("))
		arguments(p);
	else if (p->t.kind == PK_TOKEN_STRING)
		string(p);
	else if (p->t.kind == PK_TOKEN_NUMBER)
		pk_template_step(p);
}

struct pk_tv pk_template_postfix(struct pk_template_parser *p, struct pk_tv v,
				 size_t at)
{
	while (!pk_template_at_end(p)) {
		if (pk_template_eat(p, ".")) {
			v = dot(p, v);
		} else if (pk_template_eat(p, "[")) {
			v = subscript(p, v);
		} else if (pk_template_eat(p, "(")) {
			v = called(p, v, at);
			v.root = v.step = (struct pk_span){ 0 };
		} else if (pk_template_eat(p, "|")) {
			v = pk_template_filter(p, v);
		} else if (pk_template_eat_word(p, "is")) {
			test(p);
			v = (struct pk_tv){ 0 };
		} else {
			break;
		}
	}
	return v;
}

static struct pk_tv name(struct pk_template_parser *p)
{
	const struct pk_template_variable *v = find(p, p->t.raw);
	struct pk_tv value = { 0 };

	if (v)
		value = v->value;
	value.literal = false;
	value.root = p->t.raw;
	value.step = (struct pk_span){ 0 };
	pk_template_step(p);
	return value;
}

static struct pk_tv primary(struct pk_template_parser *p)
{
	const size_t at = p->t.at;
	struct pk_tv v = { 0 };

	switch (p->t.kind) {
	case PK_TOKEN_STRING:
		v = string(p);
		break;
	case PK_TOKEN_NUMBER:
		v = number(p);
		break;
	case PK_TOKEN_NAME:
		v = name(p);
		break;
	case PK_TOKEN_OPERATOR:
		if (pk_template_eat(p, "("))
			v = sequence(p, ")");
		else if (pk_template_eat(p, "["))
			v = sequence(p, "]");
		else if (pk_template_eat(p, "{"))
			v = dict(p);
		else
			pk_template_step(
				p); /* not an expression: Jinja2 refuses it */
		break;
	case PK_TOKEN_END:
	case PK_TOKEN_TEXT:
	case PK_TOKEN_PRINT:
	case PK_TOKEN_BLOCK:
	case PK_TOKEN_CLOSE:
	default:
		break;
	}
	return pk_template_postfix(p, v, at);
}

static struct pk_tv unary(struct pk_template_parser *p)
{
	bool minus = false;
	struct pk_tv v;

	while (pk_template_is_token(p, PK_TOKEN_OPERATOR, "-") ||
	       pk_template_is_token(p, PK_TOKEN_OPERATOR, "+")) {
		minus ^= p->t.raw.p[0] == '-';
		pk_template_step(p);
	}
	v = primary(p);
	if (minus)
		v.number = v.number == INT64_MIN ? 0 : -v.number;
	return v;
}

/* Operators from loosest to tightest; "and", "or" and comparisons give no
 * constant. */
static const char *const levels[][7] = {
	{ "or" },     { "and" }, { "==", "!=", "<", ">", "<=", ">=", "in" },
	{ "+", "-" }, { "~" },   { "*", "/", "//", "%" },
	{ "**" },
};

enum { OR, AND, COMPARE, LEVELS = sizeof(levels) / sizeof(levels[0]) };

static bool operator_here(struct pk_template_parser *p, unsigned level)
{
	for (unsigned i = 0; i < 7 && levels[level][i]; i++) {
		if (pk_template_is_token(p, PK_TOKEN_OPERATOR,
					 levels[level][i]) ||
		    pk_template_is_token(p, PK_TOKEN_NAME, levels[level][i]))
			return true;
	}
	return level == COMPARE &&
	       pk_template_is_token(p, PK_TOKEN_NAME, "not");
}

static struct pk_tv combined(struct pk_template_parser *p, unsigned level,
			     struct pk_span op, struct pk_tv left,
			     struct pk_tv right)
{
	if (level == OR)
		return pk_tv_either(p->a, right, left);
	if (level == AND)
		return right;
	if (level == COMPARE)
		return (struct pk_tv){ 0 };
	return pk_tv_binary(p->a, op, left, right);
}

static struct pk_tv binary(struct pk_template_parser *p, unsigned level)
{
	struct pk_tv left;

	if (level == LEVELS)
		return unary(p);
	while (level == COMPARE && pk_template_eat_word(p, "not"))
		;
	left = binary(p, level + 1);
	while (!pk_template_at_end(p) && operator_here(p, level)) {
		const struct pk_span op = p->t.raw;

		pk_template_step(p);
		if (level == COMPARE)
			pk_template_eat_word(p, "in");
		left = combined(p, level, op, left, binary(p, level + 1));
	}
	return left;
}

struct pk_tv pk_template_expression(struct pk_template_parser *p)
{
	struct pk_tv v = { 0 };

	if (p->depth == PK_TEMPLATE_DEPTH_MAX) {
		p->too_deep = true;
		pk_template_step(p);
		return v;
	}
	p->depth++;
	v = binary(p, 0);
	while (pk_template_eat_word(p, "if")) {
		binary(p, 0);
		if (pk_template_eat_word(p, "else"))
			v = pk_tv_either(p->a, v, pk_template_expression(p));
	}
	p->depth--;
	return v;
}

struct pk_tv pk_template_condition(struct pk_template_parser *p)
{
	return binary(p, 0);
}
