/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/scan_remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/spool.h"

enum { SAVED_AHEAD = 4 }; /* files fetched at once with --full */

/* A file that is with the pool or on its way there. */
struct remote_file {
	struct remote_file *next;
	char *path; /* as reports call it */
	const struct picket_remote *remote;
	size_t i;
	uint32_t ticket; /* of the courier */
	int fd;          /* where it is saved to; -1 */
	bool told;       /* fetched is known */
	struct picket_fetched fetched;
};

static const char out_of_memory[] = "out of memory or descriptors";
static const char lost[] = "the process that talks to the network was lost";

static bool start(struct scan_remote *s)
{
	const struct courier_settings settings = {
		.client = s->settings->remote.client,
		.sandbox = s->settings->sandbox,
		.stop = s->stop,
	};

	if (!s->last)
		s->last = &s->first;
	if (!s->courier)
		s->courier = courier_start(&settings);
	return s->courier != NULL;
}

static struct remote_file *add(struct scan_remote *s,
			       const struct picket_remote *r, size_t i)
{
	struct remote_file *f = calloc(1, sizeof(*f));
	const size_t len = picket_remote_file_uri(r, i, NULL, 0);

	if (!f)
		return NULL;
	f->path = malloc(len + 1);
	if (!f->path) {
		free(f);
		return NULL;
	}
	(void)picket_remote_file_uri(r, i, f->path, len + 1);
	f->remote = r;
	f->i = i;
	f->fd = -1;
	*s->last = f;
	s->last = &f->next;
	return f;
}

static void drop(struct remote_file *f)
{
	if (f->fd >= 0)
		(void)close(f->fd);
	free(f->path);
	free(f);
}

/* ---- where it lies ---- */

static const char *scan_there(struct scan_remote *s, struct remote_file *f)
{
	const int fd = courier_serve(s->courier, f->remote, f->i, &f->ticket);

	if (fd < 0)
		return lost;
	return cli_pool_scan(s->pool, fd, f->path,
			     picket_remote_size(f->remote, f->i))
		       ? NULL
		       : out_of_memory;
}

/* ---- fetched whole ---- */

static const char *begin_to_save(struct scan_remote *s, struct remote_file *f)
{
	return courier_save(s->courier, f->remote, f->i, f->fd, &f->ticket)
		       ? NULL
		       : lost;
}

/* What did not come whole is no file to scan. */
static const char *put_failure(struct scan_remote *s,
			       const struct remote_file *f)
{
	const struct picket_note note = {
		.rule = f->fetched.refuted ? "source.digest-mismatch"
					   : "source.unreachable",
		.message = f->fetched.message,
		.size = picket_remote_size(f->remote, f->i),
	};
	struct picket_file *result;

	if (picket_file_from_note(s->settings->options, f->path, &note,
				  &result) != PICKET_OK)
		return out_of_memory;
	return cli_pool_put(s->pool, result) ? NULL : out_of_memory;
}

static const char *scan_saved(struct scan_remote *s, struct remote_file *f)
{
	const int fd = f->fd;

	if (!courier_wait(s->courier, f->ticket, &f->fetched))
		return lost;
	f->told = true;
	if (f->fetched.failed || f->fetched.refuted)
		return put_failure(s, f);
	f->fd = -1;
	return cli_pool_scan(s->pool, fd, f->path, f->fetched.size)
		       ? NULL
		       : out_of_memory;
}

/* ---- a source ---- */

struct ahead {
	struct remote_file *v[SAVED_AHEAD];
	size_t begun, scanned; /* of all files so far */
};

static const char *scan_oldest(struct scan_remote *s, struct ahead *a)
{
	return scan_saved(s, a->v[a->scanned++ % SAVED_AHEAD]);
}

static const char *save_next(struct scan_remote *s, struct ahead *a,
			     struct remote_file *f)
{
	const char *why = NULL;

	if (a->begun - a->scanned == SAVED_AHEAD)
		why = scan_oldest(s, a);
	a->v[a->begun++ % SAVED_AHEAD] = f;
	return why ? why : begin_to_save(s, f);
}

/* All that are fetched are handed to the pool. */
static const char *scan_ahead(struct scan_remote *s, struct ahead *a)
{
	const char *why = NULL;

	while (!why && !*s->stop && a->scanned < a->begun)
		why = scan_oldest(s, a);
	return why;
}

/* Results come in the order of what is handed to the pool. */
static const char *scan_file(struct scan_remote *s, struct ahead *a,
			     const struct picket_remote *r, size_t i)
{
	const struct scan_extra *x = s->extra;
	int fd = x && x->place ? x->place(x->ctx, r, i) : SCAN_THERE;
	const char *why = NULL;
	struct remote_file *f;

	if (fd == SCAN_NOWHERE)
		return "there is no place for its files";
	if (fd == SCAN_THERE && s->settings->full) {
		fd = cli_spool_new();
		if (fd < 0)
			return strerror(errno);
	}
	if (fd == SCAN_THERE)
		why = scan_ahead(s, a);
	f = why ? NULL : add(s, r, i);
	if (!f)
		return why ? why : out_of_memory;
	f->fd = fd;
	return fd == SCAN_THERE ? scan_there(s, f) : save_next(s, a, f);
}

static const char *scan_files(struct scan_remote *s,
			      const struct picket_remote *r)
{
	const size_t n = picket_remote_count(r);
	struct ahead ahead = { .begun = 0 };
	const char *why = NULL;
	uint64_t excluded = 0;

	for (size_t i = 0; i < n && !why && !*s->stop; i++) {
		if (!picket_filter_in_shard(s->settings->filter,
					    picket_remote_path(r, i)))
			continue; /* another's, who tells of it */
		if (picket_filter_wants(s->settings->filter,
					picket_remote_path(r, i)))
			why = scan_file(s, &ahead, r, i);
		else
			excluded++;
	}
	if (!why)
		why = scan_ahead(s, &ahead);
	picket_summary_add_excluded(s->summary, excluded);
	return why;
}

/* The policy's word about the source itself.  False: not to be fetched. */
static bool admit(struct scan_remote *s, const struct picket_remote *r,
		  bool tell_good, const char **why)
{
	struct picket_file *f = NULL;
	bool blocked;

	*why = NULL;
	if (picket_policy_judge_remote(s->policy, s->settings->options, r,
				       &f) != PICKET_OK) {
		*why = out_of_memory;
		return false;
	}
	blocked = picket_file_action(f) == PICKET_BLOCK;
	if (!blocked && (!tell_good || !picket_file_findings(f))) {
		picket_file_free(f);
		return true;
	}
	if (!cli_pool_put(s->pool, f))
		*why = out_of_memory;
	return !blocked;
}

const char *scan_remote(struct scan_remote *s, const char *uri)
{
	struct picket_remote *asked = NULL, *r;
	const char *why = NULL;
	bool good;

	if (picket_remote_new(uri, &asked) != PICKET_OK)
		return out_of_memory;
	good = picket_remote_trouble(asked) ||
	       admit(s, asked, false, &why); /* before anything is sent */
	picket_remote_free(asked);
	if (!good || why)
		return why;
	if (!start(s))
		return lost;
	r = courier_list(s->courier, uri);
	if (!r)
		return lost;
	if (picket_remote_trouble(r))
		return picket_remote_trouble(r);
	if (!admit(s, r, true, &why) || why)
		return why;
	if (s->extra && s->extra->listed && !s->extra->listed(s->extra->ctx, r))
		return "nothing of it was fetched";
	return scan_files(s, r);
}

bool scan_remote_done(struct scan_remote *s, struct picket_file *f,
		      struct scan_told *ret)
{
	struct remote_file *of = s->first;
	bool ok;

	*ret = (struct scan_told){ 0 };
	if (!of || strcmp(of->path, picket_file_path(f)) != 0)
		return true;
	s->first = of->next;
	if (!s->first)
		s->last = &s->first;
	ok = of->told || courier_wait(s->courier, of->ticket, &of->fetched);
	ok = ok && picket_file_set_remote(f, of->remote, of->i, &of->fetched) ==
			   PICKET_OK;
	if (ok)
		*ret = (struct scan_told){ of->remote, of->i, of->fetched };
	drop(of);
	return ok;
}

void scan_remote_release(struct scan_remote *s)
{
	while (s->first) {
		struct remote_file *f = s->first;

		s->first = f->next;
		drop(f);
	}
	courier_end(s->courier);
}
