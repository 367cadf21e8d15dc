/* SPDX-License-Identifier: Apache-2.0 */
/* An object under scan: how one begins, nests and ends. */
#include <inttypes.h>

#include "core/utf8.h"
#include "engine/detect.h"
#include "engine/map.h"

static void finish(struct pk_scan *s)
{
	pk_cover_release(&s->cover);
	pk_arena_release(&s->arena);
}

static bool holds_model(const struct pk_job *job)
{
	for (unsigned i = 0; i < job->format_count; i++) {
		if (job->formats[i]->risk != PK_RISK_WRAPPER &&
		    !job->formats[i]->no_model)
			return true;
	}
	return false;
}

/* What a program in an archive means is known when all of it was seen: a
 * model's loader takes what lies in the model's own archive. */
static void settle_programs(struct pk_job *job)
{
	const struct pk_format *own = job->primary;
	enum pk_severity severity = PK_HIGH;

	if (!own || !holds_model(job))
		return;
	if (own->risk != PK_RISK_WRAPPER && !own->no_model)
		severity = PK_CRITICAL;
	for (struct pk_finding *f = job->findings; f; f = f->next) {
		if (f->rule != PK_RULE_PROGRAM_IN_MODEL ||
		    f->severity >= severity)
			continue;
		f->severity = severity;
		if ((int)severity > job->worst)
			job->worst = (int)severity;
	}
}

static void over(struct pk_scan *s, enum pk_rule rule, uint64_t limit,
		 const char *what)
{
	pk_partial(s);
	pk_report(s, rule, 0, "more than %" PRIu64 " %s", limit, what);
}

/* Budgets that were met where nothing could be said of it. */
static void say_what_was_lost(struct pk_scan *s)
{
	const struct pk_job *job = s->job;
	const struct pk_limits *l = &job->limits;

	if (job->meter.exceeded)
		over(s, PK_RULE_BUDGET_MEMORY, l->memory,
		     "bytes of memory were needed");
	if (job->findings_lost)
		over(s, PK_RULE_BUDGET_FINDINGS, l->findings,
		     "findings; the rest is only counted");
	if (job->imports_lost)
		over(s, PK_RULE_BUDGET_IMPORTS, l->imports,
		     "different imports; the rest is not listed");
}

void pk_scan_file(struct pk_job *job, struct pk_source *bytes, const char *name)
{
	struct pk_scan s = { .job = job,
			     .bytes = bytes,
			     .arena = PK_ARENA(&job->meter),
			     .name = name };

	job->size = bytes->size;
	pk_promise(&s);
	job->primary = pk_detect_and_scan(&s);
	settle_programs(job);
	say_what_was_lost(&s);
	job->explained = pk_cover_total(&s.cover);
	pk_keep_gaps(&s);
	finish(&s);
}

static const char *join(const struct pk_scan *parent, struct pk_scan *child)
{
	return parent->member ? pk_arena_printf(&child->arena, "%s!%s",
						parent->member, child->name)
			      : child->name;
}

const char *pk_member(struct pk_scan *s)
{
	if (s->member && !s->kept)
		s->kept = pk_arena_printf(&s->job->arena, "%s", s->member);
	return s->kept;
}

struct pk_shared {
	struct pk_shared *next;
	const void *key;
	void *value;
};

void **pk_shared(struct pk_scan *s, const void *key)
{
	struct pk_shared *slot = s->shared;

	while (slot && slot->key != key)
		slot = slot->next;
	if (slot)
		return &slot->value;
	slot = PK_NEW(&s->arena, struct pk_shared);
	if (!slot)
		return NULL;
	*slot = (struct pk_shared){ .next = s->shared, .key = key };
	s->shared = slot;
	return &slot->value;
}

/* Whether the budgets let one more object in. */
static bool admit(struct pk_scan *s, const char *name, enum pk_member kind)
{
	struct pk_job *job = s->job;

	if (s->depth + 1 > job->limits.depth) {
		pk_partial(s);
		pk_report(s, PK_RULE_BUDGET_DEPTH, 0,
			  "%s lies more than %llu containers deep", name,
			  (unsigned long long)job->limits.depth);
		return false;
	}
	if (kind < PK_MEMBER_GAP && ++job->members > job->limits.members) {
		pk_partial(s);
		pk_report(s, PK_RULE_BUDGET_MEMBERS, 0,
			  "more than %llu members; the rest was not read",
			  (unsigned long long)job->limits.members);
		return false;
	}
	return !pk_out_of_budget(s);
}

const struct pk_format *pk_descend(struct pk_scan *s, struct pk_span name,
				   struct pk_source *bytes, enum pk_member kind)
{
	enum { SHOWN_MAX = 512 };
	const struct pk_format *best = NULL;
	struct pk_scan child = { .job = s->job,
				 .bytes = bytes,
				 .arena = PK_ARENA(&s->job->meter),
				 .parent = s,
				 .depth = s->depth + 1,
				 .quiet = kind != PK_MEMBER_ANY,
				 .gap = kind >= PK_MEMBER_GAP,
				 .begun = kind == PK_MEMBER_BEGUN };

	if (!bytes) {
		pk_partial(s);
		return NULL;
	}
	child.name = pk_show(&child, name, SHOWN_MAX);
	if (admit(s, child.name, kind)) {
		child.member = join(s, &child);
		pk_promise(&child);
		best = pk_detect_and_scan(&child);
	}
	finish(&child);
	pk_source_free(bytes);
	return best;
}
