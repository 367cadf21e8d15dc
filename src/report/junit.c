/* SPDX-License-Identifier: Apache-2.0 */
/* JUnit's XML, as build servers read it: one test case for each file. */
#include <inttypes.h>

#include "core/utf8.h"
#include "report/words.h"

/* Defused text has no controls; two code points are left that XML 1.0 does
 * not have. */
static void put_xml(struct pk_buf *b, const char *text)
{
	struct pk_buf safe = { 0 };
	struct pk_span s;

	pk_utf8_defuse(&safe, pk_text_span(text));
	s = pk_buf_span(&safe);
	for (size_t i = 0; i < s.len;) {
		const size_t at = i;
		const int32_t cp = pk_utf8_next(s, &i);

		if (cp == 0xfffe || cp == 0xffff)
			pk_buf_printf(b, "\\u%04x", (unsigned)cp);
		else if (cp < 0x80 && strchr("&<>\"'", (int)cp))
			pk_buf_printf(b, "&#%d;", (int)cp);
		else
			pk_buf_put(b, s.p + at, i - at);
	}
	b->failed |= safe.failed;
	pk_buf_release(&safe);
}

static void put_attribute(struct pk_buf *b, const char *name, const char *text)
{
	pk_buf_printf(b, " %s=\"", name);
	put_xml(b, text);
	pk_buf_putc(b, '"');
}

static void begin(struct pk_output *o)
{
	pk_buf_puts(&o->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

static void put_findings(struct pk_buf *b, const struct pk_result *r)
{
	struct pk_buf text = { 0 };

	for (const struct pk_finding *f = r->job.findings; f; f = f->next) {
		text.len = 0;
		pk_put_message(&text, f);
		pk_buf_printf(b, "%s %s: ", pk_severity_name(f->severity),
			      pk_rules[f->rule].id);
		put_xml(b, pk_buf_str(&text));
		if (f->accepted) {
			pk_buf_puts(b, "; accepted: ");
			put_xml(b, f->accepted);
		}
		pk_buf_putc(b, '\n');
	}
	pk_buf_release(&text);
}

/* What blocks fails; what could not be analysed is an error. */
static void put_outcome(struct pk_buf *b, const struct pk_result *r)
{
	const char *tag = r->verdict == PK_ERROR ? "error" : "failure";
	const char *why = r->job.findings ? r->job.findings->message
			  : r->action_why ? r->action_why
					  : "not everything could be read";

	pk_buf_printf(b, "      <%s", tag);
	put_attribute(b, "type", pk_verdict_name(r->verdict));
	put_attribute(b, "message", why);
	pk_buf_putc(b, '>');
	put_findings(b, r);
	pk_buf_printf(b, "</%s>\n", tag);
}

static void put_remarks(struct pk_buf *b, const struct pk_result *r)
{
	if (!r->job.findings)
		return;
	pk_buf_puts(b, "      <system-out>");
	put_findings(b, r);
	pk_buf_puts(b, "</system-out>\n");
}

static void file(struct pk_output *o, const struct pk_result *r)
{
	struct pk_buf *b = &o->later;

	pk_buf_puts(b, "    <testcase");
	put_attribute(b, "classname", "picket");
	put_attribute(b, "name", r->path);
	put_attribute(b, "file", r->path);
	pk_buf_puts(b, ">\n");
	if (r->verdict == PK_SKIPPED) {
		pk_buf_puts(b, "      <skipped");
		put_attribute(b, "message",
			      r->job.reason ? r->job.reason : "no model");
		pk_buf_puts(b, "/>\n");
	} else if (r->action == PK_ACTION_BLOCK || r->verdict == PK_ERROR) {
		put_outcome(b, r);
	} else {
		put_remarks(b, r);
	}
	pk_buf_puts(b, "    </testcase>\n");
	o->bins.total += r->action == PK_ACTION_BLOCK && r->verdict != PK_ERROR;
}

static void put_path_error(struct pk_buf *b, const struct pk_path_error *e)
{
	pk_buf_puts(b, "    <testcase");
	put_attribute(b, "classname", "picket");
	put_attribute(b, "name", e->path);
	pk_buf_puts(b, ">\n      <error");
	put_attribute(b, "type", "no verdict");
	put_attribute(b, "message", e->message);
	pk_buf_puts(b, "/>\n    </testcase>\n");
}

static void put_counts(struct pk_output *o, const struct pk_summary *s,
		       const char *tag)
{
	const double seconds =
		o->style.timestamps ? (double)s->duration_ms / 1000 : 0;
	char text[PK_TIME_TEXT];

	pk_buf_printf(&o->out,
		      "<%s name=\"picket\" tests=\"%" PRIu64
		      "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64
		      "\" skipped=\"%" PRIu64 "\" time=\"%.3f\"",
		      tag, s->files + s->errors, o->bins.total,
		      s->verdicts[PK_ERROR] + s->errors,
		      s->verdicts[PK_SKIPPED], seconds);
	if (o->style.timestamps) {
		pk_time_text(text, o->started);
		put_attribute(&o->out, "timestamp", text);
	}
	pk_buf_puts(&o->out, ">\n");
}

static void finish(struct pk_output *o, const struct pk_summary *s)
{
	struct pk_buf *b = &o->out;

	put_counts(o, s, "testsuites");
	pk_buf_puts(b, "  ");
	put_counts(o, s, "testsuite");
	pk_buf_put(b, o->later.p, o->later.len);
	for (const struct pk_path_error *e = s->error_list; e; e = e->next)
		put_path_error(b, e);
	pk_buf_puts(b, "  </testsuite>\n</testsuites>\n");
}

const struct pk_reporter pk_reporter_junit = {
	.name = "junit",
	.title = "JUnit's XML, a test case for each file",
	.begin = begin,
	.file = file,
	.finish = finish,
};
