/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/lock_file.h"
#include "cli/place.h"
#include "cli/scan_run.h"

extern const struct cli_command cli_command_get;

struct settings {
	struct scan_settings scan; /* first */
	const char *lock;
	bool force;
};

CLI_TEXT(struct settings, lock, lock)
CLI_SWITCH(struct settings, force, force)

/* What is under way. */
struct getting {
	const struct settings *s;
	const char *folder;
	struct place place;
	struct picket_lock *lock; /* or NULL */
	size_t model;             /* of the lock */
	char **paths;             /* that may be published */
	size_t count;
	uint64_t bytes;
	char *pinned; /* what came */
	bool failed;
	bool violated; /* not what the lock has */
};

static const struct cli_option own[] = {
	{ 0, "lock", "FILE",
	  "at the commit of this lock, and nothing but its files", "Files",
	  set_lock },
	{ 0, "force", NULL, "replace files that are there", NULL, set_force },
};

static const struct cli_option *get_options(void)
{
	enum { OWN = sizeof(own) / sizeof(own[0]) };
	static struct cli_option table[OWN + SCAN_BORROWED_MAX];

	return scan_borrow(table, own, OWN,
			   "include exclude policy fail-on baseline "
			   "exit-code format output severity quiet "
			   "verbose color no-progress no-timestamps "
			   "deep no-token ca-file private-hosts "
			   "network-timeout retries jobs sandbox "
			   "isolate max-memory timeout");
}

/* ---- hooks of the scan ---- */

static bool is_wanted(const struct getting *g, const struct picket_remote *r,
		      size_t i)
{
	return picket_filter_wants(g->s->scan.filter, picket_remote_path(r, i));
}

static bool has_room(const struct getting *g, const struct picket_remote *r)
{
	const uint64_t room = place_room(&g->place);
	uint64_t need = 0;

	for (size_t i = 0; i < picket_remote_count(r); i++) {
		const uint64_t size = picket_remote_size(r, i);
		const uint64_t have =
			place_part_size(&g->place, picket_remote_path(r, i));

		if (is_wanted(g, r, i) && size != UINT64_MAX && size > have &&
		    need < UINT64_MAX / 2)
			need += size - have;
	}
	if (need <= room)
		return true;
	cli_complain("%s has room for %" PRIu64 " bytes, and %" PRIu64
		     " are to come",
		     cli_show(g->folder), room, need);
	return false;
}

static bool listed(void *ctx, const struct picket_remote *r)
{
	struct getting *g = ctx;
	char id[PICKET_REMOTE_ID];
	bool ok;

	picket_remote_id(r, id);
	g->pinned = strdup(picket_remote_pinned_uri(r));
	g->paths = calloc(picket_remote_count(r) + 1, sizeof(char *));
	ok = g->pinned && g->paths && place_open(&g->place, g->folder, id);
	for (size_t i = 0; ok && i < picket_remote_count(r); i++)
		ok = !is_wanted(g, r, i) ||
		     place_admits(&g->place, picket_remote_path(r, i));
	ok = ok && has_room(g, r);
	g->failed |= !ok;
	return ok;
}

static int place(void *ctx, const struct picket_remote *r, size_t i)
{
	struct getting *g = ctx;
	const char *path = picket_remote_path(r, i);
	int fd;

	if (!picket_remote_can_resume(r, i))
		place_drop(&g->place, path);
	fd = place_part(&g->place, path);
	g->failed |= fd < 0;
	return fd < 0 ? SCAN_NOWHERE : fd;
}

static bool is_as_locked(struct getting *g, const char *path,
			 const struct picket_fetched *fetched)
{
	const uint8_t *digest =
		g->lock ? picket_lock_digest(g->lock, g->model, path) : NULL;

	if (!g->lock || (digest && memcmp(digest, fetched->sha256,
					  sizeof(fetched->sha256)) == 0))
		return true;
	cli_complain("%s %s", cli_show(path),
		     digest ? "is not the file that was locked"
			    : "is not in the lock");
	g->violated = true;
	return false;
}

static void judged(void *ctx, const struct picket_remote *r, size_t i,
		   const struct picket_file *f,
		   const struct picket_fetched *fetched)
{
	struct getting *g = ctx;
	const char *path = picket_remote_path(r, i);

	if (fetched->failed && !fetched->refuted) {
		g->failed = true; /* its part stays for the next time */
		return;
	}
	g->violated |= fetched->refuted;
	if (fetched->refuted || picket_file_action(f) == PICKET_BLOCK ||
	    !is_as_locked(g, path, fetched)) {
		g->failed = true;
		place_drop(&g->place, path);
		return;
	}
	g->paths[g->count] = strdup(path);
	g->failed |= !g->paths[g->count];
	g->count += g->paths[g->count] != NULL;
	g->bytes += fetched->size;
}

/* ---- the whole ---- */

/* Every file of the lock came, but for those that nobody wanted. */
static bool all_came(struct getting *g)
{
	const char *path;
	size_t at = 0;

	for (size_t i = 0;
	     g->lock && (path = picket_lock_path(g->lock, g->model, i)) != NULL;
	     i++) {
		if (!picket_filter_wants(g->s->scan.filter, path))
			continue;
		while (at < g->count && strcmp(g->paths[at], path) < 0)
			at++;
		if (at < g->count && strcmp(g->paths[at], path) == 0)
			continue;
		cli_complain("%s is in the lock and not at the source",
			     cli_show(path));
		g->violated = true;
	}
	return !g->violated;
}

static int publish(struct getting *g)
{
	for (size_t i = 0; i < g->count; i++) {
		if (!place_publish(&g->place, g->paths[i]))
			return CLI_USAGE;
	}
	place_done(&g->place);
	cli_complain("%s has %zu files, %" PRIu64 " bytes, of %s",
		     cli_show(g->folder), g->count, g->bytes,
		     cli_show(g->pinned));
	return CLI_OK;
}

static int conclude(struct getting *g, int status)
{
	if (status == CLI_OK && !g->failed && all_came(g))
		return publish(g);
	cli_complain("nothing was put into %s", cli_show(g->folder));
	if (status == CLI_OK || status == CLI_INCOMPLETE)
		return g->violated        ? CLI_SOURCE
		       : status == CLI_OK ? CLI_USAGE
					  : status;
	return status;
}

/* Which model of the lock is meant, by its source or at its commit. */
static char *at_lock(struct getting *g, const char *uri)
{
	for (size_t i = 0; i < picket_lock_count(g->lock); i++) {
		const char *pinned = picket_lock_pinned(g->lock, i);

		if (pinned &&
		    (strcmp(uri, pinned) == 0 ||
		     strcmp(uri, picket_lock_source(g->lock, i)) == 0)) {
			g->model = i;
			return strdup(pinned);
		}
	}
	cli_complain("%s is not in %s", cli_show(uri), cli_show(g->s->lock));
	g->violated = true;
	return NULL;
}

static int get_into(struct settings *s, const char *uri, const char *folder)
{
	struct getting g = {
		.s = s,
		.folder = folder,
		.place = { .dir = -1, .partial = -1, .force = s->force }
	};
	const struct scan_extra extra = { listed, place, judged, &g };
	char *source = NULL;
	int ret = CLI_USAGE;

	if (!s->lock)
		source = strdup(uri);
	else if (cli_lock_read(s->lock, &g.lock))
		source = at_lock(&g, uri);
	if (source)
		ret = conclude(&g, scan_with(&s->scan, 1, &source, &extra));
	else if (g.violated)
		ret = CLI_SOURCE;
	for (size_t i = 0; i < g.count; i++)
		free(g.paths[i]);
	free(g.paths);
	free(g.pinned);
	free(source);
	place_close(&g.place);
	picket_lock_free(g.lock);
	return ret;
}

static int get(int argc, char **argv)
{
	struct settings s = { 0 };
	int n, ret = CLI_USAGE;

	if (!scan_settings_init(&s.scan)) {
		cli_complain("out of memory");
		return CLI_USAGE;
	}
	n = cli_parse(&cli_command_get, &s, argc, argv);
	if (n == CLI_PARSE_HELP)
		ret = CLI_OK;
	else if (n >= 0 && n != 2)
		cli_complain("get takes a source and a folder: picket get "
			     "hf://ORG/NAME@REVISION DIR");
	else if (n == 2 && !picket_is_uri(argv[0]))
		cli_complain("%s is no source: hf://ORG/NAME[@REVISION], "
			     "s3://BUCKET/PREFIX or https://...",
			     cli_show(argv[0]));
	else if (n == 2)
		ret = get_into(&s, argv[0], argv[1]);
	scan_settings_release(&s.scan);
	return ret;
}

const struct cli_command cli_command_get = {
	.name = "get",
	.args = "[options] SOURCE[@REVISION] DIR",
	.what = "Fetches a model, and puts it into DIR when all of it passes a scan.",
	.more = "Files are fetched into DIR/" PLACE_PARTIAL
		", held against the registry's digests,\n"
		"and scanned under the policy as 'picket scan' does.  When all of them pass they\n"
		"get their names; otherwise none does, and what was refused is removed.  A run\n"
		"that was interrupted is gone on with by the next one.  With --lock the locked\n"
		"commit is fetched, and every file must have the locked digest.\n"
		"\n"
		"exit status: that of the scan; 4 also when it is not what was locked.\n",
	.run = get,
	.options = get_options,
};
