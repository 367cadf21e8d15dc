/* SPDX-License-Identifier: Apache-2.0 */
/* One file in the page: folded to a line, with everything under it. */
#include <inttypes.h>

#include "core/utf8.h"
#include "engine/format.h"
#include "engine/loader.h"
#include "engine/note.h"
#include "report/html_parts.h"
#include "report/paint.h"

static struct pk_span span_of(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static void put_escaped(struct pk_buf *b, struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		switch (s.p[i]) {
		case '&':
			pk_buf_puts(b, "&amp;");
			break;
		case '<':
			pk_buf_puts(b, "&lt;");
			break;
		case '>':
			pk_buf_puts(b, "&gt;");
			break;
		case '"':
			pk_buf_puts(b, "&quot;");
			break;
		case '\'':
			pk_buf_puts(b, "&#39;");
			break;
		default:
			pk_buf_putc(b, (char)s.p[i]);
		}
	}
}

void pk_html_text(struct pk_buf *b, const char *text)
{
	struct pk_buf plain = { 0 };

	pk_utf8_defuse(&plain, span_of(text));
	put_escaped(b, pk_buf_span(&plain));
	b->failed |= plain.failed;
	pk_buf_release(&plain);
}

void pk_html_raw(struct pk_buf *b, struct pk_span bytes)
{
	struct pk_buf plain = { 0 };

	pk_utf8_escape(&plain, bytes, SIZE_MAX);
	put_escaped(b, pk_buf_span(&plain));
	b->failed |= plain.failed;
	pk_buf_release(&plain);
}

static void put_summary(struct pk_buf *b, const struct pk_result *r)
{
	const char *verdict = pk_verdict_name(r->verdict);

	pk_buf_printf(b,
		      "<summary><span class=\"badge c-%s\">%s</span> "
		      "<span class=\"path\">",
		      verdict, verdict);
	pk_html_raw(b, span_of(r->path));
	pk_buf_puts(b, "</span> <span class=\"dim\">");
	if (r->job.primary)
		pk_buf_printf(b, "%s, ", r->job.primary->name);
	pk_put_size(b, r->job.size);
	if (r->action == PK_ACTION_BLOCK)
		pk_buf_puts(b, ", blocked");
	if (r->job.partial)
		pk_buf_puts(b, ", read in part");
	pk_buf_puts(b, "</span></summary>\n");
}

static void put_formats(struct pk_buf *b, const struct pk_job *job)
{
	pk_buf_puts(b, "<dt>Format</dt><dd>");
	pk_html_text(b, job->primary ? job->primary->title : "none known");
	if (job->format_count > 1)
		pk_buf_puts(b, "; in it: ");
	for (unsigned i = 0; job->format_count > 1 && i < job->format_count;
	     i++)
		pk_buf_printf(b, "%s%s", i ? ", " : "", job->formats[i]->name);
	pk_buf_puts(b, "</dd>");
}

/* What the file says of itself. */
static void put_stated(struct pk_buf *b, const struct pk_job *job)
{
	const struct pk_value_note *v = pk_stated_next(job->values);

	if (!v)
		return;
	pk_buf_puts(b, "<dt>States</dt><dd><ul class=\"said\">");
	for (size_t n = 0; v && n < PK_STATED_MAX; n++) {
		pk_buf_puts(b, "<li><code>");
		pk_html_raw(b, v->key);
		pk_buf_puts(b, "</code> ");
		pk_html_raw(b, v->value);
		pk_buf_puts(b, "</li>");
		v = pk_stated_next(v->next);
	}
	pk_buf_puts(b, "</ul></dd>");
}

static void put_facts(struct pk_buf *b, const struct pk_result *r)
{
	const struct pk_job *job = &r->job;
	const char *why = r->action_why;

	if (!why && r->verdict == PK_SKIPPED)
		why = job->reason;
	pk_buf_printf(b, "<dl><dt>Action</dt><dd>%s",
		      pk_action_name(r->action));
	if (why) {
		pk_buf_puts(b, ": ");
		pk_html_text(b, why);
	}
	pk_buf_puts(b, "</dd>");
	put_formats(b, job);
	pk_buf_printf(b,
		      "<dt>Read</dt><dd>%s; %" PRIu64 " of %" PRIu64
		      " bytes explained</dd>",
		      job->partial ? "in part" : "whole", job->explained,
		      job->size);
	if (job->has_sha256) {
		pk_buf_puts(b, "<dt>SHA-256</dt><dd><code>");
		pk_hex_put(b, (struct pk_span){ job->sha256, PK_SHA256_LEN });
		pk_buf_puts(b, "</code></dd>");
	}
	put_stated(b, job);
	pk_buf_puts(b, "</dl>\n");
}

static bool same_kind(const struct pk_finding *a, const struct pk_finding *b)
{
	return a->rule == b->rule && a->severity == b->severity;
}

static bool is_first_of_kind(const struct pk_job *job,
			     const struct pk_finding *f)
{
	const struct pk_finding *g = job->findings;

	while (g != f && !same_kind(g, f))
		g = g->next;
	return g == f;
}

/* "archive/data.pkl, byte 35" */
static void put_place(struct pk_buf *b, const char *member, uint64_t off)
{
	if (member) {
		pk_html_text(b, member);
		pk_buf_puts(b, ", ");
	}
	pk_buf_printf(b, "byte %" PRIu64, off);
}

static void put_said(struct pk_buf *b, const struct pk_finding *f)
{
	pk_buf_puts(b, "<li>");
	pk_html_text(b, f->message);
	if (f->member || f->off || f->len) {
		pk_buf_puts(b, " <span class=\"dim\">at ");
		put_place(b, f->member, f->off);
		if (f->len > 1)
			pk_buf_printf(b, " to %" PRIu64, f->off + (f->len - 1));
		pk_buf_puts(b, "</span>");
	}
	if (f->evidence && !strstr(f->message, f->evidence)) {
		pk_buf_puts(b, "<pre>");
		pk_html_text(b, f->evidence);
		pk_buf_puts(b, "</pre>");
	}
	if (f->accepted) {
		pk_buf_puts(b, "<p class=\"dim\">Accepted: ");
		pk_html_text(b, f->accepted);
		pk_buf_puts(b, "</p>");
	}
	pk_buf_puts(b, "</li>\n");
}

static void put_term(struct pk_buf *b, const char *term, const char *text)
{
	if (!text || !*text)
		return;
	pk_buf_printf(b, "<dt>%s</dt><dd>", term);
	pk_html_text(b, text);
	pk_buf_puts(b, "</dd>");
}

/* All findings of the first one's rule, what they mean being said once. */
static void put_group(struct pk_buf *b, const struct pk_finding *first)
{
	const struct pk_rule_info *rule = &pk_rules[first->rule];
	const char *severity = pk_severity_name(first->severity);

	pk_buf_printf(b,
		      "<article class=\"finding s-%s\"><h4><span "
		      "class=\"sev\">%s</span> <span>",
		      severity, severity);
	pk_html_text(b, rule->title);
	pk_buf_printf(b, "</span> <code class=\"dim\">%s</code></h4>\n",
		      rule->id);
	pk_buf_puts(b, "<ul class=\"said\">");
	for (const struct pk_finding *f = first; f; f = f->next) {
		if (same_kind(f, first))
			put_said(b, f);
	}
	pk_buf_puts(b, "</ul><dl>");
	put_term(b, "Why it matters", rule->why);
	put_term(b, "What to do", rule->fix);
	put_term(b, "See", rule->refs);
	pk_buf_puts(b, "</dl></article>\n");
}

static void put_findings(struct pk_buf *b, const struct pk_job *job)
{
	if (!job->findings)
		return;
	pk_buf_puts(b, "<h3>Findings</h3>\n");
	for (const struct pk_finding *f = job->findings; f; f = f->next) {
		if (is_first_of_kind(job, f))
			put_group(b, f);
	}
	if (job->findings_dropped)
		pk_buf_printf(b,
			      "<p class=\"dim\">%" PRIu64
			      " further findings were only counted.</p>\n",
			      job->findings_dropped);
}

static const char *outcome_class(enum pk_outcome o)
{
	if (o == PK_RUNS_CODE)
		return " class=\"bad\"";
	return o == PK_IMPORTS || o == PK_REFUSES ? " class=\"odd\"" : "";
}

static void put_loaders(struct pk_buf *b, const struct pk_job *job)
{
	struct pk_loading v[PK_LOADINGS_MAX];
	const size_t n = pk_loadings(job, v);

	if (!n)
		return;
	pk_buf_puts(b, "<h3>What loaders would do</h3><div class=\"scroll\">"
		       "<table><tr><th>Loader</th><th>Outcome</th>"
		       "<th>Where</th></tr>\n");
	for (size_t i = 0; i < n; i++) {
		pk_buf_puts(b, "<tr><td><code>");
		pk_html_text(b, v[i].loader);
		pk_buf_printf(b, "</code></td><td%s>%s</td><td>",
			      outcome_class(v[i].outcome),
			      pk_outcome_name(v[i].outcome));
		if (v[i].at)
			put_place(b, v[i].at->member, v[i].at->off);
		pk_buf_puts(b, "</td></tr>\n");
	}
	pk_buf_puts(b, "</table></div>\n");
}

static const char *class_class(enum pk_import_class c)
{
	if (c == PK_IMPORT_DANGEROUS)
		return " class=\"bad\"";
	return c > PK_IMPORT_LIBRARY ? " class=\"odd\"" : "";
}

static void put_import(struct pk_buf *b, const struct pk_import *im)
{
	pk_buf_puts(b, "<tr><td><code>");
	pk_html_raw(b, im->module);
	pk_buf_putc(b, '.');
	pk_html_raw(b, im->name);
	pk_buf_puts(b, "</code>");
	if (im->py3_module.len || im->py3_name.len) {
		pk_buf_puts(b, " <span class=\"dim\">is <code>");
		pk_html_raw(b, im->py3_module);
		pk_buf_putc(b, '.');
		pk_html_raw(b, im->py3_name);
		pk_buf_puts(b, "</code></span>");
	}
	pk_buf_printf(b, "</td><td%s>%s</td><td>%s</td><td>",
		      class_class(im->class), pk_import_class_name(im->class),
		      im->called ? "called" : "");
	put_place(b, im->member, im->off);
	pk_buf_puts(b, "</td></tr>\n");
}

static void put_imports(struct pk_buf *b, const struct pk_job *job)
{
	if (!job->imports)
		return;
	pk_buf_puts(b, "<h3>Imports</h3><div class=\"scroll\"><table><tr>"
		       "<th>Name</th><th>Class</th><th>Use</th><th>Where</th>"
		       "</tr>\n");
	for (int c = PK_IMPORT_DANGEROUS; c >= PK_IMPORT_SAFE; c--) {
		const struct pk_import *im = job->imports;

		for (; im; im = im->next) {
			if ((int)im->class == c)
				put_import(b, im);
		}
	}
	pk_buf_puts(b, "</table></div>\n");
}

void pk_html_file(struct pk_buf *b, const struct pk_result *r)
{
	const struct pk_job *job = &r->job;

	pk_buf_printf(b,
		      "<details class=\"file v-%s\" data-verdict=\"%d\" "
		      "data-severity=\"%d\">",
		      pk_verdict_name(r->verdict), (int)r->verdict,
		      job->findings ? (int)job->findings->severity : -1);
	put_summary(b, r);
	pk_buf_puts(b, "<div class=\"body\">\n");
	put_facts(b, r);
	if (r->verdict != PK_SKIPPED)
		pk_html_map(b, job);
	put_findings(b, job);
	put_loaders(b, job);
	put_imports(b, job);
	pk_buf_puts(b, "</div></details>\n");
}
