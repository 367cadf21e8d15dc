/* SPDX-License-Identifier: Apache-2.0 */
/* The report for a person: what is wrong, why, what to do; the rest short. */
#include <inttypes.h>

#include "core/utf8.h"
#include "engine/format.h"
#include "engine/loader.h"
#include "report/paint.h"

enum {
	LABEL = 13,      /* column where what is said begins */
	SAID_MAX = 6,    /* findings of one rule shown of one file */
	NAMES_MAX = 8,   /* imports of one class shown of one file */
	QUIET_LINES = 24 /* more files without findings are only counted */
};

/* A path as one line of text that names exactly one file. */
static const char *shown_path(struct pk_buf *b, const char *path)
{
	pk_utf8_escape(b,
		       (struct pk_span){ (const uint8_t *)path, strlen(path) },
		       SIZE_MAX);
	return pk_buf_str(b);
}

static void label(struct pk_output *o, enum pk_paint how, const char *text)
{
	pk_buf_puts(&o->out, "  ");
	pk_paint_cell(o, how, text, LABEL - 2);
}

static void indent(struct pk_output *o)
{
	pk_buf_printf(&o->out, "%*s", LABEL, "");
}

/* "malicious   models/a.pt" */
static void put_name(struct pk_output *o, const struct pk_result *r)
{
	struct pk_buf path = { 0 };

	pk_paint_cell(o, pk_paint_of_verdict(r->verdict),
		      pk_verdict_name(r->verdict), LABEL);
	pk_paint(o,
		 r->action == PK_ACTION_BLOCK || r->action == PK_ACTION_WARN
			 ? PK_BOLD
			 : PK_PLAIN,
		 shown_path(&path, r->path));
	pk_buf_release(&path);
}

/* "1.2 KiB fetched of " what it is in all */
static void put_arrival(struct pk_buf *b, const struct pk_arrival *a)
{
	pk_put_size(b, a->received);
	pk_buf_puts(b, " fetched of ");
}

/* "pytorch-zip, 120.5 KiB, read in part" */
static void put_facts(struct pk_output *o, const struct pk_result *r)
{
	struct pk_buf b = { 0 };

	if (r->verdict == PK_SKIPPED && r->job.reason)
		pk_buf_printf(&b, "%s, ", r->job.reason);
	else if (r->job.primary)
		pk_buf_printf(&b, "%s, ", r->job.primary->name);
	if (r->origin)
		put_arrival(&b, &r->arrival);
	pk_put_size(&b, r->job.size);
	if (r->origin)
		pk_buf_puts(&b, r->arrival.proven ? ", digest proven" : "");
	if (r->job.partial)
		pk_buf_puts(&b, ", read in part");
	if (r->job.has_sha256) {
		pk_buf_puts(&b, ", sha256 ");
		pk_hex_put(&b,
			   (struct pk_span){ r->job.sha256, PK_SHA256_LEN });
	}
	pk_paint(o, PK_DIM, pk_buf_str(&b));
	pk_buf_release(&b);
}

static void put_quiet_line(struct pk_output *o, const struct pk_result *r)
{
	put_name(o, r);
	pk_buf_puts(&o->out, "  ");
	put_facts(o, r);
	pk_buf_putc(&o->out, '\n');
}

/* Kept for the end, so that what is blocked is read first. */
static void keep_quiet_line(struct pk_output *o, const struct pk_result *r)
{
	const size_t before = o->out.len;

	if (++o->later_lines > QUIET_LINES || o->style.quiet)
		return;
	put_quiet_line(o, r);
	if (!pk_buf_ok(&o->out))
		return;
	pk_buf_put(&o->later, o->out.p + before, o->out.len - before);
	o->out.len = before;
}

static void put_action(struct pk_output *o, const struct pk_result *r)
{
	indent(o);
	if (r->action == PK_ACTION_BLOCK)
		pk_paint(o, PK_BOLD, "blocked");
	else
		pk_paint(o, PK_PLAIN,
			 r->action == PK_ACTION_WARN ? "not blocked"
						     : "passes");
	pk_buf_puts(&o->out, ", ");
	put_facts(o, r);
	pk_buf_putc(&o->out, '\n');
	if (r->action != PK_ACTION_BLOCK || r->job.worst >= PK_HIGH ||
	    !r->action_why)
		return;
	indent(o);
	pk_paint_wrapped(o, PK_PLAIN, LABEL, r->action_why);
}

static bool shown(const struct pk_output *o, const struct pk_finding *f)
{
	return o->style.severities & (1U << f->severity);
}

static bool same_kind(const struct pk_finding *a, const struct pk_finding *b)
{
	return a->rule == b->rule && a->severity == b->severity;
}

/* " [data.pkl, byte 35]" */
static void put_place(struct pk_buf *b, const struct pk_finding *f)
{
	if (!f->member && !f->off && !f->len)
		return;
	pk_buf_puts(b, " [");
	if (f->member)
		pk_buf_printf(b, "%s, ", f->member);
	pk_buf_printf(b, "byte %" PRIu64, f->off);
	if (f->len > 1)
		pk_buf_printf(b, " to %" PRIu64, f->off + (f->len - 1));
	pk_buf_putc(b, ']');
}

static void put_said(struct pk_output *o, const struct pk_finding *f)
{
	struct pk_buf b = { 0 };

	pk_buf_puts(&b, f->message);
	put_place(&b, f);
	indent(o);
	pk_paint_wrapped(o, PK_PLAIN, LABEL + 2, pk_buf_str(&b));
	pk_buf_release(&b);
	if (f->evidence && !strstr(f->message, f->evidence)) {
		indent(o);
		pk_buf_puts(&o->out, "  ");
		pk_paint_wrapped(o, PK_CYAN, LABEL + 2, f->evidence);
	}
	if (f->accepted) {
		indent(o);
		pk_buf_puts(&o->out, "  ");
		pk_paint_wrapped(o, PK_DIM, LABEL + 2, f->accepted);
	}
}

/* All findings of the first one's rule and severity, under one title. */
static void put_group(struct pk_output *o, const struct pk_finding *first)
{
	uint64_t n = 0;

	label(o, pk_paint_of_severity(first->severity),
	      pk_severity_name(first->severity));
	pk_paint(o, PK_BOLD, pk_rules[first->rule].title);
	pk_buf_puts(&o->out, "  ");
	pk_paint(o, PK_DIM, pk_rules[first->rule].id);
	pk_buf_putc(&o->out, '\n');
	for (const struct pk_finding *f = first; f; f = f->next) {
		if (!same_kind(f, first))
			continue;
		if (++n <= SAID_MAX || o->style.verbose)
			put_said(o, f);
	}
	if (n <= SAID_MAX || o->style.verbose)
		return;
	indent(o);
	pk_buf_printf(&o->out, "and %" PRIu64 " more like this\n",
		      n - SAID_MAX);
}

/* Findings of one severity stand together, so only those before can match;
 * rules are few, so looking back stays short. */
static bool is_first_of_kind(const struct pk_job *job,
			     const struct pk_finding *f)
{
	const struct pk_finding *g = job->findings;

	while (g != f && !same_kind(g, f))
		g = g->next;
	return g == f;
}

static void put_findings(struct pk_output *o, const struct pk_job *job)
{
	for (const struct pk_finding *f = job->findings; f; f = f->next) {
		if (shown(o, f) && is_first_of_kind(job, f))
			put_group(o, f);
	}
	if (!job->findings_dropped)
		return;
	indent(o);
	pk_buf_printf(&o->out, "and %" PRIu64 " findings more\n",
		      job->findings_dropped);
}

static void put_import(struct pk_buf *b, const struct pk_import *im)
{
	enum { SHOWN_MAX = 100 };

	if (b->len)
		pk_buf_puts(b, ", ");
	pk_utf8_escape(b, im->module, SHOWN_MAX);
	pk_buf_putc(b, '.');
	pk_utf8_escape(b, im->name, SHOWN_MAX);
	if (im->called)
		pk_buf_puts(b, "()");
}

static uint64_t list_imports(struct pk_buf *b, const struct pk_job *job,
			     enum pk_import_class class, uint64_t max)
{
	uint64_t n = 0;

	for (const struct pk_import *im = job->imports; im; im = im->next) {
		if (im->class == class && ++n <= max)
			put_import(b, im);
	}
	if (n > max)
		pk_buf_printf(b, "%s%" PRIu64 "%s", b->len ? ", " : "", n - max,
			      b->len   ? " more"
			      : n == 1 ? " name"
				       : " names");
	return n;
}

/* "  imports    dangerous  posix.system()" */
static void put_row(struct pk_output *o, const char *head, enum pk_paint how,
		    const char *name, const char *text)
{
	label(o, PK_DIM, head);
	pk_paint_cell(o, how, name, LABEL - 2);
	pk_paint_wrapped(o, PK_PLAIN, 2 * LABEL - 2, text);
}

/* Those that mean something by name, the harmless ones by number. */
static void put_imports(struct pk_output *o, const struct pk_job *job)
{
	const char *head = "imports";

	for (int c = PK_IMPORT_DANGEROUS; c >= 0; c--) {
		const bool dull = c == PK_IMPORT_SAFE || c == PK_IMPORT_LIBRARY;
		const uint64_t max = o->style.verbose ? UINT64_MAX
				     : dull           ? 0
						      : NAMES_MAX;
		struct pk_buf b = { 0 };

		if (list_imports(&b, job, (enum pk_import_class)c, max)) {
			put_row(o, head,
				c == PK_IMPORT_DANGEROUS ? PK_RED : PK_PLAIN,
				pk_import_class_name((enum pk_import_class)c),
				pk_buf_str(&b));
			head = "";
		}
		pk_buf_release(&b);
	}
}

/* One line for each outcome, the worst first, with who comes to it. */
static void put_loaders(struct pk_output *o, const struct pk_job *job)
{
	struct pk_loading v[PK_LOADINGS_MAX];
	const size_t n = pk_loadings(job, v);
	const char *head = "loading";

	for (int c = PK_RUNS_CODE; c >= PK_LOADS_DATA; c--) {
		struct pk_buf b = { 0 };

		for (size_t i = 0; i < n; i++) {
			if ((int)v[i].outcome == c)
				pk_buf_printf(&b, "%s%s", b.len ? "; " : "",
					      v[i].loader);
		}
		if (b.len) {
			put_row(o, head, c == PK_RUNS_CODE ? PK_RED : PK_PLAIN,
				pk_outcome_name((enum pk_outcome)c),
				pk_buf_str(&b));
			head = "";
		}
		pk_buf_release(&b);
	}
}

/* What to do about the worst; of the rest `picket rules` tells. */
static void put_fix(struct pk_output *o, const struct pk_job *job)
{
	const struct pk_finding *f = job->findings;

	if (!f || f->severity < PK_MEDIUM)
		return;
	label(o, PK_DIM, "what to do");
	pk_paint_wrapped(o, PK_PLAIN, LABEL, pk_rules[f->rule].fix);
}

static void put_block(struct pk_output *o, const struct pk_result *r)
{
	put_name(o, r);
	pk_buf_putc(&o->out, '\n');
	put_action(o, r);
	put_findings(o, &r->job);
	put_imports(o, &r->job);
	put_loaders(o, &r->job);
	put_fix(o, &r->job);
	pk_buf_putc(&o->out, '\n');
}

static void text_begin(struct pk_output *o)
{
	(void)o;
}

static void text_file(struct pk_output *o, const struct pk_result *r)
{
	const bool matters =
		r->action == PK_ACTION_BLOCK || r->action == PK_ACTION_WARN;

	const bool told = matters || o->style.verbose || r->job.has_sha256;

	if (!told)
		keep_quiet_line(o, r);
	else if (o->style.quiet || !(matters || r->job.findings))
		put_quiet_line(o, r);
	else
		put_block(o, r);
}

static void put_later(struct pk_output *o)
{
	if (o->later_lines == 0 || o->later_lines > QUIET_LINES ||
	    o->style.quiet)
		return;
	pk_buf_put(&o->out, o->later.p, o->later.len);
	pk_buf_putc(&o->out, '\n');
}

static void put_errors(struct pk_output *o, const struct pk_summary *s)
{
	for (const struct pk_path_error *e = s->error_list; e; e = e->next) {
		struct pk_buf b = { 0 };

		pk_paint_cell(o, PK_YELLOW, "no verdict", LABEL);
		pk_paint(o, PK_BOLD, shown_path(&b, e->path));
		pk_buf_puts(&o->out, "  ");
		pk_paint(o, PK_PLAIN, e->message);
		pk_buf_putc(&o->out, '\n');
		pk_buf_release(&b);
	}
	if (s->error_list)
		pk_buf_putc(&o->out, '\n');
}

static void put_verdicts(struct pk_output *o, const struct pk_summary *s)
{
	const char *comma = "";

	for (int v = PK_VERDICTS - 1; v > PK_SKIPPED; v--) {
		struct pk_buf b = { 0 };

		if (!s->verdicts[v])
			continue;
		pk_buf_printf(&b, "%" PRIu64 " %s", s->verdicts[v],
			      pk_verdict_name((enum pk_verdict)v));
		pk_buf_puts(&o->out, comma);
		pk_paint(o, pk_paint_of_verdict((enum pk_verdict)v),
			 pk_buf_str(&b));
		pk_buf_release(&b);
		comma = ", ";
	}
	if (!*comma)
		pk_buf_puts(&o->out, "no models");
	pk_buf_printf(&o->out, "; policy %s blocks ", o->policy);
	if (o->advisory)
		pk_buf_puts(&o->out, "nothing");
	else
		pk_put_count(&o->out, s->blocked, "file");
	if (s->blocked_for_source)
		pk_buf_printf(&o->out, ", %" PRIu64 " only for where %s from",
			      s->blocked_for_source,
			      s->blocked_for_source == 1 ? "it comes"
							 : "they come");
	pk_buf_putc(&o->out, '\n');
}

static void put_reasons(struct pk_output *o, const struct pk_summary *s)
{
	const char *before = " (";
	bool any = false;

	for (size_t i = 0; i < PK_REASONS_MAX && s->reasons[i].files; i++) {
		pk_buf_printf(&o->out, "%s%" PRIu64 " ", before,
			      s->reasons[i].files);
		pk_paint(o, PK_PLAIN, s->reasons[i].why);
		before = "; ";
		any = true;
	}
	if (any)
		pk_buf_putc(&o->out, ')');
}

/* The last line: nothing that was left unread goes unsaid. */
static void put_last_line(struct pk_output *o, const struct pk_summary *s)
{
	struct pk_buf *b = &o->out;

	pk_put_count(b, s->files, "file");
	pk_buf_printf(b,
		      " seen: %" PRIu64 " read whole, %" PRIu64
		      " read in part, %" PRIu64 " skipped",
		      s->read_whole, s->partial, s->verdicts[PK_SKIPPED]);
	put_reasons(o, s);
	if (s->unopened)
		pk_buf_printf(b, ", %" PRIu64 " not opened", s->unopened);
	if (s->excluded)
		pk_buf_printf(b, ", %" PRIu64 " excluded", s->excluded);
	if (s->errors)
		pk_buf_printf(b, ", %" PRIu64 " without a verdict", s->errors);
	pk_buf_puts(b, "; ");
	if (s->fetched) {
		pk_put_size(b, s->fetched);
		pk_buf_puts(b, " fetched of ");
	}
	pk_put_size(b, s->bytes);
	if (o->style.timestamps)
		pk_buf_printf(b, " in %.2f s", (double)s->duration_ms / 1000);
	if (o->advisory)
		pk_buf_printf(b, "; policy %s blocks nothing", o->policy);
	pk_buf_putc(b, '\n');
}

static void text_finish(struct pk_output *o, const struct pk_summary *s)
{
	put_later(o);
	put_errors(o, s);
	put_verdicts(o, s);
	put_last_line(o, s);
}

const struct pk_reporter pk_reporter_text = {
	.name = "text",
	.title = "for a person to read",
	.begin = text_begin,
	.file = text_file,
	.finish = text_finish,
};
