/* SPDX-License-Identifier: Apache-2.0 */
/* One repository of a cache: its snapshots, links and references. */
#include "hub/cache_parts.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/listing.h"

/* The repository under way. */
struct reader {
	struct pk_cache *c;
	struct pk_cache_repository *r;
	struct pk_cache_snapshot *s;
	int fd; /* of the repository */
};

/* Where a walk is: below a snapshot, or below refs. */
struct place {
	int dir;
	const char *path; /* "" at the top */
	unsigned depth;
};

enum pk_status pk_cache_fault(struct pk_cache *c, struct pk_cache_repository *r,
			      enum pk_rule rule, const char *path,
			      const char *why)
{
	struct pk_cache_file *v = pk_cache_room(c, r->faults, r->fault_count,
						&r->fault_cap, sizeof(*v));

	if (!v)
		return PK_ERR_NOMEM;
	r->faults = v;
	v += r->fault_count;
	*v = (struct pk_cache_file){
		.path = pk_arena_printf(&c->arena, "%s", path),
		.fault = rule,
		.why = pk_arena_printf(&c->arena, "%s", why),
	};
	if (!v->path || !v->why)
		return PK_ERR_NOMEM;
	r->fault_count++;
	return PK_OK;
}

static enum pk_status add_file(struct reader *b, struct pk_cache_file f)
{
	struct pk_cache_snapshot *s = b->s;
	struct pk_cache_file *v =
		pk_cache_room(b->c, s->files, s->count, &s->cap, sizeof(*v));

	if (!v || !f.path || (f.fault != PK_RULE_COUNT && !f.why))
		return PK_ERR_NOMEM;
	s->files = v;
	v[s->count++] = f;
	return PK_OK;
}

static enum pk_status add_fault(struct reader *b, const char *path,
				enum pk_rule rule, const char *why)
{
	return add_file(b,
			(struct pk_cache_file){
				.path = path,
				.fault = rule,
				.why = pk_arena_printf(&b->c->arena, "%s", why),
			});
}

/* Two levels up to the repository, and one for each folder in the snapshot:
 * what comes after is the place in it; NULL when the link is another. */
static const char *past_the_snapshot(const char *to, const char *path)
{
	unsigned ups = 2;

	for (; *path; path++)
		ups += *path == '/';
	for (; ups > 0; ups--) {
		if (strncmp(to, "../", 3) != 0)
			return NULL;
		to += 3;
	}
	return strncmp(to, "blobs/", 6) == 0 && !strchr(to + 6, '/') ? to + 6
								     : NULL;
}

static enum pk_status take_blob(struct reader *b, const char *path,
				const char *blob)
{
	struct pk_cache_file f = { .path = path, .fault = PK_RULE_COUNT };
	struct stat st;

	f.blob = pk_arena_printf(&b->c->arena, "blobs/%s", blob);
	if (!f.blob)
		return PK_ERR_NOMEM;
	if (!pk_cache_is_digest(blob))
		return add_fault(b, path, PK_RULE_CACHE_BLOB_NAME,
				 "leads to a blob whose name is no digest");
	if (fstatat(b->fd, f.blob, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return add_fault(b, path,
				 errno == ENOENT ? PK_RULE_CACHE_BLOB_MISSING
						 : PK_RULE_CACHE_UNREAD,
				 errno == ENOENT
					 ? "leads to a blob that is not here"
					 : strerror(errno));
	if (!S_ISREG(st.st_mode))
		return add_fault(b, path, PK_RULE_CACHE_LINK,
				 S_ISLNK(st.st_mode)
					 ? "leads to a blob that is a link"
					 : "leads to a blob that is no file");
	f.blob += sizeof("blobs/") - 1;
	f.size = (uint64_t)st.st_size;
	return add_file(b, f);
}

static enum pk_status take_link(struct reader *b, int dir, const char *name,
				const char *path)
{
	char to[1024];
	const ssize_t n = readlinkat(dir, name, to, sizeof(to) - 1);
	const char *blob;
	char *why;

	if (n < 0)
		return add_fault(b, path, PK_RULE_CACHE_UNREAD,
				 strerror(errno));
	to[n] = '\0';
	blob = past_the_snapshot(to, path);
	if (blob)
		return take_blob(b, path, blob);
	why = pk_arena_printf(&b->c->arena, "leads to %s", to);
	return why ? add_fault(b, path, PK_RULE_CACHE_LINK, why) : PK_ERR_NOMEM;
}

static enum pk_status
walk(struct reader *b, const struct place *at,
     enum pk_status (*take)(struct reader *b, const struct place *at,
			    const char *name, const char *path));

static enum pk_status take_entry(struct reader *b, const struct place *at,
				 const char *name, const char *path)
{
	struct stat st;

	if (fstatat(at->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return add_fault(b, path, PK_RULE_CACHE_UNREAD,
				 strerror(errno));
	if (S_ISLNK(st.st_mode))
		return take_link(b, at->dir, name, path);
	if (S_ISREG(st.st_mode))
		return add_file(
			b, (struct pk_cache_file){ .path = path,
						   .size = (uint64_t)st.st_size,
						   .fault = PK_RULE_COUNT });
	if (S_ISDIR(st.st_mode)) {
		const struct place below = {
			.dir = openat(at->dir, name, PK_CACHE_FOLDER),
			.path = path,
			.depth = at->depth + 1,
		};

		if (below.dir < 0)
			return add_fault(b, path, PK_RULE_CACHE_UNREAD,
					 strerror(errno));
		return walk(b, &below, take_entry);
	}
	return add_fault(b, path, PK_RULE_CACHE_UNREAD,
			 "is neither a file nor a folder");
}

/* Takes over the folder. */
static enum pk_status
walk(struct reader *b, const struct place *at,
     enum pk_status (*take)(struct reader *b, const struct place *at,
			    const char *name, const char *path))
{
	struct pk_listing l = { 0 };
	enum pk_status s;

	if (at->depth > PK_CACHE_DEPTH) {
		(void)close(at->dir);
		return pk_cache_fault(b->c, b->r, PK_RULE_CACHE_UNREAD,
				      at->path, "folders too deep");
	}
	s = pk_listing_read(&l, at->dir);
	if (s == PK_ERR_IO)
		s = pk_cache_fault(b->c, b->r, PK_RULE_CACHE_UNREAD, at->path,
				   strerror(errno));
	for (size_t i = 0; s == PK_OK && i < l.count; i++) {
		const char *path =
			pk_arena_printf(&b->c->arena, "%s%s%s", at->path,
					*at->path ? "/" : "", l.names[i].text);

		s = path ? take(b, at, l.names[i].text, path) : PK_ERR_NOMEM;
	}
	pk_listing_release(&l);
	return s;
}

/* ---- references ---- */

static enum pk_status add_ref(struct reader *b, const char *path,
			      struct pk_span text)
{
	struct pk_cache_repository *r = b->r;
	struct pk_cache_ref *v = pk_cache_room(b->c, r->refs, r->ref_count,
					       &r->ref_cap, sizeof(*v));
	const char *commit;

	while (text.len && strchr(" \r\n\t", text.p[text.len - 1]))
		text.len--;
	commit = pk_arena_copy(&b->c->arena, text);
	if (!v || !commit)
		return PK_ERR_NOMEM;
	r->refs = v;
	v[r->ref_count++] = (struct pk_cache_ref){ path, commit };
	return PK_OK;
}

static enum pk_status take_ref(struct reader *b, const struct place *at,
			       const char *name, const char *path)
{
	uint8_t text[128];
	struct place below = { .path = path, .depth = at->depth + 1 };
	struct stat st;
	ssize_t n = -1;
	int fd;

	below.dir = openat(at->dir, name, PK_CACHE_FOLDER);
	if (below.dir >= 0)
		return walk(b, &below, take_ref);
	fd = openat(at->dir, name, PK_CACHE_FILE);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = read(fd, text, sizeof(text));
	if (fd >= 0)
		(void)close(fd);
	if (n < 0)
		return pk_cache_fault(b->c, b->r, PK_RULE_CACHE_UNREAD, path,
				      "is no reference that can be read");
	return add_ref(b, path, (struct pk_span){ text, (size_t)n });
}

static enum pk_status read_refs(struct reader *b)
{
	const struct place refs = {
		.dir = openat(b->fd, "refs", PK_CACHE_FOLDER), .path = ""
	};

	return refs.dir < 0 ? PK_OK : walk(b, &refs, take_ref);
}

/* ---- snapshots ---- */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct pk_cache_file *)a)->path,
		      ((const struct pk_cache_file *)b)->path);
}

static enum pk_status read_snapshot(struct reader *b, int snapshots,
				    const char *commit)
{
	const struct place top = {
		.dir = openat(snapshots, commit, PK_CACHE_FOLDER), .path = ""
	};
	struct pk_cache_repository *r = b->r;
	struct pk_cache_snapshot *v;
	enum pk_status s;

	if (top.dir < 0)
		return pk_cache_fault(b->c, r, PK_RULE_CACHE_LINK, commit,
				      "is no folder in snapshots");
	v = pk_cache_room(b->c, r->snapshots, r->count, &r->cap, sizeof(*v));
	if (!v) {
		(void)close(top.dir);
		return PK_ERR_NOMEM;
	}
	r->snapshots = v;
	b->s = &v[r->count++];
	*b->s = (struct pk_cache_snapshot){
		.commit = pk_arena_printf(&b->c->arena, "%s", commit)
	};
	s = walk(b, &top, take_entry);
	if (s == PK_OK && !b->s->commit)
		s = PK_ERR_NOMEM;
	if (s == PK_OK && b->s->count)
		qsort(b->s->files, b->s->count, sizeof(b->s->files[0]),
		      by_path);
	return s == PK_OK ? pk_cache_read_list(b->c, r, b->fd, b->s) : s;
}

static enum pk_status read_snapshots(struct reader *b, const char *only)
{
	const int fd = openat(b->fd, "snapshots", PK_CACHE_FOLDER);
	struct pk_listing l = { 0 };
	enum pk_status s;

	if (fd < 0)
		return PK_ERR_IO;
	s = pk_listing_read(&l, fd);
	for (size_t i = 0; s == PK_OK && i < l.count; i++) {
		if (!only || strcmp(only, l.names[i].text) == 0)
			s = read_snapshot(b, fd, l.names[i].text);
	}
	pk_listing_release(&l);
	return s;
}

/* "models--org--name" is "org/name". */
static const char *id_of(struct pk_cache *c, const char *folder)
{
	const char *rest = NULL;
	const char *prefix = pk_cache_prefix(folder, &rest);
	char *id = prefix ? pk_arena_printf(&c->arena, "%s%s", prefix, rest)
			  : NULL;
	char *dashes = id ? strstr(id, "--") : NULL;

	if (dashes) {
		*dashes = '/';
		memmove(dashes + 1, dashes + 2, strlen(dashes + 2) + 1);
	}
	return id;
}

enum pk_status pk_cache_read_repository(struct pk_cache *c, const char *path,
					const char *folder, const char *only)
{
	struct pk_cache_repository *v = pk_cache_room(
		c, c->repositories, c->count, &c->cap, sizeof(*v));
	struct reader b = { .c = c };
	enum pk_status s;

	if (!v)
		return PK_ERR_NOMEM;
	c->repositories = v;
	b.r = &v[c->count++];
	*b.r = (struct pk_cache_repository){
		.folder = pk_arena_printf(&c->arena, "%s", folder),
		.path = pk_arena_printf(&c->arena, "%s", path),
		.id = id_of(c, folder),
	};
	if (!b.r->folder || !b.r->path || !b.r->id)
		return PK_ERR_NOMEM;
	b.fd = open(path, PK_CACHE_FOLDER);
	if (b.fd < 0)
		return PK_ERR_IO;
	s = read_snapshots(&b, only);
	if (s == PK_OK)
		s = read_refs(&b);
	(void)close(b.fd);
	return s;
}
