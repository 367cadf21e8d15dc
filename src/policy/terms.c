/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/terms.h"

#include "engine/format.h"
#include "source/filter.h"

enum { SOON_DAYS = 14 };

void pk_terms_release(struct pk_terms *t)
{
	pk_arena_release(&t->arena);
}

/* A glob without a slash is about the name, with one about the path. */
static bool matches_path(const char *glob, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!strchr(glob, '/'))
		return pk_glob(glob, slash ? slash + 1 : path);
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	return pk_glob(glob, path);
}

static bool is_about(const struct pk_scope *s, const char *path)
{
	return !s->path || matches_path(s->path, path);
}

int pk_terms_fail_on(const struct pk_terms *t, const char *path, int dflt)
{
	for (size_t i = 0; i < t->scope_count; i++) {
		if (t->scopes[i].fail_on >= 0 && is_about(&t->scopes[i], path))
			dflt = t->scopes[i].fail_on;
	}
	return dflt;
}

static void override(const struct pk_scope *s, struct pk_finding *f)
{
	for (size_t i = 0; i < s->count; i++) {
		if (pk_glob(s->rules[i].rule, pk_rules[f->rule].id))
			f->severity = s->rules[i].severity;
	}
}

/* Rules whose evidence begins with the import that they are about. */
static bool is_about_an_import(enum pk_rule rule)
{
	static const enum pk_rule rules[] = {
		PK_RULE_PICKLE_UNKNOWN_IMPORT,   PK_RULE_PICKLE_UNKNOWN_CALL,
		PK_RULE_PICKLE_OUTSIDE_IMPORT,   PK_RULE_PICKLE_OUTSIDE_CALL,
		PK_RULE_PICKLE_DANGEROUS_IMPORT, PK_RULE_PICKLE_DANGEROUS_CALL,
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i] == rule)
			return true;
	}
	return false;
}

/* The import that a finding is about, or NULL. */
static const char *import_of(struct pk_result *r, const struct pk_finding *f)
{
	size_t n;

	if (!f->evidence || !is_about_an_import(f->rule))
		return NULL;
	n = strcspn(f->evidence, "(");
	return pk_arena_copy(
		&r->job.arena,
		(struct pk_span){ (const uint8_t *)f->evidence, n });
}

static void apply_severities(const struct pk_terms *t, struct pk_result *r)
{
	for (struct pk_finding *f = r->job.findings; f; f = f->next) {
		const char *import =
			t->allowed_imports.n ? import_of(r, f) : NULL;

		for (size_t i = 0; i < t->scope_count; i++) {
			if (is_about(&t->scopes[i], r->path))
				override(&t->scopes[i], f);
		}
		if (import && pk_globs_match(&t->allowed_imports, import))
			f->severity = PK_INFO;
	}
}

static const char *import_name(struct pk_result *r, struct pk_span module,
			       struct pk_span name)
{
	const char *m = pk_arena_copy(&r->job.arena, module);
	const char *n = pk_arena_copy(&r->job.arena, name);

	return m && n ? pk_arena_printf(&r->job.arena, "%s.%s", m, n) : NULL;
}

static bool is_denied(const struct pk_terms *t, struct pk_result *r,
		      const struct pk_import *im, const char **ret_name)
{
	*ret_name = import_name(r, im->module, im->name);
	if (*ret_name && pk_globs_match(&t->denied_imports, *ret_name))
		return true;
	if (!im->py3_module.len && !im->py3_name.len)
		return false;
	*ret_name = import_name(r, im->py3_module, im->py3_name);
	return *ret_name && pk_globs_match(&t->denied_imports, *ret_name);
}

static enum pk_status deny_imports(const struct pk_terms *t,
				   struct pk_result *r)
{
	enum pk_status s = PK_OK;
	const char *name;

	for (const struct pk_import *im = t->denied_imports.n ? r->job.imports
							      : NULL;
	     im && s == PK_OK; im = im->next) {
		if (is_denied(t, r, im, &name))
			s = pk_result_note_on(
				r, PK_RULE_POLICY_DENIED_IMPORT, name,
				"is imported, which the policy denies");
	}
	return s;
}

static enum pk_status deny_formats(const struct pk_terms *t,
				   struct pk_result *r)
{
	enum pk_status s = PK_OK;

	for (unsigned i = 0; i < r->job.format_count && s == PK_OK; i++) {
		const char *name = r->job.formats[i]->name;

		if (pk_globs_match(&t->denied_formats, name) ||
		    (t->allowed_formats.n &&
		     !pk_globs_match(&t->allowed_formats, name)))
			s = pk_result_note_on(
				r, PK_RULE_POLICY_DENIED_FORMAT, name,
				"is a format that the policy does not admit");
	}
	return s;
}

static bool is_excepted(const struct pk_exception *e, struct pk_result *r,
			const struct pk_finding *f)
{
	const char *import;

	if (e->path && !matches_path(e->path, r->path))
		return false;
	if (e->bound && (!r->job.has_sha256 ||
			 memcmp(e->sha256, r->job.sha256, PK_SHA256_LEN) != 0))
		return false;
	if (e->rule && !pk_glob(e->rule, pk_rules[f->rule].id))
		return false;
	import = e->import ? import_of(r, f) : NULL;
	return !e->import || (import && pk_glob(e->import, import));
}

static void apply_exceptions(const struct pk_terms *t, struct pk_result *r)
{
	for (size_t i = 0; i < t->exception_count; i++) {
		struct pk_exception *e = &t->exceptions[i];

		if (e->last_day < t->today)
			continue;
		for (struct pk_finding *f = r->job.findings; f; f = f->next) {
			if (f->accepted || !is_excepted(e, r, f))
				continue;
			f->accepted = pk_arena_printf(
				&r->job.arena, "excepted until %s by %s: %s",
				e->until, e->owner, e->reason);
			atomic_store(&e->used, true);
		}
	}
}

enum pk_status pk_terms_apply(const struct pk_terms *t, struct pk_result *r)
{
	enum pk_status s = pk_sources_judge_file(&t->sources, r);

	apply_severities(t, r);
	if (s == PK_OK)
		s = deny_imports(t, r);
	if (s == PK_OK)
		s = deny_formats(t, r);
	apply_exceptions(t, r);
	pk_result_conclude(r);
	return s;
}

bool pk_terms_notice(const struct pk_terms *t, size_t i, struct pk_buf *to)
{
	const struct pk_exception *e = &t->exceptions[i];
	const char *what = e->rule ? e->rule : e->import;

	if (e->last_day < t->today)
		pk_buf_printf(to,
			      "line %llu: the exception for %s expired on %s "
			      "(%s)",
			      (unsigned long long)e->line, what, e->until,
			      e->owner);
	else if (!atomic_load(&e->used))
		pk_buf_printf(to,
			      "line %llu: the exception for %s matches "
			      "nothing (%s)",
			      (unsigned long long)e->line, what, e->owner);
	else if (e->last_day - t->today <= SOON_DAYS)
		pk_buf_printf(to,
			      "line %llu: the exception for %s expires on %s "
			      "(%s)",
			      (unsigned long long)e->line, what, e->until,
			      e->owner);
	else
		return false;
	return true;
}
