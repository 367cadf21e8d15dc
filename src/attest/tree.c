/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "source/below.h"
#include "source/listing.h"

enum {
	DEPTH_MAX = 128, /* each level keeps a descriptor open */
	READ_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
};

void pk_tree_init(struct pk_tree *t)
{
	*t = (struct pk_tree){ .meter = { .ceiling = SIZE_MAX }, .fd = -1 };
	t->arena = PK_ARENA(&t->meter);
	t->troubles_tail = &t->troubles;
}

void pk_tree_release(struct pk_tree *t)
{
	if (t->fd >= 0)
		(void)close(t->fd);
	free(t->files);
	pk_arena_release(&t->arena);
}

int pk_tree_order(const char *a, const char *b)
{
	const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;
	unsigned u, v;

	while (*x && *x == *y) {
		x++;
		y++;
	}
	/* A component ends before any byte of a longer one. */
	u = *x == '/' ? 1 : *x ? *x + 1U : 0;
	v = *y == '/' ? 1 : *y ? *y + 1U : 0;
	return u < v ? -1 : u > v;
}

bool pk_tree_path_ok(struct pk_span path)
{
	return pk_span_eq(path, PK_LIT(".")) || pk_path_below(path);
}

static bool lies_below(const char *path, const char *folder)
{
	const size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 &&
	       (path[n] == '\0' || path[n] == '/');
}

bool pk_tree_ignores(const struct pk_tree_options *o, const char *path)
{
	for (size_t i = 0; i < o->ignore_count; i++) {
		if (lies_below(path, o->ignore[i]))
			return true;
	}
	return false;
}

static enum pk_status add_trouble(struct pk_tree *t, const char *path,
				  const char *why)
{
	struct pk_tree_trouble *n = PK_NEW(&t->arena, struct pk_tree_trouble);

	if (!n)
		return PK_ERR_NOMEM;
	n->path = path;
	n->why = pk_arena_printf(&t->arena, "%s", why);
	if (!n->why)
		return PK_ERR_NOMEM;
	*t->troubles_tail = n;
	t->troubles_tail = &n->next;
	return PK_OK;
}

static enum pk_status add_file(struct pk_tree *t, const char *path,
			       uint64_t size)
{
	if (t->count == t->cap) {
		const size_t cap = t->cap ? t->cap * 2 : 64;
		struct pk_tree_file *files =
			reallocarray(t->files, cap, sizeof(*files));

		if (!files)
			return PK_ERR_NOMEM;
		t->files = files;
		t->cap = cap;
	}
	t->files[t->count++] = (struct pk_tree_file){ path, size };
	return PK_OK;
}

/* O_NOFOLLOW looks at the last component only, and the ones before it are
 * folders that the walk itself opened; a kernel without openat2(2) is still
 * asked to stay below. */
static int open_below(int dir, const char *path, uint64_t resolve)
{
	struct open_how how = { .flags = READ_FLAGS, .resolve = resolve };
	const long fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return (int)fd;
	return openat(dir, path, READ_FLAGS | O_NOFOLLOW);
}

int pk_tree_open(const struct pk_tree *t, const char *path)
{
	static const uint64_t resolve[] = {
		[PK_LINKS_REFUSE] = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
		[PK_LINKS_WITHIN] = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
		[PK_LINKS_FOLLOW] = RESOLVE_NO_MAGICLINKS,
	};

	if (t->single)
		return strcmp(path, ".") == 0
			       ? openat(t->fd, t->single, READ_FLAGS)
			       : (errno = ENOENT, -1);
	return open_below(t->fd, path, resolve[t->links]);
}

static const char *why_not(mode_t mode)
{
	return S_ISDIR(mode)    ? NULL
	       : S_ISFIFO(mode) ? "a FIFO"
	       : S_ISSOCK(mode) ? "a socket"
				: "a device";
}

/* What a link leads to, without opening more than a regular file. */
static enum pk_status take_link(struct pk_tree *t, int dir, const char *name,
				const char *path)
{
	struct stat st;
	int fd;

	if (t->links == PK_LINKS_REFUSE)
		return add_trouble(t, path, "a symbolic link");
	if (fstatat(dir, name, &st, 0) != 0)
		return add_trouble(t, path, "a link to nothing");
	if (S_ISDIR(st.st_mode))
		return t->tell_folders
			       ? add_trouble(t, path, "a link to a folder")
			       : PK_OK;
	if (!S_ISREG(st.st_mode))
		return add_trouble(t, path, why_not(st.st_mode));
	fd = pk_tree_open(t, path);
	if (fd < 0)
		return add_trouble(t, path,
				   errno == EXDEV ? "a link out of the tree"
						  : strerror(errno));
	(void)close(fd);
	return add_file(t, path, (uint64_t)st.st_size);
}

static enum pk_status walk(struct pk_tree *t, const struct pk_tree_options *o,
			   int fd, const char *prefix, unsigned depth);

static enum pk_status take_folder(struct pk_tree *t,
				  const struct pk_tree_options *o, int dir,
				  const char *name, const char *path,
				  unsigned depth)
{
	int fd;

	if (depth == DEPTH_MAX)
		return add_trouble(t, path, "folders too deep");
	fd = openat(dir, name, READ_FLAGS | O_DIRECTORY | O_NOFOLLOW);
	if (fd < 0)
		return add_trouble(t, path, strerror(errno));
	return walk(t, o, fd, path, depth + 1);
}

static enum pk_status take(struct pk_tree *t, const struct pk_tree_options *o,
			   int dir, const char *name, const char *prefix,
			   unsigned depth)
{
	const char *path = pk_arena_printf(&t->arena, "%s%s%s", prefix,
					   *prefix ? "/" : "", name);
	struct stat st;

	if (!path)
		return PK_ERR_NOMEM;
	if (pk_tree_ignores(o, path))
		return PK_OK;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return add_trouble(t, path, strerror(errno));
	if (S_ISLNK(st.st_mode))
		return take_link(t, dir, name, path);
	if (S_ISDIR(st.st_mode))
		return take_folder(t, o, dir, name, path, depth);
	if (!S_ISREG(st.st_mode))
		return add_trouble(t, path, why_not(st.st_mode));
	return add_file(t, path, (uint64_t)st.st_size);
}

/* Takes over the descriptor. */
static enum pk_status walk(struct pk_tree *t, const struct pk_tree_options *o,
			   int fd, const char *prefix, unsigned depth)
{
	struct pk_listing l = { 0 };
	enum pk_status s = pk_listing_read(&l, fd);

	if (s == PK_ERR_IO)
		s = add_trouble(t, prefix, strerror(errno));
	for (size_t i = 0; s == PK_OK && i < l.count; i++)
		s = take(t, o, l.fd, l.names[i].text, prefix, depth);
	pk_listing_release(&l);
	return s;
}

static int by_path(const void *a, const void *b)
{
	const struct pk_tree_file *x = a, *y = b;

	return pk_tree_order(x->path, y->path);
}

static enum pk_status read_folder(struct pk_tree *t,
				  const struct pk_tree_options *o)
{
	const int fd = fcntl(t->fd, F_DUPFD_CLOEXEC, 0);
	enum pk_status s;

	if (fd < 0)
		return PK_ERR_IO;
	s = walk(t, o, fd, "", 0);
	if (t->count)
		qsort(t->files, t->count, sizeof(*t->files), by_path);
	return s;
}

static enum pk_status read_single(struct pk_tree *t, const char *root,
				  uint64_t size)
{
	const char *slash = strrchr(root, '/');
	char *folder = slash ? pk_arena_printf(&t->arena, "%.*s/",
					       (int)(slash - root), root)
			     : pk_arena_printf(&t->arena, ".");

	t->single = pk_arena_printf(&t->arena, "%s", slash ? slash + 1 : root);
	if (!folder || !t->single)
		return PK_ERR_NOMEM;
	(void)close(t->fd);
	t->fd = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	if (t->fd < 0)
		return PK_ERR_IO;
	return add_file(t, ".", size);
}

enum pk_status pk_tree_at(struct pk_tree *t, const char *root)
{
	t->links = PK_LINKS_REFUSE;
	t->fd = open(root, READ_FLAGS | O_DIRECTORY);
	return t->fd >= 0 ? PK_OK : PK_ERR_IO;
}

enum pk_status pk_tree_read(struct pk_tree *t, const char *root,
			    const struct pk_tree_options *o)
{
	struct stat st;

	t->links = o->links;
	t->tell_folders = o->tell_folders;
	t->fd = open(root, READ_FLAGS);
	if (t->fd < 0 || fstat(t->fd, &st) != 0)
		return PK_ERR_IO;
	if (S_ISDIR(st.st_mode))
		return read_folder(t, o);
	if (S_ISREG(st.st_mode))
		return read_single(t, root, (uint64_t)st.st_size);
	errno = EINVAL;
	return PK_ERR_IO;
}
