/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: reports that were stored, in another form. */
#include "picket_types.h"

#include <stdio.h>
#include <stdlib.h>

#include "report/stored.h"

struct picket_stored {
	struct picket_file **files;
	size_t count, cap;
	struct picket_summary *summary;
	struct picket_policy policy;
	struct pk_stored read;
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
	s->read = (struct pk_stored){ .more = more,
				      .ctx = s,
				      .summary = pk_summary_of(s->summary),
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

/* By path; of those with the same path the worst comes first. */
static int by_path(const void *a, const void *b)
{
	const struct picket_file *x = *(struct picket_file *const *)a;
	const struct picket_file *y = *(struct picket_file *const *)b;
	const int order = strcmp(x->r.path, y->r.path);

	return order ? order : (int)y->r.verdict - (int)x->r.verdict;
}

/* A file that stands in several reports is told once, at its worst. */
static void sort(struct picket_stored *s)
{
	size_t n = 0;

	if (s->count)
		qsort(s->files, s->count, sizeof(*s->files), by_path);
	for (size_t i = 0; i < s->count; i++) {
		struct picket_file *f = s->files[i];

		if (n && strcmp(s->files[n - 1]->r.path, f->r.path) == 0)
			picket_file_free(f);
		else
			s->files[n++] = f;
	}
	s->count = n;
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
	for (size_t i = 0; i < s->count && status == PICKET_OK; i++) {
		picket_summary_add(s->summary, s->files[i]);
		status = picket_report_add(r, s->files[i]);
	}
	return status == PICKET_OK ? picket_report_finish(r, s->summary)
				   : status;
}
