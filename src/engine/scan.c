/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/scan.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/utf8.h"
#include "engine/detect.h"

enum { MESSAGE_MAX = 1024 };

void pk_partial(struct pk_scan *s)
{
	s->job->partial = true;
}

void pk_reject(struct pk_scan *s)
{
	s->rejected = true;
}

void pk_fact(struct pk_scan *s, enum pk_fact fact, uint64_t off)
{
	struct pk_moment *m = &s->job->moments[__builtin_ctz(fact)];

	s->job->facts |= fact;
	if (!m->known)
		*m = (struct pk_moment){ true, pk_member(s), off };
}

void pk_claim(struct pk_scan *s, uint64_t off, uint64_t len)
{
	uint64_t size = s->bytes->size;

	if (off > size)
		return;
	pk_cover_add(&s->cover, off, len < size - off ? off + len : size);
}

/* Readers that see the same bytes alike would say the same thing twice. */
static bool already_said(const struct pk_scan *s, const struct pk_report *r,
			 const char *message)
{
	const struct pk_finding *f = s->job->findings;

	for (; f; f = f->next) {
		if (f->rule == r->rule && f->off == r->off &&
		    f->member == s->kept && f->severity >= r->severity &&
		    strcmp(f->message, message) == 0)
			return true;
	}
	return false;
}

/* Past the limit only what is worse than all before is kept: a flood of
 * small findings must not wash out the one that matters. */
static bool has_room(struct pk_job *job, const struct pk_report *r)
{
	if (job->finding_count < job->limits.findings ||
	    (int)r->severity > job->worst ||
	    strncmp(pk_rules[r->rule].id, "budget.", 7) == 0)
		return true;
	job->findings_dropped++;
	job->findings_lost |= r->severity >= PK_MEDIUM;
	return false;
}

static void add_finding(struct pk_scan *s, const struct pk_report *r,
			const char *message)
{
	struct pk_job *job = s->job;
	struct pk_finding *f;

	(void)pk_member(s);
	if (!has_room(job, r) || already_said(s, r, message))
		return;
	f = PK_NEW(&job->arena, struct pk_finding);
	message = pk_arena_printf(&job->arena, "%s", message);
	if (!f || !message) {
		pk_partial(s);
		return;
	}
	*f = (struct pk_finding){ .rule = r->rule,
				  .severity = r->severity,
				  .message = message,
				  .member = s->kept,
				  .off = r->off,
				  .len = r->len };
	if (r->evidence)
		f->evidence = pk_arena_printf(&job->arena, "%s", r->evidence);
	if ((int)r->severity > job->worst)
		job->worst = (int)r->severity;
	job->finding_count++;
	*job->findings_tail = f;
	job->findings_tail = &f->next;
}

void pk_report(struct pk_scan *s, enum pk_rule rule, uint64_t off,
	       const char *fmt, ...)
{
	const struct pk_report r = { .rule = rule,
				     .severity = pk_rules[rule].severity,
				     .off = off };
	char message[MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	add_finding(s, &r, message);
}

void pk_report_full(struct pk_scan *s, const struct pk_report *r,
		    const char *fmt, ...)
{
	char message[MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	add_finding(s, r, message);
}

void pk_report_fault(struct pk_scan *s, enum pk_rule rule,
		     const struct pk_cursor *c, const char *what)
{
	static const char *const why[] = {
		[PK_FAULT_NONE] = "is fine",
		[PK_FAULT_TRUNCATED] = "ends early",
		[PK_FAULT_RANGE] = "claims more than the file holds",
		[PK_FAULT_VALUE] = "holds a value the format does not allow",
		[PK_FAULT_LIMIT] = "is longer than any reader needs",
		[PK_FAULT_IO] = "could not be read",
	};

	if (pk_cursor_ok(c))
		return;
	pk_partial(s);
	pk_report(s, rule, c->fault_off, "%s %s", what, why[c->fault]);
}

const char *pk_show(struct pk_scan *s, struct pk_span bytes, size_t max)
{
	struct pk_buf b = { 0 };
	const char *text;

	if (bytes.len <= max && pk_utf8_plain(bytes)) {
		text = pk_arena_copy(&s->arena, bytes);
		return text ? text : "?";
	}
	pk_utf8_escape(&b, bytes, max);
	text = pk_arena_printf(&s->arena, "%s", pk_buf_str(&b));
	pk_buf_release(&b);
	return text ? text : "?";
}

/* Whether all streams together made too much of the file: bombs nest, so
 * that no single stream is out of proportion. */
static bool is_bomb(const struct pk_job *job)
{
	const uint64_t fine = 4ULL << 30;

	return job->size && job->expanded > fine &&
	       job->expanded / job->limits.ratio > job->size;
}

bool pk_spend_expansion(struct pk_scan *s, uint64_t n)
{
	struct pk_job *job = s->job;
	uint64_t limit = job->limits.expansion;

	job->expanded += n;
	if (is_bomb(job) && job->size * job->limits.ratio < limit)
		limit = job->size * job->limits.ratio;
	if (job->expanded <= limit)
		return true;
	pk_partial(s);
	pk_report(s, PK_RULE_BUDGET_EXPANSION, 0,
		  "decompressed more than %llu bytes in all",
		  (unsigned long long)limit);
	return false;
}

bool pk_out_of_budget(struct pk_scan *s)
{
	if (s->job->meter.exceeded) {
		pk_partial(s);
		return true;
	}
	if (!pk_job_over_time(s->job))
		return false;
	pk_partial(s);
	pk_report(s, PK_RULE_BUDGET_TIME, 0,
		  "gave up after %llu seconds; what follows was not read",
		  (unsigned long long)s->job->limits.seconds);
	return true;
}
