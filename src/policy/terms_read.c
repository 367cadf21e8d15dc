/* SPDX-License-Identifier: Apache-2.0 */
/* A policy file, read; docs/policy.md tells what may be in it. */
#include <stdarg.h>
#include <stdio.h>

#include "codec/yaml.h"
#include "core/digest.h"
#include "core/nearest.h"
#include "core/utf8.h"
#include "engine/format.h"
#include "policy/day.h"
#include "policy/policy.h"
#include "policy/terms.h"
#include "source/filter.h"

struct parse {
	struct pk_terms *t;
	struct pk_span text;
	struct pk_complaints *why;
	bool no_memory;
};

/* What stands under a name, and where it goes. */
struct member {
	const char *name;
	void (*take)(struct parse *p, void *to, const struct pk_jvalue *v);
};

static uint64_t line_of(const struct parse *p, uint64_t off)
{
	uint64_t line = 1;

	for (size_t i = 0; i < p->text.len && i < off; i++)
		line += p->text.p[i] == '\n';
	return line;
}

PK_PRINTF(3, 4)
static void complain(struct parse *p, uint64_t off, const char *fmt, ...)
{
	struct pk_complaint *c;
	va_list ap;

	if (p->why->count == PK_COMPLAINTS_MAX)
		return;
	c = &p->why->v[p->why->count++];
	c->line = line_of(p, off);
	va_start(ap, fmt);
	(void)vsnprintf(c->text, sizeof(c->text), fmt, ap);
	va_end(ap);
}

static const char *copy(struct parse *p, struct pk_span s)
{
	const char *text = pk_arena_copy(&p->t->arena, s);

	if (!text)
		p->no_memory = true;
	return text ? text : "";
}

/* Fit for a message. */
static const char *show(struct parse *p, struct pk_span s)
{
	enum { SHOWN_MAX = 120 };
	struct pk_buf b = { 0 };
	const char *text;

	pk_utf8_escape(&b, s, SHOWN_MAX);
	text = pk_arena_printf(&p->t->arena, "%s", pk_buf_str(&b));
	pk_buf_release(&b);
	return text ? text : "?";
}

/* For pk_nearest(), which takes a function without a context. */
static _Thread_local const char *const *words;

static const char *nth_word(size_t n)
{
	return words[n];
}

static void complain_word(struct parse *p, uint64_t off, struct pk_span word,
			  const char *what, const char *(*nth)(size_t n))
{
	const char *shown = show(p, word);
	const char *near = pk_nearest(shown, nth);

	if (near)
		complain(p, off, "%s '%s' does not exist; did you mean '%s'?",
			 what, shown, near);
	else
		complain(p, off, "%s '%s' does not exist", what, shown);
}

static const struct member *member_named(const struct member *m,
					 struct pk_span name)
{
	for (; m->name; m++) {
		if (strlen(m->name) == name.len &&
		    memcmp(m->name, name.p, name.len) == 0)
			return m;
	}
	return NULL;
}

static void complain_member(struct parse *p, const struct member *m,
			    const struct pk_jvalue *v)
{
	const char *names[16];
	size_t n = 0;

	for (; m->name && n < 15; m++)
		names[n++] = m->name;
	names[n] = NULL;
	words = names;
	complain_word(p, v->key_off, v->key, "the key", nth_word);
}

/* Every member of an object goes to its place. */
static void take_members(struct parse *p, void *to, const struct pk_jvalue *v,
			 const struct member *members, const char *what)
{
	if (!pk_json_is(v, PK_J_OBJECT)) {
		complain(p, v->off, "%s must be keys with values", what);
		return;
	}
	for (const struct pk_jvalue *k = v->kids; k; k = k->next) {
		const struct member *m = member_named(members, k->key);

		if (!m)
			complain_member(p, members, k);
		else if (k->repeated)
			complain(p, k->key_off, "%s stands here twice",
				 m->name);
		else
			m->take(p, to, k);
	}
}

static const char *take_text(struct parse *p, const struct pk_jvalue *v)
{
	if (pk_json_is(v, PK_J_STRING) && v->text.len &&
	    !memchr(v->text.p, 0, v->text.len))
		return copy(p, v->text);
	complain(p, v->off, "%s must be a text", show(p, v->key));
	return NULL;
}

/* The number of a word among names, or -1 after a complaint. */
static int take_word(struct parse *p, const struct pk_jvalue *v,
		     const char *what, const char *(*nth)(size_t n))
{
	const struct pk_span s = pk_json_text(v);
	const char *name;

	for (size_t i = 0; (name = nth(i)) != NULL; i++) {
		if (strlen(name) == s.len && memcmp(name, s.p, s.len) == 0)
			return (int)i;
	}
	complain_word(p, v->off, s, what, nth);
	return -1;
}

static const char *nth_severity(size_t n)
{
	return n <= PK_CRITICAL ? pk_severity_name((enum pk_severity)n) : NULL;
}

static const char *nth_threshold(size_t n)
{
	return n < PK_NEVER ? pk_threshold_name((int)n + 1) : NULL;
}

static const char *nth_policy(size_t n)
{
	const struct pk_policy *b = pk_policy_at(n);

	return b ? b->name : NULL;
}

static const char *nth_rule(size_t n)
{
	return n < PK_RULE_COUNT ? pk_rules[n].id : NULL;
}

static const char *nth_format(size_t n)
{
	for (size_t i = 0; i <= n; i++) {
		if (!pk_formats[i])
			return NULL;
	}
	return pk_formats[n]->name;
}

/* A glob must match something that exists: a slip must not open a gate. */
static bool names_one(struct parse *p, struct pk_span glob, uint64_t off,
		      const char *what, const char *(*nth)(size_t n))
{
	const char *text = copy(p, glob), *name;

	for (size_t i = 0; (name = nth(i)) != NULL; i++) {
		if (pk_glob(text, name))
			return true;
	}
	complain_word(p, off, glob, what, nth);
	return false;
}

/* ---- lists of globs ---- */

static void take_globs(struct parse *p, struct pk_globs *g,
		       const struct pk_jvalue *list)
{
	if (!pk_json_is(list, PK_J_ARRAY)) {
		complain(p, list->off, "%s must be a list", show(p, list->key));
		return;
	}
	g->v = pk_arena_alloc(&p->t->arena, list->count + 1, sizeof(*g->v));
	if (!g->v) {
		p->no_memory = true;
		return;
	}
	for (const struct pk_jvalue *k = list->kids; k; k = k->next) {
		const char *text = take_text(p, k);

		if (text)
			g->v[g->n++] = text;
	}
}

static void take_format_globs(struct parse *p, void *to,
			      const struct pk_jvalue *v)
{
	take_globs(p, to, v);
	for (const struct pk_jvalue *k = v->kids; k; k = k->next)
		(void)names_one(p, k->text, k->off, "the format", nth_format);
}

#define TAKE(name)                                         \
	static void take_##name(struct parse *p, void *to, \
				const struct pk_jvalue *v)

TAKE(allowed_imports)
{
	take_globs(p, &((struct pk_terms *)to)->allowed_imports, v);
}

TAKE(denied_imports)
{
	take_globs(p, &((struct pk_terms *)to)->denied_imports, v);
}

TAKE(allowed_formats)
{
	take_format_globs(p, &((struct pk_terms *)to)->allowed_formats, v);
}

TAKE(denied_formats)
{
	take_format_globs(p, &((struct pk_terms *)to)->denied_formats, v);
}

/* The same words on both lists would leave to chance who wins. */
static void check_contradiction(struct parse *p, const struct pk_globs *allow,
				const struct pk_globs *deny,
				const struct pk_jvalue *v)
{
	for (size_t i = 0; i < allow->n; i++) {
		for (size_t j = 0; j < deny->n; j++) {
			if (strcmp(allow->v[i], deny->v[j]) == 0)
				complain(p, v->key_off,
					 "'%s' is both allowed and denied",
					 allow->v[i]);
		}
	}
}

TAKE(imports)
{
	static const struct member members[] = {
		{ "allow", take_allowed_imports },
		{ "deny", take_denied_imports },
		{ 0 },
	};
	const struct pk_terms *t = to;

	take_members(p, to, v, members, "imports");
	check_contradiction(p, &t->allowed_imports, &t->denied_imports, v);
}

TAKE(formats)
{
	static const struct member members[] = {
		{ "allow", take_allowed_formats },
		{ "deny", take_denied_formats },
		{ 0 },
	};
	const struct pk_terms *t = to;

	take_members(p, to, v, members, "formats");
	check_contradiction(p, &t->allowed_formats, &t->denied_formats, v);
}

/* ---- severities ---- */

TAKE(rules)
{
	struct pk_scope *s = to;

	if (!pk_json_is(v, PK_J_OBJECT)) {
		complain(p, v->off, "rules must be rule: severity");
		return;
	}
	s->rules =
		pk_arena_alloc(&p->t->arena, v->count + 1, sizeof(*s->rules));
	if (!s->rules) {
		p->no_memory = true;
		return;
	}
	for (const struct pk_jvalue *k = v->kids; k; k = k->next) {
		const int severity =
			take_word(p, k, "the severity", nth_severity);

		if (k->repeated)
			complain(p, k->key_off, "%s stands here twice",
				 show(p, k->key));
		if (names_one(p, k->key, k->key_off, "the rule", nth_rule) &&
		    severity >= 0)
			s->rules[s->count++] = (struct pk_override){
				copy(p, k->key), (enum pk_severity)severity
			};
	}
}

TAKE(scope_fail_on)
{
	const int at = take_word(p, v, "the threshold", nth_threshold);

	if (at >= 0)
		((struct pk_scope *)to)->fail_on = at + 1;
}

TAKE(match)
{
	((struct pk_scope *)to)->path = take_text(p, v);
}

static void take_scope(struct parse *p, struct pk_scope *s,
		       const struct pk_jvalue *v)
{
	static const struct member members[] = {
		{ "match", take_match },
		{ "fail_on", take_scope_fail_on },
		{ "rules", take_rules },
		{ 0 },
	};

	s->fail_on = -1;
	take_members(p, s, v, members, "an entry of paths");
	if (!s->path)
		complain(p, v->off, "an entry of paths lacks match");
}

TAKE(paths)
{
	struct pk_terms *t = to;

	if (!pk_json_is(v, PK_J_ARRAY)) {
		complain(p, v->off, "paths must be a list");
		return;
	}
	for (const struct pk_jvalue *k = v->kids; k; k = k->next)
		take_scope(p, &t->scopes[t->scope_count++], k);
}

TAKE(all_rules)
{
	take_rules(p, &((struct pk_terms *)to)->scopes[0], v);
}

TAKE(fail_on)
{
	const int at = take_word(p, v, "the threshold", nth_threshold);

	if (at >= 0)
		((struct pk_terms *)to)->fail_on = at + 1;
}

TAKE(extends)
{
	const int at = take_word(p, v, "the policy", nth_policy);

	if (at >= 0)
		((struct pk_terms *)to)->base = nth_policy((size_t)at);
}

TAKE(version)
{
	(void)to;
	if (!pk_json_is(v, PK_J_NUMBER) || !pk_span_eq(v->text, PK_LIT("1")))
		complain(p, v->off, "the only version there is, is 1");
}

/* ---- exceptions ---- */

TAKE(exception_rule)
{
	struct pk_exception *e = to;

	e->rule = take_text(p, v);
	if (e->rule)
		(void)names_one(p, v->text, v->off, "the rule", nth_rule);
}

TAKE(exception_import)
{
	((struct pk_exception *)to)->import = take_text(p, v);
}

TAKE(exception_path)
{
	((struct pk_exception *)to)->path = take_text(p, v);
}

TAKE(sha256)
{
	struct pk_exception *e = to;
	struct pk_span hex = v->text; /* digits alone are a number */

	if (pk_span_starts(hex, PK_LIT("sha256:"))) {
		hex.p += 7;
		hex.len -= 7;
	}
	e->bound = pk_hex_get(hex, e->sha256, PK_SHA256_LEN);
	if (!e->bound)
		complain(p, v->off, "sha256 must be 64 hex digits");
}

/* These stand in reports. */
TAKE(reason)
{
	if (take_text(p, v))
		((struct pk_exception *)to)->reason = show(p, v->text);
}

TAKE(owner)
{
	if (take_text(p, v))
		((struct pk_exception *)to)->owner = show(p, v->text);
}

TAKE(expires)
{
	struct pk_exception *e = to;

	e->until = show(p, v->text);
	if (!pk_day_of(v->text, &e->last_day)) {
		complain(p, v->off, "expires must be a date: 2027-01-31");
		e->last_day = INT64_MIN;
	}
}

static void take_exception(struct parse *p, struct pk_exception *e,
			   const struct pk_jvalue *v)
{
	static const struct member members[] = {
		{ "rule", take_exception_rule },
		{ "import", take_exception_import },
		{ "path", take_exception_path },
		{ "sha256", take_sha256 },
		{ "reason", take_reason },
		{ "owner", take_owner },
		{ "expires", take_expires },
		{ 0 },
	};

	e->line = line_of(p, v->off);
	take_members(p, e, v, members, "an exception");
	if (!e->rule && !e->import)
		complain(p, v->off, "an exception names a rule or an import");
	if (!e->path && !e->bound)
		complain(p, v->off,
			 "an exception names the file, by its "
			 "sha256 or its path");
	if (!e->reason || !e->owner || !e->until)
		complain(p, v->off,
			 "an exception has a reason, an owner and "
			 "a day on which it expires");
}

TAKE(exceptions)
{
	struct pk_terms *t = to;

	if (!pk_json_is(v, PK_J_ARRAY)) {
		complain(p, v->off, "exceptions must be a list");
		return;
	}
	t->exceptions =
		pk_arena_alloc(&t->arena, v->count + 1, sizeof(*t->exceptions));
	if (!t->exceptions) {
		p->no_memory = true;
		return;
	}
	for (const struct pk_jvalue *k = v->kids; k; k = k->next)
		take_exception(p, &t->exceptions[t->exception_count++], k);
}

/* ---- the whole ---- */

static const struct member top[] = {
	{ "version", take_version },
	{ "extends", take_extends },
	{ "fail_on", take_fail_on },
	{ "rules", take_all_rules },
	{ "imports", take_imports },
	{ "formats", take_formats },
	{ "paths", take_paths },
	{ "exceptions", take_exceptions },
	{ 0 },
};

/* Scope 0 is for every file; then those of "paths". */
static bool make_scopes(struct pk_terms *t, const struct pk_jvalue *doc)
{
	const struct pk_jvalue *paths = pk_json_get(doc, "paths");

	t->scopes = pk_arena_alloc(&t->arena, 1 + (paths ? paths->count : 0),
				   sizeof(*t->scopes));
	if (!t->scopes)
		return false;
	t->scopes[0].fail_on = -1;
	t->scope_count = 1;
	return true;
}

static void read_document(struct parse *p, const struct pk_jvalue *doc)
{
	if (doc->next)
		complain(p, doc->next->off, "more than one document");
	if (!pk_json_get(doc, "version"))
		complain(p, doc->off, "a policy begins with version: 1");
	if (make_scopes(p->t, doc))
		take_members(p, p->t, doc, top, "a policy");
	else
		p->no_memory = true;
}

enum pk_status pk_terms_read(struct pk_terms *t, struct pk_span yaml,
			     int64_t today, struct pk_complaints *why)
{
	struct parse p = { .t = t, .text = yaml, .why = why };
	struct pk_cursor c = pk_cursor_over(yaml, 0);
	const struct pk_jvalue *doc;

	*t = (struct pk_terms){ .meter = { .ceiling = 256 << 20 },
				.base = "standard",
				.fail_on = -1,
				.today = today };
	t->arena = PK_ARENA(&t->meter);
	why->count = 0;
	doc = pk_yaml_parse(&c, &t->arena);
	if (!pk_cursor_ok(&c))
		complain(&p, c.fault_off, "not YAML from here on");
	else if (!pk_json_is(doc, PK_J_OBJECT))
		complain(&p, 0, "a policy is keys with values");
	else
		read_document(&p, doc);
	if (p.no_memory)
		return PK_ERR_NOMEM;
	return why->count ? PK_ERR_USAGE : PK_OK;
}
