/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser of templates: jinja2/parser.py's grammar, read leniently.  What
 * Jinja2 would refuse is stepped over, since some other renderer may not.
 */
#include "analyze/template.h"

#include "analyze/template_parse.h"

/* Whatever is left of a tag, as expressions. */
static void rest(struct pk_template_parser *p)
{
	while (!pk_template_at_end(p)) {
		const size_t at = p->t.at;

		pk_template_expression(p);
		if (p->t.at == at && !pk_template_at_end(p))
			pk_template_step(p);
	}
}

/* "x", "x.y" or "x, y": the names before "=" or "in". */
static unsigned targets(struct pk_template_parser *p, struct pk_span *ret,
			unsigned max)
{
	unsigned n = 0;

	while (p->t.kind == PK_TOKEN_NAME ||
	       pk_template_is_token(p, PK_TOKEN_OPERATOR, ",") ||
	       pk_template_is_token(p, PK_TOKEN_OPERATOR, "(") ||
	       pk_template_is_token(p, PK_TOKEN_OPERATOR, ")")) {
		struct pk_span name = p->t.raw;
		const bool named = p->t.kind == PK_TOKEN_NAME;

		if (pk_template_is_token(p, PK_TOKEN_NAME, "in"))
			break;
		pk_template_step(p);
		if (!named)
			continue;
		while (pk_template_eat(p, ".")) {
			name.len = (size_t)(p->t.raw.p + p->t.raw.len - name.p);
			pk_template_step(p);
		}
		if (n < max)
			ret[n++] = name;
	}
	return n;
}

static void begin_capture(struct pk_template_parser *p, struct pk_span name)
{
	if (p->capture_n < PK_TEMPLATE_CAPTURES_MAX)
		p->captures[p->capture_n] = (struct pk_template_capture){
			name, { .max = PK_TV_TEXT_MAX }
		};
	p->capture_n++;
}

static void end_capture(struct pk_template_parser *p)
{
	static const struct pk_tv no_args = { .kind = PK_TV_LIST };
	struct pk_template_capture *c;
	struct pk_tv v = { 0 };

	if (!p->capture_n || --p->capture_n >= PK_TEMPLATE_CAPTURES_MAX)
		return;
	c = &p->captures[p->capture_n];
	if (pk_buf_ok(&c->text))
		v = pk_tv_text(p->a, pk_buf_span(&c->text));
	pk_buf_release(&c->text);
	v = pk_tv_apply(p->a, PK_LIT("trim"), v, &no_args);
	pk_template_kept(&p->judge, &v, p->t.at);
	pk_template_assign(p, c->name, v);
}

static void capture(struct pk_template_parser *p, struct pk_span text)
{
	if (p->capture_n && p->capture_n <= PK_TEMPLATE_CAPTURES_MAX)
		pk_buf_put(&p->captures[p->capture_n - 1].text, text.p,
			   text.len);
}

/* Names of several targets get the items of what they are set to. */
static void assign_all(struct pk_template_parser *p,
		       const struct pk_span *names, unsigned n,
		       struct pk_tv value)
{
	const struct pk_tv *item = value.items;

	value.next = NULL;
	for (unsigned i = 0; i < n; i++) {
		struct pk_tv one = n == 1 ? value : (struct pk_tv){ 0 };

		if (n > 1 && item) {
			one = *item;
			item = item->next;
		}
		one.next = NULL;
		pk_template_assign(p, names[i], one);
	}
}

static void set_statement(struct pk_template_parser *p)
{
	const size_t at = p->t.at;
	struct pk_span names[8];
	const unsigned n = targets(p, names, 8);
	struct pk_tv v;

	if (!n)
		return;
	if (!pk_template_eat(p, "=")) {
		begin_capture(p, names[0]);
		return;
	}
	v = pk_template_expression(p);
	if (pk_template_is_token(p, PK_TOKEN_OPERATOR, ",")) {
		struct pk_tv list = { .kind = PK_TV_LIST };

		pk_tv_append(p->a, &list, (struct pk_span){ 0 }, v);
		while (pk_template_eat(p, ","))
			pk_tv_append(p->a, &list, (struct pk_span){ 0 },
				     pk_template_expression(p));
		v = list;
	}
	pk_template_kept(&p->judge, &v, at);
	if (v.kind == PK_TV_UNKNOWN)
		v.root = v.step = (struct pk_span){ 0 };
	assign_all(p, names, n, v);
}

static void for_statement(struct pk_template_parser *p)
{
	struct pk_span names[8];
	const unsigned n = targets(p, names, 8);
	struct pk_tv of = { 0 };

	if (pk_template_eat_word(p, "in"))
		of = pk_template_condition(p);
	if (of.kind == PK_TV_DICT)
		of = pk_tv_apply(p->a, PK_LIT("list"), of, &of);
	for (const struct pk_tv *i = of.items; i && n == 1; i = i->next)
		assign_all(p, names, 1, *i);
	if (!of.items || n != 1)
		assign_all(p, names, n, (struct pk_tv){ 0 });
}

/* "macro f(a, b=1)", "call(a) f(x)". */
static void macro_statement(struct pk_template_parser *p)
{
	const struct pk_span name = p->t.raw;
	struct pk_span parameter;

	pk_template_step(p);
	if (!pk_template_eat(p, "("))
		return;
	while (!pk_template_at_end(p) && !pk_template_eat(p, ")")) {
		parameter = p->t.raw;
		pk_template_step(p);
		pk_template_assign(p, parameter,
				   pk_template_eat(p, "=")
					   ? pk_template_expression(p)
					   : (struct pk_tv){ 0 });
		pk_template_eat(p, ",");
	}
	begin_capture(p, name);
}

static void with_statement(struct pk_template_parser *p)
{
	struct pk_span names[8];

	while (!pk_template_at_end(p)) {
		const size_t at = p->t.at;
		const unsigned n = targets(p, names, 8);

		if (pk_template_eat(p, "="))
			assign_all(p, names, n, pk_template_expression(p));
		pk_template_eat(p, ",");
		if (p->t.at == at)
			break;
	}
}

static void load_statement(struct pk_template_parser *p)
{
	pk_template_loads(&p->judge, p->judge.at);
}

static void filter_statement(struct pk_template_parser *p)
{
	struct pk_tv v = pk_template_filter(p, (struct pk_tv){ 0 });

	pk_template_postfix(p, v, p->t.at);
	begin_capture(p, (struct pk_span){ 0 });
}

static void end_statement(struct pk_template_parser *p)
{
	end_capture(p);
}

/* Tags that do something to names; all others are read as expressions. */
static const struct {
	const char *tag;
	void (*parse)(struct pk_template_parser *p);
} statements[] = {
	{ "set", set_statement },       { "for", for_statement },
	{ "macro", macro_statement },   { "with", with_statement },
	{ "include", load_statement },  { "import", load_statement },
	{ "extends", load_statement },  { "from", load_statement },
	{ "filter", filter_statement }, { "endset", end_statement },
	{ "endmacro", end_statement },  { "endfilter", end_statement },
};

static void block(struct pk_template_parser *p)
{
	const struct pk_span tag = p->t.raw;

	if (p->t.kind != PK_TOKEN_NAME)
		return;
	pk_template_step(p);
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]);
	     i++) {
		if (strlen(statements[i].tag) == tag.len &&
		    memcmp(statements[i].tag, tag.p, tag.len) == 0) {
			statements[i].parse(p);
			break;
		}
	}
}

/* What a print shows goes into what is being captured. */
static void print(struct pk_template_parser *p)
{
	static const uint8_t hole = PK_TV_HOLE;
	const struct pk_tv v = pk_template_expression(p);

	capture(p,
		v.kind == PK_TV_TEXT ? v.text : (struct pk_span){ &hole, 1 });
}

static bool tag(struct pk_template_parser *p)
{
	const enum pk_token_kind kind = p->t.kind;

	p->judge.at = p->t.at;
	if (kind == PK_TOKEN_END)
		return false;
	if (kind == PK_TOKEN_TEXT) {
		capture(p, p->t.raw);
		pk_template_shows(&p->judge, p->t.raw, p->t.at);
	}
	pk_template_step(p);
	if (kind == PK_TOKEN_PRINT)
		print(p);
	else if (kind == PK_TOKEN_BLOCK)
		block(p);
	if (kind == PK_TOKEN_PRINT || kind == PK_TOKEN_BLOCK)
		rest(p);
	return true;
}

void pk_template_scan(struct pk_scan *s, struct pk_span text, uint64_t off,
		      const char *what)
{
	struct pk_template_parser p = {
		.judge = { .s = s, .text = text, .off = off, .what = what },
		.a = &s->arena,
		.lexer = { .text = text },
	};

	pk_template_step(&p);
	while (tag(&p) && !pk_out_of_budget(s))
		;
	pk_template_judged(&p.judge);
	while (p.capture_n)
		end_capture(&p);
	if (p.too_deep) {
		pk_partial(s);
		pk_report(s, PK_RULE_TEMPLATE_TOO_DEEP, off,
			  "%s nests its expressions deeper than picket follows",
			  what);
	}
}
