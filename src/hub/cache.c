/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/cache_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/listing.h"

void pk_cache_release(struct pk_cache *c)
{
	pk_arena_release(&c->arena);
	*c = (struct pk_cache){ 0 };
}

bool pk_cache_is_digest(const char *name)
{
	const size_t n = strspn(name, "0123456789abcdef");

	return name[n] == '\0' && (n == 40 || n == 64);
}

const char *pk_cache_prefix(const char *folder, const char **ret_rest)
{
	static const char *const prefixes[][2] = {
		{ "models--", "" },
		{ "datasets--", "datasets/" },
		{ "spaces--", "spaces/" },
	};

	for (size_t i = 0; i < 3; i++) {
		const size_t n = strlen(prefixes[i][0]);

		if (strncmp(folder, prefixes[i][0], n) == 0) {
			*ret_rest = folder + n;
			return prefixes[i][1];
		}
	}
	return NULL;
}

void *pk_cache_room(struct pk_cache *c, void *v, size_t count, size_t *cap,
		    size_t size)
{
	const size_t wider = *cap ? 2 * *cap : 16;
	void *to;

	if (count < *cap)
		return v;
	to = pk_arena_alloc(&c->arena, wider, size);
	if (!to)
		return NULL;
	if (count)
		memcpy(to, v, count * size);
	*cap = wider;
	return to;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_repository(const char *path)
{
	const char *rest;
	struct stat st;
	char *snapshots;
	bool is;

	if (!pk_cache_prefix(name_of(path), &rest) ||
	    asprintf(&snapshots, "%s/snapshots", path) < 0)
		return false;
	is = lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	     lstat(snapshots, &st) == 0 && S_ISDIR(st.st_mode);
	free(snapshots);
	return is;
}

/* .../models--org--name/snapshots/COMMIT: cuts the path after the repository,
 * and returns the commit. */
static const char *cut_snapshot(char *path)
{
	char *commit = strrchr(path, '/');
	char *snapshots;

	if (!commit)
		return NULL;
	*commit = '\0';
	snapshots = strrchr(path, '/');
	if (snapshots && strcmp(snapshots, "/snapshots") == 0) {
		*snapshots = '\0';
		if (is_repository(path))
			return commit + 1;
		*snapshots = '/';
	}
	*commit = '/';
	return NULL;
}

/* Calls for each repository in the folder until one says something else than
 * PK_OK. */
static enum pk_status each_repository(const char *root,
				      enum pk_status (*take)(void *ctx,
							     const char *path,
							     const char *name),
				      void *ctx)
{
	struct pk_listing l = { 0 };
	const int fd = open(root, PK_CACHE_FOLDER);
	enum pk_status s;

	if (fd < 0)
		return PK_ERR_IO;
	s = pk_listing_read(&l, fd);
	for (size_t i = 0; s == PK_OK && i < l.count; i++) {
		char *path;

		if (asprintf(&path, "%s/%s", root, l.names[i].text) < 0) {
			s = PK_ERR_NOMEM;
			break;
		}
		if (is_repository(path))
			s = take(ctx, path, l.names[i].text);
		free(path);
	}
	pk_listing_release(&l);
	return s;
}

static enum pk_status stop_at_one(void *ctx, const char *path, const char *name)
{
	(void)path;
	(void)name;
	*(bool *)ctx = true;
	return PK_ERR_USAGE;
}

/* Takes the path apart as it finds out. */
static enum pk_cache_kind kind_of(char *path, const char **ret_commit)
{
	bool found = false;

	if (is_repository(path))
		return PK_CACHE_REPOSITORY;
	*ret_commit = cut_snapshot(path);
	if (*ret_commit)
		return PK_CACHE_SNAPSHOT;
	(void)each_repository(path, stop_at_one, &found);
	return found ? PK_CACHE_ROOT : PK_CACHE_NONE;
}

enum pk_cache_kind pk_cache_kind(const char *folder)
{
	char *path = realpath(folder, NULL);
	const char *commit = NULL;
	enum pk_cache_kind kind;

	if (!path)
		return PK_CACHE_NONE;
	kind = kind_of(path, &commit);
	free(path);
	return kind;
}

static enum pk_status take_repository(void *ctx, const char *path,
				      const char *name)
{
	return pk_cache_read_repository(ctx, path, name, NULL);
}

enum pk_status pk_cache_read(struct pk_cache *c, const char *folder)
{
	char *path = realpath(folder, NULL);
	const char *commit = NULL;
	enum pk_status s = PK_ERR_USAGE;

	*c = (struct pk_cache){ .meter = { .ceiling = 512 << 20 } };
	c->arena = PK_ARENA(&c->meter);
	if (!path)
		return PK_ERR_IO;
	switch (kind_of(path, &commit)) {
	case PK_CACHE_ROOT:
		s = each_repository(path, take_repository, c);
		break;
	case PK_CACHE_REPOSITORY:
	case PK_CACHE_SNAPSHOT:
		s = pk_cache_read_repository(c, path, name_of(path), commit);
		break;
	case PK_CACHE_NONE:
		break;
	}
	free(path);
	return s;
}

const struct pk_cache_snapshot *
pk_cache_snapshot_at(const struct pk_cache_repository *r, const char *commit)
{
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->snapshots[i].commit, commit) == 0)
			return &r->snapshots[i];
	}
	return NULL;
}

static int against(const void *key, const void *listed)
{
	return strcmp(key, ((const struct pk_cache_listed *)listed)->path);
}

const struct pk_cache_listed *
pk_cache_listed_at(const struct pk_cache_snapshot *s, const char *path)
{
	return s->list_count ? bsearch(path, s->list, s->list_count,
				       sizeof(s->list[0]), against)
			     : NULL;
}
