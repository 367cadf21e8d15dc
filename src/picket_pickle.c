/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: pickles laid open. */
#include "picket_types.h"

#include "analyze/pickle_lister.h"
#include "engine/detect.h"
#include "source/file.h"

_Static_assert(PICKET_LIST_OPCODES == (int)PK_LIST_OPCODES, "pinned");
_Static_assert(PICKET_LIST_STEPS == (int)PK_LIST_STEPS, "pinned");
_Static_assert(PICKET_LIST_SOURCE == (int)PK_LIST_SOURCE, "pinned");

static bool send(void *ctx, const void *bytes, size_t n)
{
	const struct picket_sink *to = ctx;

	return to->write(to->ctx, bytes, n) == 0;
}

/* Whether it begins with a protocol, or with some opcodes where the name says
 * that there are. */
static bool begins_as_pickle(struct pk_scan *s)
{
	enum { OPCODES = 3 };
	struct pk_reader r = pk_reader_open(
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena),
		PK_READ_FLAT);
	struct pk_op op = { 0 };
	unsigned n = 0;

	while (n < OPCODES && pk_reader_next(&r, &op)) {
		if (n++ == 0 && op.code == PK_OP_PROTO)
			return true;
	}
	return n == OPCODES && s->promises_pickle;
}

/* A stream so broken that nothing takes it for a pickle is shown all the
 * same. */
static void list_unrecognised(struct pk_lister *l, struct pk_job *job,
			      struct pk_source *src, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct pk_scan s = { .job = job,
			     .bytes = src,
			     .name = slash ? slash + 1 : path };

	s.arena = PK_ARENA(&job->meter);
	pk_promise(&s);
	if (begins_as_pickle(&s))
		pk_lister_force(l, &s);
	pk_cover_release(&s.cover);
	pk_arena_release(&s.arena);
}

static enum picket_status list_source(const struct picket_options *o,
				      struct pk_source *src, const char *path,
				      struct pk_lister *l)
{
	struct pk_result r;
	enum pk_status s = pk_result_init(&r, path, &o->limits);

	if (s == PK_OK) {
		r.job.watch = &l->watch;
		pk_lister_begin(l);
		s = pk_result_scan(&r, src);
		if (s == PK_OK && !l->streams && !l->others && !l->member &&
		    !r.job.primary)
			list_unrecognised(l, &r.job, src, path);
		pk_lister_end(l);
		l->broken |= r.job.meter.exceeded || pk_job_over_time(&r.job);
	}
	pk_result_release(&r);
	return pk_public_status(s);
}

enum picket_status picket_list_pickles(const struct picket_options *o, int fd,
				       const char *path,
				       enum picket_listing what,
				       const struct picket_listing_style *style,
				       const struct picket_sink *to,
				       struct picket_listed *ret)
{
	struct picket_sink sink = *to;
	struct pk_lister l = { .kind = (enum pk_listing)what,
			       .member = style->member,
			       .path = path,
			       .json = style->json,
			       .color = style->color,
			       .write = send,
			       .ctx = &sink };
	struct pk_source *src;
	enum picket_status s;

	if ((unsigned)what >= PK_LISTINGS)
		return PICKET_ERR_USAGE;
	src = pk_file_new(fd);
	if (!src)
		return PICKET_ERR_IO;
	s = list_source(o, src, path, &l);
	pk_source_free(src);
	if (s == PICKET_OK && l.failed)
		s = PICKET_ERR_IO;
	if (s == PICKET_OK)
		*ret = (struct picket_listed){ l.streams, l.others, !l.broken };
	return s;
}
