/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/result.h"

#include "engine/fingerprint.h"
#include "source/bound.h"

const char *pk_action_name(enum pk_action a)
{
	static const char *const names[] = {
		[PK_ACTION_PASS] = "pass",
		[PK_ACTION_SKIP] = "skip",
		[PK_ACTION_WARN] = "warn",
		[PK_ACTION_BLOCK] = "block",
	};

	return names[a];
}

const char pk_why_source[] = "where it comes from breaks the policy";

/* Of a stored result the text is another copy. */
bool pk_result_blocked_for_source(const struct pk_result *r)
{
	return r->action == PK_ACTION_BLOCK && r->action_why &&
	       strcmp(r->action_why, pk_why_source) == 0;
}

enum pk_status pk_result_init(struct pk_result *r, const char *path,
			      const struct pk_limits *limits)
{
	*r = (struct pk_result){ .path = "" };
	pk_job_init(&r->job, limits);
	path = pk_arena_printf(&r->job.arena, "%s", path);
	if (!path)
		return PK_ERR_NOMEM;
	r->path = path;
	return PK_OK;
}

void pk_result_release(struct pk_result *r)
{
	pk_job_release(&r->job);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What only the analysis needed goes; results often wait for their turn. */
static void drop_scratch(struct pk_job *job)
{
	if (job->scratch)
		job->scratch_free(job->scratch);
	job->scratch = NULL;
}

static void say(struct pk_job *job, enum pk_rule rule, const char *what)
{
	struct pk_scan s = { .job = job };

	pk_partial(&s);
	pk_report(&s, rule, 0, "%s", what);
}

static bool has_time(void *ctx)
{
	return !pk_job_over_time(ctx);
}

static void take_digest(struct pk_job *job, struct pk_source *bound)
{
	job->has_sha256 = pk_bound_sha256(bound, has_time, job, job->sha256);
	if (!pk_bound_steady(bound))
		say(job, PK_RULE_FILE_CHANGED,
		    "what was scanned is not what the file holds: it was "
		    "written to meanwhile");
	else if (!job->has_sha256)
		say(job, PK_RULE_BUDGET_TIME, "there was no time for a digest");
}

static void scan_and_digest(struct pk_result *r, struct pk_source *bytes)
{
	struct pk_source *bound = pk_bound_new(bytes);

	if (!bound) {
		say(&r->job, PK_RULE_BUDGET_MEMORY,
		    "there was no memory for a digest");
		return;
	}
	pk_scan_file(&r->job, bound, base_name(r->path));
	take_digest(&r->job, bound);
	pk_source_free(bound);
}

enum pk_status pk_result_scan(struct pk_result *r, struct pk_source *bytes)
{
	r->job.bytes = bytes;
	if (r->job.wants_sha256)
		scan_and_digest(r, bytes);
	else
		pk_scan_file(&r->job, bytes, base_name(r->path));
	if (pk_source_changed(bytes))
		say(&r->job, PK_RULE_FILE_CHANGED,
		    "its size or its times changed while it was read");
	r->job.bytes = NULL;
	drop_scratch(&r->job);
	r->opened = true;
	pk_result_conclude(r);
	return pk_fingerprint(&r->job);
}

enum pk_status pk_result_note(struct pk_result *r, enum pk_rule rule,
			      const char *message, bool partial)
{
	struct pk_scan s = { .job = &r->job };
	const uint64_t before = r->job.finding_count;

	r->job.partial |= partial;
	pk_report(&s, rule, 0, "%s", message);
	if (r->job.finding_count == before)
		return PK_ERR_NOMEM;
	pk_result_conclude(r);
	return pk_fingerprint(&r->job);
}

enum pk_status pk_result_note_on(struct pk_result *r, enum pk_rule rule,
				 const char *evidence, const char *message)
{
	struct pk_scan s = { .job = &r->job, .arena = PK_ARENA(&r->job.meter) };
	const struct pk_report report = {
		.rule = rule,
		.severity = pk_rules[rule].severity,
		.evidence = pk_show(&s,
				    (struct pk_span){ (const uint8_t *)evidence,
						      strlen(evidence) },
				    SIZE_MAX),
	};
	const uint64_t before = r->job.finding_count;

	pk_report_full(&s, &report, "%s %s", report.evidence, message);
	pk_arena_release(&s.arena);
	if (r->job.finding_count == before)
		return PK_ERR_NOMEM;
	pk_result_conclude(r);
	return pk_fingerprint(&r->job);
}

/* One pass into a list per severity keeps the order within each. */
static void sort_findings(struct pk_job *job)
{
	struct pk_finding *lists[PK_CRITICAL + 1] = { 0 };
	struct pk_finding **tails[PK_CRITICAL + 1];
	struct pk_finding **at = &job->findings;

	for (int i = 0; i <= PK_CRITICAL; i++)
		tails[i] = &lists[i];
	for (struct pk_finding *f = job->findings; f; f = f->next) {
		*tails[f->severity] = f;
		tails[f->severity] = &f->next;
	}
	for (int i = PK_CRITICAL; i >= 0; i--) {
		*tails[i] = NULL;
		*at = lists[i];
		if (lists[i])
			at = tails[i];
	}
	job->findings_tail = at;
}

void pk_result_conclude(struct pk_result *r)
{
	sort_findings(&r->job);
	if (r->job.findings)
		r->job.worst = (int)r->job.findings->severity;
	r->verdict = pk_verdict(&r->job);
}
