/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: reports that were stored, in another form. */
#include "picket_types.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/strmap.h"
#include "report/stored.h"

struct picket_stored {
	struct picket_file **files;
	size_t count, cap;
	struct picket_summary *summary;
	struct picket_policy policy;
	struct pk_stored read;
	struct pk_shares shares;
	size_t wholes; /* reports on no part */
	struct pk_meter meter;
	struct pk_arena arena;
	struct pk_strmap told; /* what must not count twice */
};

static struct pk_result *more(void *ctx, const char *path)
{
	const struct pk_limits limits = pk_limits_default();
	struct picket_stored *s = ctx;
	struct picket_file *f;

	if (s->count == s->cap) {
		const size_t cap = s->cap ? s->cap * 2 : 64;
		void *v = reallocarray(s->files, cap, sizeof(*s->files));

		if (!v)
			return NULL;
		s->files = v;
		s->cap = cap;
	}
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	s->files[s->count++] = f;
	return pk_result_init(&f->r, path, &limits) == PK_OK ? &f->r : NULL;
}

/* Whether such words come for the first time. */
static enum pk_status is_new(struct picket_stored *s, const struct pk_buf *b,
			     bool *ret)
{
	const char *key =
		pk_buf_ok(b) ? pk_arena_copy(&s->arena, pk_buf_span(b)) : NULL;
	void **place = NULL;

	if (key)
		place = pk_strmap_put(
			&s->told,
			(struct pk_span){ (const uint8_t *)key, b->len }, ret);
	return place ? PK_OK : PK_ERR_NOMEM;
}

/* Several shards, and two attempts at one, find the same path missing. */
static enum pk_status take_error(void *ctx, const char *path,
				 const char *message)
{
	struct picket_stored *s = ctx;
	struct pk_buf b = { 0 };
	bool new = false;
	enum pk_status status;

	pk_buf_put(&b, path, strlen(path) + 1);
	pk_buf_puts(&b, message);
	status = is_new(s, &b, &new);
	pk_buf_release(&b);
	if (status != PK_OK || !new)
		return status;
	return pk_summary_error(pk_summary_of(s->summary), path, message);
}

/* What two attempts at one part, or at one tree, left out counts once. */
static enum pk_status take_end(void *ctx, const struct pk_stored_end *end)
{
	struct picket_stored *s = ctx;
	struct pk_buf b = { 0 };
	bool new = false;
	enum pk_status status;

	pk_buf_put(&b, &end->share.number, sizeof(end->share.number));
	pk_buf_put(&b, &end->share.of, sizeof(end->share.of));
	pk_buf_puts(&b, end->share.plan);
	pk_buf_put(&b, end->paths, sizeof(end->paths));
	status = is_new(s, &b, &new);
	pk_buf_release(&b);
	if (new)
		picket_summary_add_excluded(s->summary, end->excluded);
	if (status != PK_OK || !end->share.of) {
		s->wholes++;
		return status;
	}
	return pk_shares_add(&s->shares, &end->share);
}

struct picket_stored *picket_stored_new(void)
{
	struct picket_stored *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->summary = picket_summary_new();
	if (!s->summary) {
		free(s);
		return NULL;
	}
	s->meter.ceiling = SIZE_MAX;
	s->arena.meter = &s->meter;
	s->told.arena = &s->arena;
	s->read = (struct pk_stored){ .more = more,
				      .error = take_error,
				      .ended = take_end,
				      .ctx = s,
				      .policy = "standard",
				      .passes = true };
	s->policy.p.fail_on = PK_HIGH;
	return s;
}

void picket_stored_free(struct picket_stored *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		picket_file_free(s->files[i]);
	free(s->files);
	pk_shares_release(&s->shares);
	pk_arena_release(&s->arena);
	picket_summary_free(s->summary);
	free(s);
}

enum picket_status picket_stored_add(struct picket_stored *s,
				     const void *report, size_t n,
				     struct picket_refusal *why)
{
	enum pk_status status =
		pk_stored_read(&s->read, (struct pk_span){ report, n });
	const int fail_on = pk_threshold_by_name(s->read.fail_on);

	*why = (struct picket_refusal){ 0 };
	if (status == PK_OK && fail_on < 0) {
		(void)snprintf(s->read.why, sizeof(s->read.why),
			       "its policy has no threshold");
		status = PK_ERR_USAGE;
	}
	s->policy.p.name = s->read.policy;
	s->policy.p.fail_on = fail_on;
	s->policy.p.advisory = s->read.passes;
	if (status == PK_OK)
		return PICKET_OK;
	(void)snprintf(why->text, sizeof(why->text), "%s", s->read.why);
	return status == PK_ERR_USAGE ? PICKET_ERR_DATA
				      : pk_public_status(status);
}

static int by_content(const struct pk_result *x, const struct pk_result *y)
{
	if (x->job.size != y->job.size)
		return x->job.size < y->job.size ? -1 : 1;
	if (x->job.has_sha256 != y->job.has_sha256)
		return x->job.has_sha256 ? 1 : -1;
	return x->job.has_sha256
		       ? memcmp(x->job.sha256, y->job.sha256, PK_SHA256_LEN)
		       : 0;
}

enum picket_status picket_stored_add_file(struct picket_stored *s,
					  const void *line, size_t n,
					  struct picket_refusal *why)
{
	const enum pk_status status =
		pk_stored_read_file(&s->read, (struct pk_span){ line, n });

	*why = (struct picket_refusal){ 0 };
	if (status != PK_ERR_USAGE)
		return pk_public_status(status);
	(void)snprintf(why->text, sizeof(why->text), "%s", s->read.why);
	return PICKET_ERR_DATA;
}

bool picket_stored_place(const void *report, size_t n,
			 struct picket_unit_place *ret)
{
	struct pk_share share;

	if (!pk_stored_share((struct pk_span){ report, n }, &share) ||
	    !share.plan[0])
		return false;
	*ret = (struct picket_unit_place){ .number = share.number,
					   .of = share.of };
	memcpy(ret->plan, share.plan, sizeof(ret->plan));
	memcpy(ret->settings, share.settings, sizeof(ret->settings));
	return true;
}

size_t picket_stored_count(const struct picket_stored *s)
{
	return s->count;
}

const struct picket_file *picket_stored_at(const struct picket_stored *s,
					   size_t n)
{
	return n < s->count ? s->files[n] : NULL;
}

uint64_t picket_stored_excluded(const struct picket_stored *s)
{
	return pk_summary_of(s->summary)->excluded;
}

void picket_stored_forget(struct picket_stored *s)
{
	while (s->count)
		picket_file_free(s->files[--s->count]);
}

void picket_stored_like(struct picket_stored *s,
			const struct picket_stored *other)
{
	const bool passes = s->read.passes && other->read.passes;

	memcpy(s->read.policy, other->read.policy, sizeof(s->read.policy));
	memcpy(s->read.fail_on, other->read.fail_on, sizeof(s->read.fail_on));
	s->read.passes = passes;
	s->policy.p = other->policy.p;
	s->policy.p.name = s->read.policy;
	s->policy.p.advisory = passes;
}

/* By path, those that were read first; of the same content the worst
 * first. */
static int by_identity(const void *a, const void *b)
{
	const struct pk_result *x = &(*(struct picket_file *const *)a)->r;
	const struct pk_result *y = &(*(struct picket_file *const *)b)->r;
	int order = strcmp(x->path, y->path);

	if (!order)
		order = (int)y->opened - (int)x->opened;
	if (!order)
		order = by_content(x, y);
	return order ? order : (int)y->verdict - (int)x->verdict;
}

/* Of the same path, the last that is kept. */
struct group {
	size_t first;
	enum pk_verdict worst;
};

/* Whether it is told beside those of its path that are; it may take their
 * place, who could not be read there: one machine could not, another could. */
static bool is_told(struct picket_stored *s, struct group *g, size_t n,
		    const struct pk_result *r)
{
	const struct pk_result *last = &s->files[n - 1]->r;

	if (last->opened && r->opened)
		return by_content(last, r) != 0;
	return r->verdict > g->worst;
}

/*
 * A file that stands in several reports is told once, at its worst.  Files
 * with the same path and other content are not the same: they lie on several
 * machines, or one changed.
 */
static void sort(struct picket_stored *s)
{
	struct group g = { 0 };
	size_t n = 0;

	if (s->count)
		qsort(s->files, s->count, sizeof(*s->files), by_identity);
	for (size_t i = 0; i < s->count; i++) {
		struct picket_file *f = s->files[i];
		const bool same =
			n && strcmp(s->files[n - 1]->r.path, f->r.path) == 0;

		if (!same)
			g = (struct group){ n, PK_SKIPPED };
		if (same && !is_told(s, &g, n, &f->r)) {
			picket_file_free(f);
			continue;
		}
		while (same && !f->r.opened && n > g.first)
			picket_file_free(s->files[--n]);
		if (f->r.verdict > g.worst)
			g.worst = f->r.verdict;
		s->files[n++] = f;
	}
	s->count = n;
}

bool picket_stored_missing(struct picket_stored *s, struct picket_missing *ret)
{
	const struct pk_share *share =
		pk_shares_missing(&s->shares, ret->parts, sizeof(ret->parts));

	if (!share)
		return false;
	ret->of = share->of;
	ret->what = share->plan[0] ? "units" : "shards";
	return true;
}

/* A report on one part stays one. */
static struct pk_share share_of(struct picket_stored *s)
{
	pk_shares_sort(&s->shares);
	return s->wholes == 0 && s->shares.count == 1 ? s->shares.v[0]
						      : (struct pk_share){ 0 };
}

enum picket_status picket_stored_report(const struct picket_stored *s,
					const char *format,
					const struct picket_sink *to,
					struct picket_report **ret)
{
	return picket_report_new(format, &s->policy, to, ret);
}

enum picket_status picket_stored_write(struct picket_stored *s,
				       struct picket_report *r)
{
	enum picket_status status = PICKET_OK;

	sort(s);
	pk_report_started(r, s->read.started);
	*pk_report_share(r) = share_of(s);
	for (size_t i = 0; i < s->count && status == PICKET_OK; i++) {
		picket_summary_add(s->summary, s->files[i]);
		status = picket_report_add(r, s->files[i]);
	}
	return status == PICKET_OK ? picket_report_finish(r, s->summary)
				   : status;
}
