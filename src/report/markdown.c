/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Markdown as GitHub and GitLab render it: for comments, issues and the
 * summary of a step.  Whatever comes from a file stands in code, where
 * neither markup nor links nor mentions are read.
 */
#include <inttypes.h>

#include "core/utf8.h"
#include "report/words.h"

/* So that it fits into a comment (64 KiB) most of the time, and into a step's
 * summary (1 MiB) always. */
enum { ROWS_MAX = 300, TEXT_MAX = 512 };

/* Between backticks all is literal, but for what ends them and the bars that
 * end a table's cell: then every sign is written as its number. */
static void put_code(struct pk_buf *b, const char *text)
{
	struct pk_buf safe = { 0 };
	const char *s;
	size_t n;

	pk_utf8_defuse(&safe, pk_text_span(text));
	s = pk_buf_str(&safe);
	n = safe.len;
	if (n > TEXT_MAX) { /* never within a code point */
		for (n = TEXT_MAX; n && ((uint8_t)s[n] & 0xc0) == 0x80;)
			n--;
	}
	if (*s && !strpbrk(s, "`|")) {
		pk_buf_printf(b, "`%.*s`", (int)n, s);
	} else {
		pk_buf_puts(b, "<code>");
		for (size_t i = 0; i < n; i++) {
			if (strchr("!\"#$%&'()*+.:;<=>?@[\\]^_`{|}~", s[i]))
				pk_buf_printf(b, "&#%d;", s[i]);
			else
				pk_buf_putc(b, s[i]);
		}
		pk_buf_puts(b, "</code>");
	}
	if (n < safe.len)
		pk_buf_puts(b, " ...");
	b->failed |= safe.failed;
	pk_buf_release(&safe);
}

static void begin(struct pk_output *o)
{
	(void)o; /* what comes first is known last */
}

static void put_row(struct pk_buf *b, const struct pk_result *r,
		    const struct pk_finding *f)
{
	struct pk_buf text = { 0 };

	pk_buf_printf(b, "| %s | ", pk_severity_name(f->severity));
	put_code(b, r->path);
	pk_buf_puts(b, " | ");
	pk_put_message(&text, f);
	put_code(b, pk_buf_str(&text));
	if (f->accepted) {
		pk_buf_puts(b, " accepted: ");
		put_code(b, f->accepted);
	}
	pk_buf_printf(b, " | `%s` |\n", pk_rules[f->rule].id);
	pk_buf_release(&text);
}

static void file(struct pk_output *o, const struct pk_result *r)
{
	for (const struct pk_finding *f = r->job.findings; f; f = f->next) {
		struct pk_buf *line;

		if (f->severity == PK_INFO)
			continue;
		line = pk_bins_add(&o->bins, f->severity, ROWS_MAX);
		if (line)
			put_row(line, r, f);
		o->rules[f->rule] |= !f->accepted;
	}
	if ((r->job.partial || r->verdict == PK_ERROR) &&
	    o->later_lines++ < ROWS_MAX) {
		pk_buf_puts(&o->later, "- ");
		put_code(&o->later, r->path);
		pk_buf_puts(&o->later, ": not everything could be read\n");
	}
}

static void put_line(void *ctx, struct pk_span line)
{
	pk_buf_put(ctx, line.p, line.len);
	pk_buf_putc(ctx, '\n');
}

static void put_head(struct pk_output *o, const struct pk_summary *s)
{
	struct pk_buf *b = &o->out;

	pk_buf_printf(b, "# picket: %s\n\nPolicy ",
		      pk_report_passes(o, s) ? "passes" : "does not pass");
	put_code(b, o->policy);
	pk_buf_printf(b, " blocks **%" PRIu64 " of %" PRIu64 "** files.\n\n",
		      s->blocked, s->files);
	pk_buf_puts(b, "| verdict | files |\n| --- | ---: |\n");
	for (int v = PK_VERDICTS - 1; v >= 0; v--) {
		if (s->verdicts[v])
			pk_buf_printf(b, "| %s | %" PRIu64 " |\n",
				      pk_verdict_name((enum pk_verdict)v),
				      s->verdicts[v]);
	}
}

static void put_findings(struct pk_output *o)
{
	struct pk_buf *b = &o->out;
	uint64_t cut;

	if (!o->bins.total)
		return;
	pk_buf_puts(b, "\n## Findings\n\n| severity | file | finding | rule |"
		       "\n| --- | --- | --- | --- |\n");
	cut = pk_bins_each(&o->bins, ROWS_MAX, put_line, b);
	if (cut)
		pk_buf_printf(
			b, "\n%" PRIu64 " findings more, none of them worse.\n",
			cut);
}

static void put_remedies(struct pk_output *o)
{
	struct pk_buf *b = &o->out;
	bool any = false;

	for (size_t i = 0; i < PK_RULE_COUNT; i++) {
		if (!o->rules[i])
			continue;
		if (!any)
			pk_buf_puts(b, "\n## What to do\n\n");
		any = true;
		pk_buf_printf(b, "- `%s` (", pk_rules[i].id);
		put_code(b, pk_rules[i].title);
		pk_buf_puts(b, "): ");
		put_code(b, pk_rules[i].fix);
		pk_buf_putc(b, '\n');
	}
}

static void put_unread(struct pk_output *o, const struct pk_summary *s)
{
	struct pk_buf *b = &o->out;
	unsigned n = 0;

	if (!o->later.len && !s->error_list)
		return;
	pk_buf_puts(b, "\n## Not read whole\n\n");
	pk_buf_put(b, o->later.p, o->later.len);
	for (const struct pk_path_error *e = s->error_list; e && n < ROWS_MAX;
	     e = e->next, n++) {
		pk_buf_puts(b, "- ");
		put_code(b, e->path);
		pk_buf_puts(b, ": no verdict, ");
		put_code(b, e->message);
		pk_buf_putc(b, '\n');
	}
}

static void finish(struct pk_output *o, const struct pk_summary *s)
{
	put_head(o, s);
	put_findings(o);
	put_remedies(o);
	put_unread(o, s);
}

const struct pk_reporter pk_reporter_markdown = {
	.name = "markdown",
	.title = "Markdown, for comments and the summary of a step",
	.begin = begin,
	.file = file,
	.finish = finish,
};
