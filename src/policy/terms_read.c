/* SPDX-License-Identifier: Apache-2.0 */
/* A policy file, read; docs/policy.md tells what may be in it. */
#include "codec/form.h"
#include "core/digest.h"
#include "policy/day.h"
#include "policy/policy.h"
#include "policy/sources_read.h"
#include "policy/terms.h"

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

PK_TAKE(allowed_imports)
{
	pk_globs_take(f, &((struct pk_terms *)to)->allowed_imports, v);
}

PK_TAKE(denied_imports)
{
	pk_globs_take(f, &((struct pk_terms *)to)->denied_imports, v);
}

PK_TAKE(allowed_formats)
{
	pk_globs_take_formats(f, &((struct pk_terms *)to)->allowed_formats, v);
}

PK_TAKE(denied_formats)
{
	pk_globs_take_formats(f, &((struct pk_terms *)to)->denied_formats, v);
}

PK_TAKE(imports)
{
	static const struct pk_form_member members[] = {
		{ "allow", take_allowed_imports },
		{ "deny", take_denied_imports },
		{ 0 },
	};
	const struct pk_terms *t = to;

	pk_form_members(f, to, v, members, "imports");
	pk_globs_contradict(f, &t->allowed_imports, &t->denied_imports,
			    v->key_off);
}

PK_TAKE(formats)
{
	static const struct pk_form_member members[] = {
		{ "allow", take_allowed_formats },
		{ "deny", take_denied_formats },
		{ 0 },
	};
	const struct pk_terms *t = to;

	pk_form_members(f, to, v, members, "formats");
	pk_globs_contradict(f, &t->allowed_formats, &t->denied_formats,
			    v->key_off);
}

PK_TAKE(sources)
{
	pk_sources_take(f, &((struct pk_terms *)to)->sources, v);
}

/* ---- severities ---- */

PK_TAKE(rules)
{
	struct pk_scope *s = to;

	if (!pk_json_is(v, PK_J_OBJECT)) {
		pk_form_complain(f, v->off, "rules must be rule: severity");
		return;
	}
	s->rules = pk_form_alloc(f, v->count + 1, sizeof(*s->rules));
	if (!s->rules)
		return;
	for (const struct pk_jvalue *k = v->kids; k; k = k->next) {
		const int severity =
			pk_form_word(f, k, "the severity", nth_severity);

		if (k->repeated)
			pk_form_complain(f, k->key_off, "%s stands here twice",
					 pk_form_show(f, k->key));
		if (pk_glob_exists(f, k->key, k->key_off, "the rule",
				   nth_rule) &&
		    severity >= 0)
			s->rules[s->count++] = (struct pk_override){
				pk_form_copy(f, k->key),
				(enum pk_severity)severity
			};
	}
}

PK_TAKE(scope_fail_on)
{
	const int at = pk_form_word(f, v, "the threshold", nth_threshold);

	if (at >= 0)
		((struct pk_scope *)to)->fail_on = at + 1;
}

PK_TAKE(match)
{
	((struct pk_scope *)to)->path = pk_form_text(f, v);
}

static void take_scope(struct pk_form *f, struct pk_scope *s,
		       const struct pk_jvalue *v)
{
	static const struct pk_form_member members[] = {
		{ "match", take_match },
		{ "fail_on", take_scope_fail_on },
		{ "rules", take_rules },
		{ 0 },
	};

	s->fail_on = -1;
	pk_form_members(f, s, v, members, "an entry of paths");
	if (!s->path)
		pk_form_complain(f, v->off, "an entry of paths lacks match");
}

PK_TAKE(paths)
{
	struct pk_terms *t = to;

	if (!pk_form_list(f, v))
		return;
	for (const struct pk_jvalue *k = v->kids; k; k = k->next)
		take_scope(f, &t->scopes[t->scope_count++], k);
}

PK_TAKE(all_rules)
{
	take_rules(f, &((struct pk_terms *)to)->scopes[0], v);
}

PK_TAKE(fail_on)
{
	const int at = pk_form_word(f, v, "the threshold", nth_threshold);

	if (at >= 0)
		((struct pk_terms *)to)->fail_on = at + 1;
}

PK_TAKE(extends)
{
	const int at = pk_form_word(f, v, "the policy", nth_policy);

	if (at >= 0)
		((struct pk_terms *)to)->base = nth_policy((size_t)at);
}

/* ---- exceptions ---- */

PK_TAKE(exception_rule)
{
	struct pk_exception *e = to;

	e->rule = pk_form_text(f, v);
	if (e->rule)
		(void)pk_glob_exists(f, v->text, v->off, "the rule", nth_rule);
}

PK_TAKE(exception_import)
{
	((struct pk_exception *)to)->import = pk_form_text(f, v);
}

PK_TAKE(exception_path)
{
	((struct pk_exception *)to)->path = pk_form_text(f, v);
}

PK_TAKE(sha256)
{
	struct pk_exception *e = to;
	struct pk_span hex = v->text; /* digits alone are a number */

	if (pk_span_starts(hex, PK_LIT("sha256:"))) {
		hex.p += 7;
		hex.len -= 7;
	}
	e->bound = pk_hex_get(hex, e->sha256, PK_SHA256_LEN);
	if (!e->bound)
		pk_form_complain(f, v->off, "sha256 must be 64 hex digits");
}

/* These stand in reports. */
PK_TAKE(reason)
{
	if (pk_form_text(f, v))
		((struct pk_exception *)to)->reason = pk_form_show(f, v->text);
}

PK_TAKE(owner)
{
	if (pk_form_text(f, v))
		((struct pk_exception *)to)->owner = pk_form_show(f, v->text);
}

PK_TAKE(expires)
{
	struct pk_exception *e = to;

	e->until = pk_form_show(f, v->text);
	if (!pk_day_of(v->text, &e->last_day)) {
		pk_form_complain(f, v->off,
				 "expires must be a date: 2027-01-31");
		e->last_day = INT64_MIN;
	}
}

static void take_exception(struct pk_form *f, struct pk_exception *e,
			   const struct pk_jvalue *v)
{
	static const struct pk_form_member members[] = {
		{ "rule", take_exception_rule },
		{ "import", take_exception_import },
		{ "path", take_exception_path },
		{ "sha256", take_sha256 },
		{ "reason", take_reason },
		{ "owner", take_owner },
		{ "expires", take_expires },
		{ 0 },
	};

	e->line = pk_form_line(f, v->off);
	pk_form_members(f, e, v, members, "an exception");
	if (!e->rule && !e->import)
		pk_form_complain(f, v->off,
				 "an exception names a rule or an import");
	if (!e->path && !e->bound)
		pk_form_complain(f, v->off,
				 "an exception names the file, by its "
				 "sha256 or its path");
	if (!e->reason || !e->owner || !e->until)
		pk_form_complain(f, v->off,
				 "an exception has a reason, an owner and "
				 "a day on which it expires");
}

PK_TAKE(exceptions)
{
	struct pk_terms *t = to;

	if (!pk_form_list(f, v))
		return;
	t->exceptions = pk_form_alloc(f, v->count + 1, sizeof(*t->exceptions));
	if (!t->exceptions)
		return;
	for (const struct pk_jvalue *k = v->kids; k; k = k->next)
		take_exception(f, &t->exceptions[t->exception_count++], k);
}

/* ---- the whole ---- */

static const struct pk_form_member top[] = {
	{ "version", pk_form_version },    { "extends", take_extends },
	{ "fail_on", take_fail_on },       { "rules", take_all_rules },
	{ "imports", take_imports },       { "formats", take_formats },
	{ "sources", take_sources },       { "paths", take_paths },
	{ "exceptions", take_exceptions }, { 0 },
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

static void read_document(struct pk_form *f, struct pk_terms *t,
			  const struct pk_jvalue *doc)
{
	if (!pk_json_get(doc, "version"))
		pk_form_complain(f, doc->off,
				 "a policy begins with version: 1");
	if (!make_scopes(t, doc)) {
		f->no_memory = true;
		return;
	}
	pk_form_members(f, t, doc, top, "a policy");
	if (pk_json_get(doc, "sources"))
		pk_sources_check(f, &t->sources, &t->denied_formats,
				 pk_json_get(doc, "sources")->key_off);
}

enum pk_status pk_terms_read(struct pk_terms *t, struct pk_span yaml,
			     int64_t today, struct pk_complaints *why)
{
	struct pk_form f = { .arena = &t->arena, .text = yaml, .why = why };
	const struct pk_jvalue *doc;

	*t = (struct pk_terms){ .meter = { .ceiling = 256 << 20 },
				.base = "standard",
				.fail_on = -1,
				.today = today };
	t->arena = PK_ARENA(&t->meter);
	why->count = 0;
	doc = pk_form_document(&f, "a policy");
	if (doc)
		read_document(&f, t, doc);
	if (f.no_memory)
		return PK_ERR_NOMEM;
	return why->count ? PK_ERR_USAGE : PK_OK;
}
