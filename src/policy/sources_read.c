/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/sources_read.h"

#include <ctype.h>

enum { COMMIT_LEN = 40 };

static const char *take_lower(struct pk_form *f, const struct pk_jvalue *v)
{
	const char *text = pk_form_text(f, v);
	char *copy = text ? pk_arena_printf(f->arena, "%s", text) : NULL;

	f->no_memory |= text && !copy;
	for (char *c = copy; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

/* Hosts have no case. */
PK_TAKE(host)
{
	((struct pk_source_entry *)to)->host = take_lower(f, v);
}

PK_TAKE(owner)
{
	((struct pk_source_entry *)to)->owner = pk_form_text(f, v);
}

PK_TAKE(repository)
{
	((struct pk_source_entry *)to)->repository = pk_form_text(f, v);
}

PK_TAKE(denied_owner)
{
	((struct pk_source_entry *)to)->owner = take_lower(f, v);
}

PK_TAKE(denied_repository)
{
	((struct pk_source_entry *)to)->repository = take_lower(f, v);
}

static bool is_commit(struct pk_span s)
{
	size_t n = 0;

	while (n < s.len && isxdigit(s.p[n]))
		n++;
	return n == s.len && n == COMMIT_LEN;
}

/* By text, since digits alone are a number. */
PK_TAKE(revision)
{
	struct pk_globs *g = &((struct pk_source_entry *)to)->commits;

	if (!pk_form_list(f, v))
		return;
	g->v = pk_form_alloc(f, v->count + 1, sizeof(*g->v));
	for (const struct pk_jvalue *k = g->v ? v->kids : NULL; k;
	     k = k->next) {
		char *text = pk_arena_copy(f->arena, k->text);

		f->no_memory |= !text;
		if (!is_commit(k->text))
			pk_form_complain(
				f, k->off,
				"a revision is a commit, 40 hex digits: "
				"branches and tags move");
		for (char *c = text; c && *c; c++)
			*c = (char)tolower((unsigned char)*c);
		if (text)
			g->v[g->n++] = text;
	}
	if (g->v && !g->n)
		pk_form_complain(f, v->off,
				 "no revision matches an empty list");
}

PK_TAKE(entry_formats)
{
	struct pk_globs *g = &((struct pk_source_entry *)to)->formats;

	pk_globs_take_formats(f, g, v);
	if (g->v && !g->n)
		pk_form_complain(f, v->off, "no format matches an empty list");
}

static bool is_literal(const char *text)
{
	return !strpbrk(text, "*?[");
}

/* Of an owner and a repository of another one nothing comes. */
static void check_entry(struct pk_form *f, const struct pk_source_entry *e,
			const struct pk_jvalue *v)
{
	const char *slash = e->repository ? strchr(e->repository, '/') : NULL;
	size_t n;

	if (!e->host && !e->owner && !e->repository && !e->commits.n)
		pk_form_complain(
			f, v->off,
			"an entry of sources names a host, an owner, a "
			"repository or a revision");
	if (e->repository && !slash && e->owner)
		pk_form_complain(
			f, v->off,
			"a repository of an owner is owner/name: %s/%s",
			e->owner, e->repository);
	if (!slash || !e->owner || !is_literal(e->owner))
		return;
	n = (size_t)(slash - e->repository);
	if (memchr(e->repository, '*', n) || memchr(e->repository, '?', n) ||
	    memchr(e->repository, '[', n))
		return;
	if (strlen(e->owner) != n || memcmp(e->owner, e->repository, n) != 0)
		pk_form_complain(f, v->off, "%s is no repository of %s",
				 e->repository, e->owner);
}

static void take_entries(struct pk_form *f, struct pk_source_list *list,
			 const struct pk_jvalue *v,
			 const struct pk_form_member *members)
{
	list->given = true;
	if (!pk_form_list(f, v))
		return;
	list->v = pk_form_alloc(f, v->count + 1, sizeof(*list->v));
	for (const struct pk_jvalue *k = list->v ? v->kids : NULL; k;
	     k = k->next) {
		struct pk_source_entry *e = &list->v[list->n++];

		pk_form_members(f, e, k, members, "an entry of sources");
		if (pk_json_is(k, PK_J_OBJECT))
			check_entry(f, e, k);
	}
}

PK_TAKE(allow)
{
	static const struct pk_form_member members[] = {
		{ "host", take_host },
		{ "owner", take_owner },
		{ "repository", take_repository },
		{ "revision", take_revision },
		{ "formats", take_entry_formats },
		{ 0 },
	};

	take_entries(f, &((struct pk_sources *)to)->allowed, v, members);
}

PK_TAKE(deny)
{
	static const struct pk_form_member members[] = {
		{ "host", take_host },
		{ "owner", take_denied_owner },
		{ "repository", take_denied_repository },
		{ "revision", take_revision },
		{ 0 },
	};

	take_entries(f, &((struct pk_sources *)to)->denied, v, members);
}

static void take_bool(struct pk_form *f, bool *to, const struct pk_jvalue *v)
{
	if (!pk_json_is(v, PK_J_BOOL))
		pk_form_complain(f, v->off, "%s must be true or false",
				 pk_form_show(f, v->key));
	*to = pk_json_true(v);
}

PK_TAKE(require_commit)
{
	bool yes = false;

	take_bool(f, &yes, v);
	((struct pk_sources *)to)->require_commit = yes ? PK_YES : PK_NO;
}

PK_TAKE(require_verified)
{
	take_bool(f, &((struct pk_sources *)to)->require_verified, v);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcasecmp(a, b) == 0 : a == b;
}

static bool same_commits(const struct pk_globs *a, const struct pk_globs *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	}
	return a->n == b->n;
}

static bool same_entry(const struct pk_source_entry *a,
		       const struct pk_source_entry *b)
{
	return same_text(a->host, b->host) && same_text(a->owner, b->owner) &&
	       same_text(a->repository, b->repository) &&
	       same_commits(&a->commits, &b->commits);
}

static void check_lists(struct pk_form *f, const struct pk_sources *s,
			const struct pk_jvalue *v)
{
	for (size_t i = 0; i < s->allowed.n; i++) {
		for (size_t k = 0; k < s->denied.n; k++) {
			if (same_entry(&s->allowed.v[i], &s->denied.v[k]))
				pk_form_complain(
					f, v->key_off,
					"the same source is both allowed "
					"and denied");
		}
	}
}

void pk_sources_take(struct pk_form *f, struct pk_sources *s,
		     const struct pk_jvalue *v)
{
	static const struct pk_form_member members[] = {
		{ "require_commit", take_require_commit },
		{ "require_verified", take_require_verified },
		{ "allow", take_allow },
		{ "deny", take_deny },
		{ 0 },
	};

	pk_form_members(f, s, v, members, "sources");
	check_lists(f, s, v);
}

void pk_sources_check(struct pk_form *f, const struct pk_sources *s,
		      const struct pk_globs *denied_formats, uint64_t at)
{
	for (size_t i = 0; i < s->allowed.n; i++)
		pk_globs_contradict(f, &s->allowed.v[i].formats, denied_formats,
				    at);
}
