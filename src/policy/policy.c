/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

#include "engine/format.h"

static const struct pk_policy builtin[] = {
	{ "strict", PK_MEDIUM, .errors = true, .code_formats = true },
	{ "standard", PK_HIGH, .errors = true },
	{ "warn", PK_NEVER, .advisory = true },
};

const struct pk_policy *pk_policy_at(size_t n)
{
	return n < sizeof(builtin) / sizeof(builtin[0]) ? &builtin[n] : NULL;
}

const struct pk_policy *pk_policy_builtin(const char *name)
{
	const struct pk_policy *p;

	for (size_t i = 0; (p = pk_policy_at(i)); i++) {
		if (strcmp(p->name, name) == 0)
			return p;
	}
	return NULL;
}

void pk_policy_fail_on(struct pk_policy *p, int severity)
{
	p->fail_on = severity;
	p->forced = true;
	p->errors = severity != PK_NEVER;
	p->code_formats &= severity != PK_NEVER;
	p->advisory &= severity == PK_NEVER;
}

int pk_threshold_by_name(const char *name)
{
	for (int i = PK_LOW; i <= PK_NEVER; i++) {
		if (strcmp(pk_threshold_name(i), name) == 0)
			return i;
	}
	return -1;
}

const char *pk_threshold_name(int severity)
{
	return severity == PK_NEVER
		       ? "never"
		       : pk_severity_name((enum pk_severity)severity);
}

static bool has_code_format(const struct pk_job *job)
{
	for (unsigned i = 0; i < job->format_count; i++) {
		if (job->formats[i]->risk == PK_RISK_CODE)
			return true;
	}
	return false;
}

/* The worst findings that count, or -1. */
struct worst {
	int any;
	int content; /* of what the file holds */
	int source;  /* of where it comes from */
	bool accepted;
};

/* That something could not be fetched or read whole violates nothing. */
static bool is_of_source(enum pk_rule rule)
{
	return (pk_rule_is_of(rule, "source") || pk_rule_is_of(rule, "lock") ||
		pk_rule_is_of(rule, "drift")) &&
	       rule != PK_RULE_SOURCE_UNREACHABLE &&
	       rule != PK_RULE_SOURCE_CHANGED &&
	       rule != PK_RULE_LOCK_FILE_UNREAD;
}

static void raise(int *worst, enum pk_severity to)
{
	if ((int)to > *worst)
		*worst = (int)to;
}

static struct worst worst_of(const struct pk_result *r)
{
	struct worst w = { .any = -1, .content = -1, .source = -1 };

	for (const struct pk_finding *f = r->job.findings; f; f = f->next) {
		w.accepted |= f->accepted != NULL;
		if (f->accepted)
			continue;
		raise(&w.any, f->severity);
		raise(is_of_source(f->rule) ? &w.source : &w.content,
		      f->severity);
	}
	if (!w.accepted)
		w.any = r->job.worst;
	if (!r->job.findings || r->job.findings_lost)
		w.content = w.any;
	return w;
}

static bool blocks_content(const struct pk_policy *p, const struct pk_result *r,
			   int worst, int fail_on)
{
	return r->verdict != PK_ERROR &&
	       (worst >= fail_on ||
		(p->code_formats && has_code_format(&r->job)));
}

/* Static texts: a decision must not depend on memory that a file used up. */
static const char *why_blocked(const struct pk_policy *p,
			       const struct pk_result *r)
{
	const int fail_on =
		p->terms && !p->forced
			? pk_terms_fail_on(p->terms, r->path, p->fail_on)
			: p->fail_on;
	const struct worst worst = worst_of(r);

	if (worst.source >= fail_on &&
	    !blocks_content(p, r, worst.content, fail_on))
		return pk_why_source;
	if (worst.any >= fail_on)
		return "a finding reaches the policy's threshold";
	if (p->errors && r->verdict == PK_ERROR &&
	    (!worst.accepted || worst.any > PK_INFO))
		return "it could not be analysed to its end";
	if (p->code_formats && has_code_format(&r->job))
		return "the policy admits no format that can carry code";
	return NULL;
}

enum pk_status pk_policy_judge_origin(const struct pk_policy *p,
				      const struct pk_origin *o,
				      struct pk_result *r)
{
	return pk_sources_judge(p->terms ? &p->terms->sources : NULL, o, r);
}

static bool apply_terms(const struct pk_policy *p, struct pk_result *r)
{
	if (p->terms && pk_terms_apply(p->terms, r) != PK_OK)
		return false;
	if (p->baseline)
		pk_baseline_apply(p->baseline, r);
	return true;
}

void pk_policy_apply(const struct pk_policy *p, struct pk_result *r)
{
	if (apply_terms(p, r))
		r->action_why = why_blocked(p, r);
	else
		r->action_why = "out of memory while the policy was applied";
	if (r->action_why)
		r->action = PK_ACTION_BLOCK;
	else if (r->verdict == PK_SKIPPED)
		r->action = PK_ACTION_SKIP;
	else if (r->verdict == PK_CLEAN)
		r->action = PK_ACTION_PASS;
	else
		r->action = PK_ACTION_WARN;
}
