/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/attempt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/read_file.h"

enum {
	SYNC_MS = 30000,
	DIGITS = 16,           /* of each digest in a name */
	ATTEMPT_MAX = 1 << 30, /* a larger one is begun anew */
};

char *cli_unit_path(const char *dir, size_t unit)
{
	char *path;

	return asprintf(&path, "%s/unit-%zu.ndjson", dir, unit) < 0 ? NULL
								    : path;
}

static bool complain(struct cli_attempt *a, const char *what, const char *path)
{
	const int why = errno;

	a->failed = true;
	cli_complain("cannot %s %s: %s", what, cli_show(path), strerror(why));
	errno = why;
	return false;
}

static bool make_folder(struct cli_attempt *a)
{
	return mkdir(a->dir, 0777) == 0 || errno == EEXIST ||
	       complain(a, "make", a->dir);
}

static bool make_file(struct cli_attempt *a)
{
	const mode_t mask = umask(077);

	(void)umask(mask);
	if (asprintf(&a->path, "%s/%sXXXXXX.part", a->dir, a->prefix) < 0)
		a->path = NULL;
	if (!a->path || !a->done)
		return false;
	a->fd = mkostemps(a->path, (int)strlen(".part"), O_CLOEXEC);
	if (a->fd < 0)
		return complain(a, "write", a->path);
	(void)fchmod(a->fd, 0666 & ~mask);
	return true;
}

bool cli_attempt_open(struct cli_attempt *a, const char *dir, size_t unit,
		      const char *plan, const char *settings)
{
	*a = (struct cli_attempt){ .dir = dir, .fd = -1 };
	a->synced_at = cli_now_ms();
	(void)snprintf(a->prefix, sizeof(a->prefix), ".unit-%zu.%.*s.%.*s.",
		       unit, DIGITS, plan, DIGITS, settings);
	a->like = strlen(a->prefix);
	a->done = cli_unit_path(dir, unit);
	return make_folder(a) && make_file(a);
}

static bool ends_with(const char *name, const char *end)
{
	const size_t n = strlen(name), m = strlen(end);

	return n >= m && strcmp(name + n - m, end) == 0;
}

/* The next file of another attempt; same: of so many bytes the name. */
static const char *next_attempt(const struct cli_attempt *a, DIR *d,
				size_t same)
{
	const char *own = strrchr(a->path, '/') + 1;
	const struct dirent *e;

	while ((e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, a->prefix, same) == 0 &&
		    ends_with(e->d_name, ".part") &&
		    strcmp(e->d_name, own) != 0)
			return e->d_name;
	}
	return NULL;
}

/* The one that came furthest; to be freed. */
static char *find_earlier(const struct cli_attempt *a)
{
	DIR *d = opendir(a->dir);
	off_t most = 0;
	char *best = NULL;
	const char *name;
	struct stat st;

	while (d && (name = next_attempt(a, d, a->like)) != NULL) {
		if (fstatat(dirfd(d), name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode) || st.st_size <= most ||
		    st.st_size > ATTEMPT_MAX)
			continue;
		free(best);
		most = st.st_size;
		if (asprintf(&best, "%s/%s", a->dir, name) < 0)
			best = NULL;
	}
	if (d)
		(void)closedir(d);
	return best;
}

void cli_attempt_adopt(struct cli_attempt *a,
		       bool (*take)(void *ctx, const char *line, size_t n),
		       void *ctx)
{
	char *path = find_earlier(a);
	struct cli_bytes b = { 0 };
	const char *end;
	size_t at = 0;

	/* It may be gone by now: its attempt was faster than this one. */
	if (!path || access(path, R_OK) != 0 ||
	    !cli_read_file(path, ATTEMPT_MAX, &b)) {
		free(path);
		return;
	}
	while (at < b.n && (end = memchr(b.p + at, '\n', b.n - at)) != NULL) {
		const size_t n = (size_t)(end + 1 - (b.p + at));

		if (!take(ctx, b.p + at, n))
			break;
		(void)cli_attempt_write(a, b.p + at, n);
		at += n;
	}
	free(b.p);
	free(path);
}

static void send_all(struct cli_attempt *a, const char *p, size_t n)
{
	if (!a->failed && !cli_write_all(a->fd, p, n))
		(void)complain(a, "write", a->path);
}

static void send(struct cli_attempt *a)
{
	send_all(a, a->buf, a->len);
	a->len = 0;
}

int cli_attempt_write(void *ctx, const void *bytes, size_t n)
{
	struct cli_attempt *a = ctx;

	if (n > sizeof(a->buf) - a->len)
		send(a);
	if (n > sizeof(a->buf)) {
		send_all(a, bytes, n);
	} else {
		memcpy(a->buf + a->len, bytes, n);
		a->len += n;
	}
	return a->failed ? -1 : 0;
}

static void sync_it(struct cli_attempt *a)
{
	if (!a->failed && fsync(a->fd) != 0)
		(void)complain(a, "write", a->path);
	a->synced_at = cli_now_ms();
}

void cli_attempt_keep(struct cli_attempt *a)
{
	const uint64_t now = cli_now_ms();

	if (a->len)
		send(a);
	if (now - a->synced_at >= SYNC_MS)
		sync_it(a);
}

static void sync_folder(const char *dir)
{
	const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)fsync(fd);
	(void)close(fd);
}

/* Also those under other settings: there is a result now. */
static void remove_others(const struct cli_attempt *a)
{
	const size_t same =
		(size_t)(strchr(a->prefix + 1, '.') + 1 - a->prefix);
	DIR *d = opendir(a->dir);
	const char *name;

	while (d && (name = next_attempt(a, d, same)) != NULL)
		(void)unlinkat(dirfd(d), name, 0);
	if (d)
		(void)closedir(d);
}

bool cli_attempt_commit(struct cli_attempt *a)
{
	send(a);
	sync_it(a);
	if (a->failed)
		return false;
	/* An attempt that was faster removes this one, and is as good. */
	if (rename(a->path, a->done) != 0 &&
	    (errno != ENOENT || access(a->done, F_OK) != 0))
		return complain(a, "write", a->done);
	sync_folder(a->dir);
	remove_others(a);
	free(a->path);
	a->path = NULL;
	return true;
}

void cli_attempt_close(struct cli_attempt *a)
{
	if (a->path && a->fd >= 0) {
		send(a);
		sync_it(a);
	}
	if (a->fd >= 0)
		(void)close(a->fd);
	a->fd = -1;
	free(a->path);
	free(a->done);
	a->path = a->done = NULL;
}
