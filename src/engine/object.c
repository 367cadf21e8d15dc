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

/* Programs by what they lie in: an archive that also holds a model, and a
 * model's own archive, of which its loader takes what it finds. */
static const struct {
	enum pk_rule rule;
	enum pk_severity beside, within;
} programs[] = {
	{ PK_RULE_PROGRAM_IN_MODEL, PK_HIGH, PK_CRITICAL },
	{ PK_RULE_PROGRAM_BYTECODE, PK_LOW, PK_HIGH },
	{ PK_RULE_PROGRAM_BYTECODE_REACHES, PK_HIGH, PK_CRITICAL },
};

static void settle_program(struct pk_job *job, struct pk_finding *f,
			   bool within)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		const enum pk_severity now =
			within ? programs[i].within : programs[i].beside;

		/* What is kept beside its source runs with it, or not at all;
		 * a model's author may have made the two differ. */
		if (f->rule != programs[i].rule || f->severity >= now ||
		    (f->severity == PK_INFO && !within))
			continue;
		f->severity = now;
		if ((int)now > job->worst)
			job->worst = (int)now;
	}
}

/* What programs mean is known when all of their archive was seen: by the
 * findings made since then, in an object of that format. */
static void settle_programs(const struct pk_scan *s,
			    const struct pk_format *own,
			    struct pk_finding **since)
{
	const bool within =
		own && own->risk != PK_RISK_WRAPPER && !own->no_model;

	if (!within &&
	    (s->parent || !own || (!s->promises_model && !holds_model(s->job))))
		return;
	for (struct pk_finding *f = *since; f; f = f->next)
		settle_program(s->job, f, within);
}

static const struct pk_format *scan_object(struct pk_scan *s)
{
	struct pk_finding **since = s->job->findings_tail;
	const struct pk_format *own;

	pk_promise(s);
	own = pk_detect_and_scan(s);
	settle_programs(s, own, since);
	return own;
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
	job->primary = scan_object(&s);
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
		best = scan_object(&child);
	}
	finish(&child);
	pk_source_free(bytes);
	return best;
}
