/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: plans of batches, and their units. */
#include "picket_types.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "source/batch.h"
#include "source/file.h"

struct picket_plan_writer {
	struct pk_batch_writer w;
	struct picket_sink sink;
};

struct picket_plan {
	struct pk_batch p;
	struct pk_source *src;
};

struct picket_unit {
	struct pk_batch_list list;
	uint64_t excluded;
};

struct picket_plan_writer *picket_plan_writer_new(uint64_t unit_bytes,
						  uint64_t unit_files,
						  const struct picket_sink *to)
{
	const struct pk_batch_sizes sizes = { unit_bytes, unit_files };
	struct picket_plan_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	pk_batch_begin(&w->w, &sizes);
	w->sink = *to;
	return w;
}

void picket_plan_writer_free(struct picket_plan_writer *w)
{
	if (!w)
		return;
	pk_batch_writer_release(&w->w);
	free(w);
}

void picket_plan_add_root(struct picket_plan_writer *w, const char *path)
{
	pk_batch_root(&w->w, path);
}

/* What has gathered goes to the sink. */
static enum picket_status flush(struct picket_plan_writer *w, enum pk_status s)
{
	struct pk_buf *b = &w->w.out;

	if (s != PK_OK)
		return pk_public_status(s);
	if (b->len && w->sink.write(w->sink.ctx, b->p, b->len) != 0)
		return PICKET_ERR_IO;
	b->len = 0;
	return PICKET_OK;
}

enum picket_status picket_plan_add(struct picket_plan_writer *w,
				   const struct picket_planned *f,
				   uint64_t excluded)
{
	const struct pk_planned planned = { .path = f->path,
					    .size = f->size,
					    .modified_ns = f->modified_ns };

	return flush(w, pk_batch_add(&w->w, &planned, excluded));
}

/* A walk's results have a reason, or one finding. */
enum picket_status picket_plan_add_result(struct picket_plan_writer *w,
					  const struct picket_file *f,
					  uint64_t excluded)
{
	const struct pk_finding *finding = f->r.job.findings;
	struct pk_planned planned = { .path = f->r.path };

	if (finding) {
		planned.rule = pk_rules[finding->rule].id;
		planned.message = finding->message;
		planned.complete = !f->r.job.partial;
	} else {
		planned.reason = f->r.job.reason;
	}
	if (!planned.rule && !planned.reason)
		return PICKET_ERR_USAGE;
	return flush(w, pk_batch_add(&w->w, &planned, excluded));
}

enum picket_status picket_plan_end(struct picket_plan_writer *w,
				   uint64_t excluded,
				   struct picket_plan_totals *ret)
{
	const enum picket_status s = flush(w, pk_batch_end(&w->w, excluded));

	if (s == PICKET_OK)
		*ret = (struct picket_plan_totals){ .units = w->w.count,
						    .files = w->w.files,
						    .bytes = w->w.bytes };
	return s;
}

static enum picket_status say(const struct pk_batch *p, enum pk_status s,
			      struct picket_refusal *why)
{
	*why = (struct picket_refusal){ 0 };
	if (s != PK_ERR_USAGE)
		return pk_public_status(s);
	(void)snprintf(why->text, sizeof(why->text), "%s", p->why);
	return PICKET_ERR_DATA;
}

enum picket_status picket_plan_open(int fd, struct picket_plan **ret,
				    struct picket_refusal *why)
{
	struct picket_plan *p = calloc(1, sizeof(*p));
	enum picket_status s;

	if (!p)
		return PICKET_ERR_NOMEM;
	p->src = pk_file_new(fd);
	if (!p->src) {
		free(p);
		return errno == ENOMEM ? PICKET_ERR_NOMEM : PICKET_ERR_IO;
	}
	s = say(&p->p, pk_batch_open(&p->p, p->src), why);
	if (s != PICKET_OK)
		picket_plan_free(p);
	else
		*ret = p;
	return s;
}

void picket_plan_free(struct picket_plan *p)
{
	if (!p)
		return;
	pk_batch_release(&p->p);
	pk_source_free(p->src);
	free(p);
}

const char *picket_plan_id(const struct picket_plan *p)
{
	return p->p.id;
}

size_t picket_plan_units(const struct picket_plan *p)
{
	return p->p.count;
}

const char *picket_plan_root(const struct picket_plan *p, size_t n)
{
	return n < p->p.root_count ? p->p.roots[n] : NULL;
}

enum picket_status picket_plan_read(struct picket_plan *p, size_t unit,
				    struct picket_unit **ret,
				    struct picket_refusal *why)
{
	struct picket_unit *u;
	enum picket_status s;

	*why = (struct picket_refusal){ 0 };
	if (unit >= p->p.count)
		return PICKET_ERR_USAGE;
	u = calloc(1, sizeof(*u));
	if (!u)
		return PICKET_ERR_NOMEM;
	u->excluded = p->p.units[unit].excluded;
	s = say(&p->p, pk_batch_read(&p->p, unit, &u->list), why);
	if (s != PICKET_OK)
		picket_unit_free(u);
	else
		*ret = u;
	return s;
}

void picket_unit_free(struct picket_unit *u)
{
	if (!u)
		return;
	pk_batch_list_release(&u->list);
	free(u);
}

size_t picket_unit_files(const struct picket_unit *u)
{
	return u->list.count;
}

uint64_t picket_unit_excluded(const struct picket_unit *u)
{
	return u->excluded;
}

struct picket_planned picket_unit_at(const struct picket_unit *u, size_t n)
{
	const struct pk_planned *f = &u->list.files[n];

	return (struct picket_planned){ .path = f->path,
					.size = f->size,
					.modified_ns = f->modified_ns,
					.found = f->reason || f->rule };
}

enum picket_status picket_unit_result(const struct picket_unit *u, size_t n,
				      const struct picket_options *o,
				      struct picket_file **ret)
{
	const struct pk_planned *f = &u->list.files[n];
	const struct picket_note note = { .rule = f->rule,
					  .message = f->message,
					  .complete = f->complete };

	return f->reason ? picket_file_from_reason(o, f->path, f->reason, ret)
			 : picket_file_from_note(o, f->path, &note, ret);
}
