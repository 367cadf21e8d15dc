/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

static bool complain(const struct place *p, const char *path)
{
	cli_complain("cannot write %s/%s: %s", cli_show(p->folder),
		     cli_show(path), strerror(errno));
	return false;
}

/* A folder of that name, made when it is not there; never through a link. */
static int enter(int dir, const char *name, bool make)
{
	if (make && mkdirat(dir, name, 0777) != 0 && errno != EEXIST)
		return -1;
	return openat(dir, name, FOLDER);
}

/* The folder that a path ends in, and the last part of the path. */
static int enter_above(int root, const char *path, bool make,
		       const char **ret_name)
{
	int dir = fcntl(root, F_DUPFD_CLOEXEC, 0);
	const char *slash;

	while (dir >= 0 && (slash = strchr(path, '/')) != NULL) {
		char name[NAME_MAX + 1];
		int below = -1;

		if ((size_t)(slash - path) <= NAME_MAX) {
			(void)snprintf(name, sizeof(name), "%.*s",
				       (int)(slash - path), path);
			below = enter(dir, name, make);
		} else {
			errno = ENAMETOOLONG;
		}
		(void)close(dir);
		dir = below;
		path = slash + 1;
	}
	*ret_name = path;
	return dir;
}

/* With the folders above it. */
static bool make_folder(const char *folder)
{
	char *path = strdup(folder);
	bool ok = path != NULL;

	for (char *slash = ok ? strchr(path + 1, '/') : NULL; ok && slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		ok = mkdir(path, 0777) == 0 || errno == EEXIST;
		*slash = '/';
	}
	free(path);
	return ok && (mkdir(folder, 0777) == 0 || errno == EEXIST);
}

bool place_open(struct place *p, const char *folder, const char *id)
{
	int parts;

	p->folder = folder;
	p->partial = -1;
	(void)snprintf(p->id, sizeof(p->id), "%s", id);
	if (!*folder || !make_folder(folder))
		return complain(p, "");
	p->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->dir < 0)
		return complain(p, "");
	parts = enter(p->dir, PLACE_PARTIAL, true);
	if (parts >= 0) {
		p->partial = enter(parts, p->id, true);
		(void)close(parts);
	}
	if (p->partial < 0)
		return complain(p, PLACE_PARTIAL);
	if (flock(p->partial, LOCK_EX | LOCK_NB) == 0)
		return true;
	cli_complain("%s: another picket is fetching the same into it",
		     cli_show(folder));
	return false;
}

/* Folders whose files other programs obey. */
static bool is_obeyed(const char *path)
{
	while (path) {
		if (strncasecmp(path, ".git/", 5) == 0 ||
		    strncasecmp(path, PLACE_PARTIAL "/",
				sizeof(PLACE_PARTIAL)) == 0)
			return true;
		path = strchr(path, '/');
		path = path ? path + 1 : NULL;
	}
	return false;
}

bool place_admits(const struct place *p, const char *path)
{
	const char *name;
	const int dir = enter_above(p->dir, path, false, &name);
	struct stat st;
	bool there;

	if (is_obeyed(path)) {
		cli_complain("%s is no place for a file of a model",
			     cli_show(path));
		if (dir >= 0)
			(void)close(dir);
		return false;
	}
	if (dir < 0)
		return errno == ENOENT || complain(p, path);
	there = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	(void)close(dir);
	if (!there || (p->force && S_ISREG(st.st_mode)))
		return true;
	cli_complain("%s/%s is there already%s", cli_show(p->folder),
		     cli_show(path),
		     S_ISREG(st.st_mode) ? "; --force replaces it" : "");
	return false;
}

int place_part(const struct place *p, const char *path)
{
	const char *name;
	const int dir = enter_above(p->partial, path, true, &name);
	struct stat st;
	int fd = -1;

	if (dir >= 0) {
		fd = openat(dir, name,
			    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC |
				    O_NONBLOCK,
			    0666);
		(void)close(dir);
	}
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	(void)complain(p, path);
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

uint64_t place_part_size(const struct place *p, const char *path)
{
	struct stat st;

	if (fstatat(p->partial, path, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode))
		return 0;
	return (uint64_t)st.st_size;
}

void place_drop(const struct place *p, const char *path)
{
	(void)unlinkat(p->partial, path, 0);
}

uint64_t place_room(const struct place *p)
{
	struct statvfs fs;

	if (fstatvfs(p->partial, &fs) != 0)
		return UINT64_MAX;
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}

static bool sync_file(int dir, const char *name)
{
	const int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	const bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		(void)close(fd);
	return ok;
}

bool place_publish(const struct place *p, const char *path)
{
	const char *name, *to;
	const int from = enter_above(p->partial, path, false, &name);
	const int dir = enter_above(p->dir, path, true, &to);
	const bool ok = from >= 0 && dir >= 0 && sync_file(from, name) &&
			renameat2(from, name, dir, to,
				  p->force ? 0 : RENAME_NOREPLACE) == 0;

	if (!ok)
		(void)complain(p, path);
	if (from >= 0)
		(void)close(from);
	if (dir >= 0)
		(void)close(dir);
	return ok;
}

/* Folders that are empty, the deepest first; a file that is left keeps its
 * folder. */
static void remove_folders(int at, unsigned depth)
{
	const int fd = openat(at, ".", FOLDER);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	if (!d && fd >= 0)
		(void)close(fd);
	while (d && depth < 64 && (e = readdir(d)) != NULL) {
		int below;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		below = openat(at, e->d_name, FOLDER);
		if (below < 0)
			continue;
		remove_folders(below, depth + 1);
		(void)close(below);
		(void)unlinkat(at, e->d_name, AT_REMOVEDIR);
	}
	if (d)
		(void)closedir(d);
}

void place_done(struct place *p)
{
	int parts;

	remove_folders(p->partial, 0);
	parts = openat(p->dir, PLACE_PARTIAL, FOLDER);
	if (parts < 0)
		return;
	(void)unlinkat(parts, p->id, AT_REMOVEDIR);
	(void)close(parts);
	(void)unlinkat(p->dir, PLACE_PARTIAL, AT_REMOVEDIR);
}

void place_close(struct place *p)
{
	if (p->partial >= 0)
		(void)close(p->partial);
	if (p->dir >= 0)
		(void)close(p->dir);
	p->partial = p->dir = -1;
}
