/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/sources.h"

#include <ctype.h>

#include "engine/fingerprint.h"
#include "engine/format.h"
#include "engine/note.h"
#include "source/filter.h"

enum { SHOWN = 200 };

/* What a source is matched by; what it does not have is NULL. */
struct place {
	const char *host;
	const char *owner;
	const char *repository;
	const char *commit;
	bool early; /* the commit is not known yet */
};

/* One result being judged. */
struct judging {
	const struct pk_sources *s;
	struct pk_result *r;
	struct pk_scan scan; /* to report with */
	uint64_t before;
};

static struct judging begin(const struct pk_sources *s, struct pk_result *r)
{
	return (struct judging){
		.s = s,
		.r = r,
		.scan = { .job = &r->job, .arena = PK_ARENA(&r->job.meter) },
		.before = r->job.finding_count,
	};
}

static enum pk_status end(struct judging *j)
{
	pk_arena_release(&j->scan.arena);
	if (j->r->job.finding_count == j->before)
		return PK_OK;
	pk_result_conclude(j->r);
	return pk_fingerprint(&j->r->job);
}

static const char *show(struct judging *j, const char *text)
{
	if (!text)
		return "?";
	return pk_show(&j->scan,
		       (struct pk_span){ (const uint8_t *)text, strlen(text) },
		       SHOWN);
}

static struct pk_report about(enum pk_rule rule, enum pk_severity severity,
			      const char *evidence)
{
	return (struct pk_report){ .rule = rule,
				   .severity = severity,
				   .evidence = evidence };
}

/* With the severity that the rule has by itself. */
static struct pk_report by_rule(enum pk_rule rule, const char *evidence)
{
	return about(rule, pk_rules[rule].severity, evidence);
}

/* ---- matching ---- */

static bool fits(const char *glob, const char *text)
{
	return !glob || (text && pk_glob(glob, text));
}

static bool matches(const struct pk_source_entry *e, const struct place *at)
{
	return fits(e->host, at->host) && fits(e->owner, at->owner) &&
	       fits(e->repository, at->repository) &&
	       (!e->commits.n ||
		(at->commit ? pk_globs_match(&e->commits, at->commit)
			    : at->early));
}

static bool is_in(const struct pk_source_list *list, const struct place *at)
{
	for (size_t i = 0; i < list->n; i++) {
		if (matches(&list->v[i], at))
			return true;
	}
	return false;
}

static const char *lower(struct judging *j, const char *text)
{
	char *copy = text ? pk_arena_printf(&j->scan.arena, "%s", text) : NULL;

	if (text && !copy)
		pk_partial(&j->scan);
	for (char *c = copy; c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

/* Registries do not tell names apart by case alone, so what is denied does
 * not become another thing by a capital. */
static bool is_denied(struct judging *j, const struct place *at)
{
	const struct place folded = {
		lower(j, at->host),
		lower(j, at->owner),
		lower(j, at->repository),
		at->commit,
		false,
	};

	return j->s->denied.n && is_in(&j->s->denied, &folded);
}

static bool is_approved(const struct pk_sources *s, const struct place *at)
{
	return !s->allowed.given || is_in(&s->allowed, at);
}

/* "org/name" has an owner, "name" has none. */
static const char *owner_of(struct judging *j, const char *repository)
{
	const char *slash = strchr(repository, '/');
	const char *owner =
		slash ? pk_arena_copy(&j->scan.arena,
				      (struct pk_span){
					      (const uint8_t *)repository,
					      (size_t)(slash - repository) })
		      : NULL;

	if (slash && !owner)
		pk_partial(&j->scan);
	return owner;
}

static struct place asked_for(const struct pk_origin *o)
{
	return (struct place){ o->host, o->owner, o->repository, o->commit,
			       !o->listed };
}

/* What a renamed repository hands out is its present owner's. */
static struct place answering(struct judging *j, const struct pk_origin *o)
{
	struct place at = asked_for(o);

	if (o->renamed_to) {
		at.repository = o->renamed_to;
		at.owner = owner_of(j, o->renamed_to);
	}
	return at;
}

/* ---- the source itself ---- */

static void judge_name(struct judging *j, const struct pk_origin *o)
{
	const struct place asked = asked_for(o), now = answering(j, o);
	const char *uri = show(j, o->uri);
	struct pk_report r;

	if (o->renamed_to) {
		r = by_rule(PK_RULE_SOURCE_RENAMED, uri);
		pk_report_full(&j->scan, &r, "%s answers as %s", uri,
			       show(j, o->renamed_to));
	}
	if (j->s && (is_denied(j, &asked) || is_denied(j, &now))) {
		r = by_rule(PK_RULE_SOURCE_DENIED, uri);
		pk_report_full(&j->scan, &r,
			       "%s is a source that the policy denies", uri);
	} else if (j->s && !is_approved(j->s, &now)) {
		r = by_rule(PK_RULE_SOURCE_NOT_APPROVED, uri);
		pk_report_full(&j->scan, &r,
			       "%s is no source that the policy approves",
			       o->renamed_to ? show(j, o->renamed_to) : uri);
	}
}

/* Where there are no commits at all, only who asks for one misses it. */
static void judge_pin(struct judging *j, const struct pk_origin *o)
{
	const enum pk_known wanted = j->s ? j->s->require_commit : PK_NOT_KNOWN;
	const char *uri = show(j, o->uri);
	const struct pk_report r = about(
		PK_RULE_SOURCE_UNPINNED,
		wanted == PK_YES ? PK_HIGH
				 : pk_rules[PK_RULE_SOURCE_UNPINNED].severity,
		uri);

	if (o->pinned || wanted == PK_NO)
		return;
	if (o->commit)
		pk_report_full(&j->scan, &r,
			       "%s names no commit; it is %s now, and can be "
			       "another tomorrow",
			       uri, show(j, o->commit));
	else if (o->repository || wanted == PK_YES)
		pk_report_full(&j->scan, &r,
			       "%s names no commit, so that what it holds can "
			       "change",
			       uri);
}

static void judge_publisher(struct judging *j, const struct pk_origin *o)
{
	const char *uri = show(j, o->uri);
	const struct pk_report r =
		by_rule(PK_RULE_SOURCE_UNVERIFIED_PUBLISHER, uri);

	if (!j->s || !j->s->require_verified || o->verified == PK_YES)
		return;
	pk_report_full(&j->scan, &r,
		       o->verified == PK_NO
			       ? "%s does not vouch for the publisher of %s"
			       : "it is not known whether %s vouches for the "
				 "publisher of %s",
		       show(j, o->host), uri);
}

enum pk_status pk_sources_judge(const struct pk_sources *s,
				const struct pk_origin *o, struct pk_result *r)
{
	struct judging j = begin(s, r);

	judge_name(&j, o);
	judge_pin(&j, o);
	if (o->listed)
		judge_publisher(&j, o);
	return end(&j);
}

/* ---- files ---- */

/* What several entries admit together may be. */
static bool is_admitted(const struct pk_sources *s, const struct place *from,
			const char *format)
{
	bool any = false;

	for (size_t i = 0; i < s->allowed.n; i++) {
		const struct pk_source_entry *e = &s->allowed.v[i];

		if (!matches(e, from))
			continue;
		any = true;
		if (!e->formats.n || pk_globs_match(&e->formats, format))
			return true;
	}
	return !any; /* of a source that is not approved enough is said */
}

static void judge_formats(struct judging *j)
{
	const struct place from = answering(j, j->r->origin);
	const struct pk_job *job = &j->r->job;

	for (unsigned i = 0; i < job->format_count; i++) {
		const char *name = job->formats[i]->name;
		const struct pk_report r =
			by_rule(PK_RULE_SOURCE_FORMAT_NOT_APPROVED, name);

		if (!is_admitted(j->s, &from, name))
			pk_report_full(&j->scan, &r,
				       "%s is a format that the policy does "
				       "not admit from this source",
				       name);
	}
}

/* ---- what files make their loaders fetch ---- */

/* In lower case; NULL when it is not plain which host that is. */
static const char *host_of(struct judging *j, struct pk_span url)
{
	const uint8_t *p = memmem(url.p, url.len, "://", 3);
	const uint8_t *const end = url.p + url.len;
	const uint8_t *host;
	size_t n = 0;

	if (!p)
		return NULL;
	host = p + 3;
	for (p = host; p < end && !(*p && strchr("/?#", *p)); p++) {
		if (*p == '\\' || *p <= ' ')
			return NULL; /* readers part it in different places */
		if (*p == '@')       /* before it stands a user */
			host = p + 1;
	}
	while (host + n < p &&
	       (isalnum(host[n]) || (host[n] && strchr(".-_", host[n]))))
		n++;
	if (host + n < p && host[n] != ':')
		return NULL;
	while (n && host[n - 1] == '.')
		n--;
	return n ? lower(j, pk_show(&j->scan, (struct pk_span){ host, n }, n))
		 : NULL;
}

static bool is_commit(struct pk_span s)
{
	enum { COMMIT_LEN = 40 };
	size_t n = 0;

	while (n < s.len && isxdigit(s.p[n]))
		n++;
	return n == s.len && n == COMMIT_LEN;
}

/* Names are looked up where the file itself comes from, otherwise where
 * loaders look by default. */
static struct place named_by(struct judging *j, const struct pk_ref *ref)
{
	const struct pk_origin *o = j->r->origin;
	struct place at = { 0 };

	if (ref->kind == PK_REF_URL) {
		at.host = host_of(j, ref->path);
		return at;
	}
	at.host = o && o->repository ? o->host : "huggingface.co";
	at.repository = pk_show(&j->scan, ref->path, SIZE_MAX);
	at.owner = owner_of(j, at.repository);
	if (is_commit(ref->revision))
		at.commit =
			lower(j, pk_show(&j->scan, ref->revision, SIZE_MAX));
	return at;
}

/* A repository often calls itself by its whole name. */
static bool is_own(const struct judging *j, const struct place *at)
{
	const struct pk_origin *o = j->r->origin;

	if (!o || !o->repository || !at->repository)
		return false;
	return strcmp(o->repository, at->repository) == 0 ||
	       (o->renamed_to && strcmp(o->renamed_to, at->repository) == 0);
}

static const char *show_ref(struct judging *j, const struct pk_ref *ref)
{
	const char *path = pk_show(&j->scan, ref->path, SHOWN);
	const char *at = pk_show(&j->scan, ref->revision, SHOWN);
	const char *both =
		ref->revision.len
			? pk_arena_printf(&j->scan.arena, "%s@%s", path, at)
			: NULL;

	return both ? both : path;
}

static void judge_ref(struct judging *j, const struct pk_ref *ref)
{
	const struct place at = named_by(j, ref);
	const char *name = show_ref(j, ref);
	struct pk_report r = by_rule(PK_RULE_SOURCE_INDIRECT, name);

	r.off = ref->member ? 0 : ref->at;
	if (is_own(j, &at))
		return;
	if (is_denied(j, &at)) {
		r = by_rule(PK_RULE_SOURCE_DENIED, name);
		pk_report_full(&j->scan, &r,
			       "its loader fetches from %s (%s), which the "
			       "policy denies",
			       name, pk_ref_kind_name(ref->kind));
	} else if (!is_approved(j->s, &at)) {
		if (ref->kind == PK_REF_REPOSITORY)
			r.severity = PK_HIGH; /* it is run */
		pk_report_full(&j->scan, &r,
			       "its loader fetches from %s (%s), which the "
			       "policy does not approve",
			       name, pk_ref_kind_name(ref->kind));
	} else if (ref->kind == PK_REF_BASE && !at.commit &&
		   j->s->require_commit == PK_YES) {
		r.rule = PK_RULE_SOURCE_INDIRECT_UNPINNED;
		r.severity = pk_rules[r.rule].severity;
		pk_report_full(&j->scan, &r,
			       "its loader fetches %s, and the file names no "
			       "commit",
			       name);
	}
}

/* Nothing is said of them unless the policy speaks of sources. */
static void judge_refs(struct judging *j)
{
	const struct pk_sources *s = j->s;

	if (!s->allowed.given && !s->denied.n && s->require_commit != PK_YES)
		return;
	for (const struct pk_ref *ref = j->r->job.refs; ref; ref = ref->next) {
		if (pk_ref_is_elsewhere(ref->kind))
			judge_ref(j, ref);
	}
}

enum pk_status pk_sources_judge_file(const struct pk_sources *s,
				     struct pk_result *r)
{
	struct judging j = begin(s, r);

	if (r->origin)
		judge_formats(&j);
	judge_refs(&j);
	return end(&j);
}
