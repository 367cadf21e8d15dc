/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: what makes a run of many files. */
#include "picket_types.h"

#include <stdlib.h>
#include <time.h>

#include "core/utf8.h"
#include "report/reporter.h"
#include "source/walk.h"

struct picket_summary {
	struct pk_summary s;
};

struct picket_report {
	struct pk_output o;
	struct picket_sink sink;
	bool begun;
};

struct picket_filter {
	struct pk_filter f;
};

struct picket_walk {
	struct pk_walk *w;
	const struct picket_options *options;
};

struct picket_summary *picket_summary_new(void)
{
	struct picket_summary *s = calloc(1, sizeof(*s));

	if (s)
		pk_summary_init(&s->s);
	return s;
}

struct pk_summary *pk_summary_of(struct picket_summary *s)
{
	return &s->s;
}

void picket_summary_free(struct picket_summary *s)
{
	if (!s)
		return;
	pk_summary_release(&s->s);
	free(s);
}

void picket_summary_add(struct picket_summary *s, const struct picket_file *f)
{
	pk_summary_add(&s->s, &f->r);
}

enum picket_status picket_summary_add_error(struct picket_summary *s,
					    const char *path,
					    const char *message)
{
	return pk_public_status(pk_summary_error(&s->s, path, message));
}

void picket_summary_add_excluded(struct picket_summary *s, uint64_t n)
{
	s->s.excluded += n;
}

void picket_summary_set_duration(struct picket_summary *s, uint64_t ms)
{
	s->s.duration_ms = ms;
}

uint64_t picket_summary_count(const struct picket_summary *s,
			      enum picket_count what)
{
	switch (what) {
	case PICKET_COUNT_FILES:
		return s->s.files;
	case PICKET_COUNT_BLOCKED:
		return s->s.blocked;
	case PICKET_COUNT_BLOCKED_FOR_CONTENT:
		return s->s.blocked_for_content;
	case PICKET_COUNT_PARTIAL:
		return s->s.partial;
	case PICKET_COUNT_ERRORS:
		return s->s.errors;
	case PICKET_COUNT_BYTES:
		return s->s.bytes;
	case PICKET_COUNT_BLOCKED_FOR_SOURCE:
		return s->s.blocked_for_source;
	case PICKET_COUNT_INCOMPLETE:
		return s->s.incomplete;
	}
	return 0;
}

const char *picket_report_format(size_t n)
{
	for (size_t i = 0; pk_reporters[i]; i++) {
		if (i == n)
			return pk_reporters[i]->name;
	}
	return NULL;
}

const char *picket_report_format_title(size_t n)
{
	return picket_report_format(n) ? pk_reporters[n]->title : NULL;
}

void picket_options_for_report(struct picket_options *o, const char *format)
{
	const struct pk_reporter *r = pk_reporter_by_name(format);

	if (r && r->needs & PK_NEEDS_SHA256)
		picket_options_set_sha256(o, true);
	if (r && r->needs & PK_NEEDS_STATED)
		o->stated = true;
}

enum picket_status picket_report_new(const char *format,
				     const struct picket_policy *policy,
				     const struct picket_sink *to,
				     struct picket_report **ret)
{
	const struct pk_reporter *reporter = pk_reporter_by_name(format);
	struct picket_report *r;

	if (!reporter)
		return PICKET_ERR_USAGE;
	r = calloc(1, sizeof(*r));
	if (!r)
		return PICKET_ERR_NOMEM;
	r->sink = *to;
	r->o.reporter = reporter;
	r->o.policy = policy->p.name;
	r->o.fail_on = pk_threshold_name(policy->p.fail_on);
	r->o.advisory = policy->p.advisory;
	r->o.compared = policy->p.baseline && policy->p.baseline->count;
	r->o.started = (int64_t)time(NULL);
	r->o.style.timestamps = true;
	r->o.style.severities = UINT32_MAX;
	*ret = r;
	return PICKET_OK;
}

void picket_report_free(struct picket_report *r)
{
	if (!r)
		return;
	pk_output_release(&r->o);
	free(r);
}

void picket_report_set(struct picket_report *r, enum picket_style what,
		       unsigned value)
{
	struct pk_report_style *style = &r->o.style;

	switch (what) {
	case PICKET_STYLE_COLOR:
		style->color = value;
		break;
	case PICKET_STYLE_VERBOSE:
		style->verbose = value;
		break;
	case PICKET_STYLE_QUIET:
		style->quiet = value;
		break;
	case PICKET_STYLE_TIMESTAMPS:
		style->timestamps = value;
		break;
	case PICKET_STYLE_SEVERITIES:
		style->severities = value;
		break;
	case PICKET_STYLE_WIDTH:
		style->width = value;
		break;
	}
}

struct pk_share *pk_report_share(struct picket_report *r)
{
	return &r->o.share;
}

enum picket_status picket_report_shard(struct picket_report *r, uint64_t part,
				       uint64_t of)
{
	if (part == 0 || part > of)
		return PICKET_ERR_USAGE;
	r->o.share = (struct pk_share){ .number = part, .of = of };
	return PICKET_OK;
}

enum picket_status picket_report_unit(struct picket_report *r,
				      const struct picket_unit_place *at)
{
	if (at->number >= at->of || !at->plan[0])
		return PICKET_ERR_USAGE;
	r->o.share = (struct pk_share){ .number = at->number, .of = at->of };
	memcpy(r->o.share.plan, at->plan, sizeof(at->plan));
	memcpy(r->o.share.settings, at->settings, sizeof(at->settings));
	return PICKET_OK;
}

void pk_report_started(struct picket_report *r, int64_t seconds)
{
	r->o.started = seconds;
	r->o.style.timestamps &= seconds != 0;
}

/* What has gathered goes to the sink; the buffer's memory is kept. */
static enum picket_status flush(struct picket_report *r)
{
	struct pk_buf *b = &r->o.out;

	if (!pk_buf_ok(b) || !pk_buf_ok(&r->o.later) ||
	    !pk_bins_ok(&r->o.bins) || r->o.links.failed)
		return PICKET_ERR_NOMEM;
	if (b->len && r->sink.write(r->sink.ctx, b->p, b->len) != 0)
		return PICKET_ERR_IO;
	b->len = 0;
	return PICKET_OK;
}

static void begin(struct picket_report *r)
{
	if (!r->begun)
		r->o.reporter->begin(&r->o);
	r->begun = true;
}

enum picket_status picket_report_add(struct picket_report *r,
				     const struct picket_file *f)
{
	begin(r);
	r->o.reporter->file(&r->o, &f->r);
	return flush(r);
}

enum picket_status picket_report_finish(struct picket_report *r,
					const struct picket_summary *s)
{
	begin(r);
	r->o.reporter->finish(&r->o, &s->s);
	return flush(r);
}

struct picket_filter *picket_filter_new(void)
{
	return calloc(1, sizeof(struct picket_filter));
}

void picket_filter_free(struct picket_filter *f)
{
	if (!f)
		return;
	pk_filter_release(&f->f);
	free(f);
}

enum picket_status picket_filter_include(struct picket_filter *f,
					 const char *glob)
{
	return pk_public_status(pk_filter_include(&f->f, glob));
}

enum picket_status picket_filter_exclude(struct picket_filter *f,
					 const char *glob)
{
	return pk_public_status(pk_filter_exclude(&f->f, glob));
}

enum picket_status picket_filter_shard(struct picket_filter *f, uint64_t part,
				       uint64_t of)
{
	if (part == 0 || part > of)
		return PICKET_ERR_USAGE;
	f->f.shard = part - 1;
	f->f.shards = of;
	return PICKET_OK;
}

/* What is left out with one of its folders is not wanted either. */
static bool wants_folders(const struct pk_filter *f, const char *path)
{
	char *folder = strdup(path);
	bool ok = folder != NULL;

	for (char *slash = folder ? strchr(folder, '/') : NULL; ok && slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		ok = pk_filter_wants_folder(f, folder);
		*slash = '/';
	}
	free(folder);
	return ok;
}

bool picket_filter_in_shard(const struct picket_filter *f, const char *path)
{
	return pk_filter_in_shard(&f->f, path);
}

bool picket_filter_wants(const struct picket_filter *f, const char *path)
{
	return wants_folders(&f->f, path) &&
	       pk_filter_wants_file(&f->f, path) &&
	       pk_filter_in_shard(&f->f, path);
}

struct picket_walk *picket_walk_new(const struct picket_options *o,
				    const char *root,
				    const struct picket_filter *filter)
{
	struct picket_walk *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->options = o;
	w->w = pk_walk_new(root, filter ? &filter->f : NULL);
	if (!w->w) {
		free(w);
		return NULL;
	}
	return w;
}

void picket_walk_free(struct picket_walk *w)
{
	if (!w)
		return;
	pk_walk_free(w->w);
	free(w);
}

static enum picket_status make_escape(const struct picket_walk *w,
				      const struct pk_entry *e,
				      struct picket_file **ret)
{
	enum { SHOWN_MAX = 512 };
	struct picket_note note = { .rule = "repo.link-escape",
				    .complete = true };
	struct pk_buf b = { 0 };
	enum picket_status s;

	pk_buf_puts(&b, "the link leads to ");
	pk_utf8_escape(
		&b,
		(struct pk_span){ (const uint8_t *)e->text, strlen(e->text) },
		SHOWN_MAX);
	note.message = pk_buf_str(&b);
	s = picket_file_from_note(w->options, e->path, &note, ret);
	pk_buf_release(&b);
	return s;
}

/* What can be said of an entry without opening it. */
static enum picket_status make_result(const struct picket_walk *w,
				      const struct pk_entry *e,
				      struct picket_file **ret)
{
	const struct picket_note unread = { .rule = "file.unreadable",
					    .message = e->text };

	if (e->kind == PK_ENTRY_ESCAPE)
		return make_escape(w, e, ret);
	if (e->kind == PK_ENTRY_UNREAD)
		return picket_file_from_note(w->options, e->path, &unread, ret);
	return picket_file_from_reason(w->options, e->path, e->text, ret);
}

enum picket_status picket_walk_next(struct picket_walk *w,
				    struct picket_entry *ret)
{
	struct pk_entry e;
	struct picket_entry entry = { .kind = PICKET_ENTRY_RESULT };
	enum picket_status s = pk_public_status(pk_walk_next(w->w, &e));

	if (s != PICKET_OK)
		return s;
	entry.path = e.path;
	entry.text = e.text;
	entry.fd = e.fd;
	entry.size = e.size;
	entry.excluded = e.excluded;
	if (e.kind == PK_ENTRY_END)
		entry.kind = PICKET_ENTRY_END;
	else if (e.kind == PK_ENTRY_FILE)
		entry.kind = PICKET_ENTRY_FILE;
	else if (e.kind == PK_ENTRY_NONE)
		entry.kind = PICKET_ENTRY_NONE;
	else
		s = make_result(w, &e, &entry.file);
	if (s == PICKET_OK)
		*ret = entry;
	return s;
}
