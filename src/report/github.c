/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Annotations of GitHub Actions: commands on standard output, a line each.
 * A name of a file must never begin a line, nor end a property.
 */
#include <inttypes.h>

#include "core/utf8.h"
#include "report/words.h"

/* GitHub shows ten of each level in a step and no more. */
enum { SHOWN_MAX = 30, LEVEL_MAX = 10 };

static const char *const levels[] = {
	[PK_INFO] = "notice", [PK_LOW] = "notice",     [PK_MEDIUM] = "warning",
	[PK_HIGH] = "error",  [PK_CRITICAL] = "error",
};

static void put_data(struct pk_buf *b, const char *text)
{
	struct pk_buf safe = { 0 };

	pk_utf8_defuse(&safe, pk_text_span(text));
	for (const char *p = pk_buf_str(&safe); *p; p++) {
		if (strchr("%\r\n:,", *p))
			pk_buf_printf(b, "%%%02X", (unsigned)*p);
		else
			pk_buf_putc(b, *p);
	}
	b->failed |= safe.failed;
	pk_buf_release(&safe);
}

static void begin(struct pk_output *o)
{
	(void)o;
}

static void put_finding(struct pk_buf *b, const struct pk_result *r,
			const struct pk_finding *f)
{
	struct pk_buf text = { 0 };

	pk_buf_printf(b, "::%s file=", levels[f->severity]);
	put_data(b, r->path);
	pk_buf_printf(b, ",line=1,title=%s ", pk_severity_name(f->severity));
	put_data(b, pk_rules[f->rule].id);
	pk_buf_puts(b, "::");
	pk_put_message(&text, f);
	put_data(b, pk_buf_str(&text));
	pk_buf_putc(b, '\n');
	pk_buf_release(&text);
}

/* Critical and high share a level; the rest of the room is theirs alone. */
static void file(struct pk_output *o, const struct pk_result *r)
{
	for (const struct pk_finding *f = r->job.findings; f; f = f->next) {
		struct pk_buf *line;

		if (f->accepted || f->severity == PK_INFO)
			continue;
		line = pk_bins_add(&o->bins, f->severity, SHOWN_MAX);
		if (line)
			put_finding(line, r, f);
	}
	if (r->job.partial || r->verdict == PK_ERROR)
		o->later_lines++;
}

struct shown {
	struct pk_buf *out;
	uint64_t n;
	unsigned errors, warnings, notices;
};

static void put_line(void *ctx, struct pk_span line)
{
	struct shown *s = ctx;
	unsigned *level = pk_span_starts(line, PK_LIT("::error")) ? &s->errors
			  : pk_span_starts(line, PK_LIT("::warning"))
				  ? &s->warnings
				  : &s->notices;

	if (++*level > LEVEL_MAX)
		return;
	pk_buf_put(s->out, line.p, line.len);
	pk_buf_putc(s->out, '\n');
	s->n++;
}

static void finish(struct pk_output *o, const struct pk_summary *s)
{
	struct shown shown = { .out = &o->out };
	struct pk_buf *b = &o->out;

	for (const struct pk_path_error *e = s->error_list;
	     e && shown.errors < LEVEL_MAX / 2; e = e->next) {
		pk_buf_puts(b, "::error title=no verdict::");
		put_data(b, e->path);
		pk_buf_puts(b, "%3A ");
		put_data(b, e->message);
		pk_buf_putc(b, '\n');
		shown.errors++;
	}
	(void)pk_bins_each(&o->bins, UINT64_MAX, put_line, &shown);
	pk_buf_printf(b, "::notice title=picket::policy ");
	put_data(b, o->policy);
	pk_buf_printf(b,
		      " blocks %" PRIu64 " of %" PRIu64 " files; %" PRIu64
		      " not read whole; %" PRIu64 " findings are not shown\n",
		      s->blocked, s->files, o->later_lines,
		      o->bins.total - shown.n);
}

const struct pk_reporter pk_reporter_github = {
	.name = "github",
	.title = "annotations of GitHub Actions, the worst first",
	.begin = begin,
	.file = file,
	.finish = finish,
};
