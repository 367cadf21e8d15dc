/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page for a person: everything in it, nothing fetched.  Files are
 * written as they are scanned; the style puts the worst first, and the
 * script, where there is one, sorts what stands in the page.
 */
#include <inttypes.h>
#include <time.h>

#include "codec/base64.h"
#include "report/html_parts.h"
#include "report/paint.h"

/* 'sha256-...': the one text that the browser may run or apply. */
static void put_source(struct pk_buf *b, const char *text)
{
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t digest[PK_SHA256_LEN];

	pk_sha256_add(h, text, strlen(text));
	if (!pk_sha256_end(h, digest)) {
		b->failed = true;
		return;
	}
	pk_buf_puts(b, "'sha256-");
	pk_base64_put(b, (struct pk_span){ digest, sizeof(digest) });
	pk_buf_putc(b, '\'');
}

static void put_head(struct pk_buf *b)
{
	pk_buf_puts(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		       "<meta charset=\"utf-8\">\n"
		       "<meta http-equiv=\"Content-Security-Policy\" "
		       "content=\"default-src 'none'; base-uri 'none'; "
		       "form-action 'none'; style-src ");
	put_source(b, pk_html_css);
	pk_buf_puts(b, "; script-src ");
	put_source(b, pk_html_js);
	pk_buf_puts(b, "\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
		       "<meta name=\"viewport\" "
		       "content=\"width=device-width, initial-scale=1\">\n"
		       "<title>picket report</title>\n<style>");
	pk_buf_puts(b, pk_html_css);
	pk_buf_puts(b, "</style>\n</head>\n<body>\n<main>\n");
}

static void put_time(struct pk_buf *b, int64_t seconds)
{
	const time_t t = (time_t)seconds;
	char text[32];
	struct tm tm;

	if (gmtime_r(&t, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm))
		pk_buf_printf(b, ", %s", text);
}

static void html_begin(struct pk_output *o)
{
	struct pk_buf *b = &o->out;

	put_head(b);
	pk_buf_puts(b, "<header><h1>picket report</h1><p>policy ");
	pk_html_text(b, o->policy);
	if (o->style.timestamps)
		put_time(b, o->started);
	pk_buf_puts(b, "</p></header>\n");
}

static void html_file(struct pk_output *o, const struct pk_result *r)
{
	pk_html_file(&o->out, r);
}

static void put_counts(struct pk_buf *b, const struct pk_summary *s)
{
	pk_buf_puts(b, "<ul class=\"counts\">");
	for (int v = PK_VERDICTS - 1; v >= 0; v--) {
		const char *name = pk_verdict_name((enum pk_verdict)v);

		pk_buf_printf(b,
			      "<li class=\"c-%s%s\"><b>%" PRIu64 "</b>%s</li>",
			      name, s->verdicts[v] ? "" : " zero",
			      s->verdicts[v], name);
	}
	pk_buf_puts(b, "</ul>");
}

static void put_outcome(struct pk_output *o, const struct pk_summary *s)
{
	const bool passes = pk_report_passes(o, s);
	struct pk_buf *b = &o->out;

	pk_buf_printf(b, "<section class=\"outcome%s\"><h2>",
		      passes ? "" : " fails");
	if (s->blocked)
		pk_put_count(b, s->blocked, "file");
	if (s->blocked)
		pk_buf_puts(b, " blocked");
	else
		pk_buf_puts(b, passes ? "Nothing is blocked"
				      : "Not everything has a verdict");
	pk_buf_puts(b, "</h2><p>");
	pk_put_count(b, s->files, "file");
	pk_buf_puts(b, ", ");
	pk_put_size(b, s->bytes);
	pk_buf_printf(b,
		      "; %" PRIu64 " read whole, %" PRIu64 " in part, %" PRIu64
		      " without a verdict</p>",
		      s->read_whole, s->partial, s->errors);
	put_counts(b, s);
	pk_buf_puts(b, "</section>\n");
}

static void put_errors(struct pk_buf *b, const struct pk_summary *s)
{
	if (!s->error_list)
		return;
	pk_buf_puts(b, "<section class=\"unopened\"><h2>No verdict</h2><dl>");
	for (const struct pk_path_error *e = s->error_list; e; e = e->next) {
		pk_buf_puts(b, "<dt class=\"path\">");
		pk_html_raw(b, (struct pk_span){ (const uint8_t *)e->path,
						 strlen(e->path) });
		pk_buf_puts(b, "</dt><dd>");
		pk_html_text(b, e->message);
		pk_buf_puts(b, "</dd>");
	}
	pk_buf_puts(b, "</dl></section>\n");
}

/* Hidden until the script, without which they do nothing, shows them. */
static void put_tools(struct pk_buf *b)
{
	pk_buf_puts(b, "<section class=\"tools\" hidden aria-label=\"Search "
		       "and filter\"><input type=\"search\" "
		       "placeholder=\"Search names, findings, imports\" "
		       "aria-label=\"Search; the key / leads here\">"
		       "<select aria-label=\"Least severity\">"
		       "<option value=\"-1\">any severity</option>");
	for (int s = PK_CRITICAL; s >= PK_INFO; s--)
		pk_buf_printf(b, "<option value=\"%d\">%s%s</option>", s,
			      pk_severity_name((enum pk_severity)s),
			      s == PK_CRITICAL ? "" : " or worse");
	pk_buf_puts(b, "</select><fieldset><legend>Verdicts</legend>");
	for (int v = PK_VERDICTS - 1; v >= 0; v--)
		pk_buf_printf(b,
			      "<label><input type=\"checkbox\" value=\"%d\" "
			      "checked> %s</label>",
			      v, pk_verdict_name((enum pk_verdict)v));
	pk_buf_puts(b, "</fieldset><button type=\"button\" class=\"open\">"
		       "Unfold all</button><button type=\"button\" "
		       "class=\"shut\">Fold all</button>"
		       "<output aria-live=\"polite\"></output></section>\n"
		       "<p class=\"none dim\" hidden>Nothing matches.</p>\n");
}

static void html_finish(struct pk_output *o, const struct pk_summary *s)
{
	struct pk_buf *b = &o->out;

	put_outcome(o, s);
	put_tools(b);
	put_errors(b, s);
	pk_buf_puts(b, "<footer>picket " PICKET_VERSION
		       ". Nothing was loaded to make this page, and it fetches "
		       "nothing.</footer>\n</main>\n<script>");
	pk_buf_puts(b, pk_html_js);
	pk_buf_puts(b, "</script>\n</body>\n</html>\n");
}

const struct pk_reporter pk_reporter_html = {
	.name = "html",
	.title = "one page for a browser, complete in itself",
	.needs = PK_NEEDS_STATED,
	.begin = html_begin,
	.file = html_file,
	.finish = html_finish,
};
