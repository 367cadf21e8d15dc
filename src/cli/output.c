/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool complain(const struct cli_output *o, const char *what)
{
	if (errno != EPIPE) /* who reads no further wants no more */
		cli_complain("cannot %s %s: %s", what,
			     o->path ? cli_show(o->path) : "standard output",
			     strerror(errno));
	return false;
}

/* "dir/.report.json.picket-XXXXXX" for "dir/report.json" */
static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const int dir = slash ? (int)(slash + 1 - path) : 0;
	char *name;

	if (asprintf(&name, "%.*s.%s.picket-XXXXXX", dir, path, path + dir) < 0)
		return NULL;
	return name;
}

static int open_unnamed(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir =
		slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int fd = -1;

	if (dir)
		fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	free(dir);
	return fd;
}

static void open_temporary(struct cli_output *o)
{
	const mode_t mask = umask(077);

	(void)umask(mask);
	o->temporary = temporary_name(o->path);
	if (o->temporary)
		o->fd = mkostemp(o->temporary, O_CLOEXEC);
	if (o->fd >= 0) {
		(void)fchmod(o->fd, 0666 & ~mask);
		return;
	}
	free(o->temporary);
	o->temporary = NULL;
}

static bool open_file(struct cli_output *o)
{
	struct stat st;

	o->direct = stat(o->path, &st) == 0 && !S_ISREG(st.st_mode);
	if (o->direct && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return complain(o, "write");
	}
	if (o->direct)
		o->fd = open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	else
		o->fd = open_unnamed(o->path);
	if (o->fd < 0 && !o->direct)
		open_temporary(o);
	return o->fd >= 0 || complain(o, "write");
}

bool cli_output_open(struct cli_output *o, const char *path)
{
	o->path = path;
	o->temporary = NULL;
	o->len = 0;
	o->failed = false;
	o->fd = STDOUT_FILENO;
	o->direct = !path;
	return !path || open_file(o);
}

bool cli_write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

static void put(struct cli_output *o, const void *bytes, size_t n)
{
	if (!o->failed && !cli_write_all(o->fd, bytes, n)) {
		o->failed = true;
		(void)complain(o, "write");
	}
}

void cli_output_flush(struct cli_output *o)
{
	put(o, o->buf, o->len);
	o->len = 0;
}

int cli_output_write(void *ctx, const void *bytes, size_t n)
{
	struct cli_output *o = ctx;

	if (n > sizeof(o->buf) - o->len)
		cli_output_flush(o);
	if (n > sizeof(o->buf)) {
		put(o, bytes, n);
	} else {
		memcpy(o->buf + o->len, bytes, n);
		o->len += n;
	}
	return o->failed ? -1 : 0;
}

/* linkat(2) does not replace a file, rename(2) does: so in two steps. */
static bool name_it(struct cli_output *o)
{
	char self[64];
	int fd;

	if (o->temporary)
		return true;
	o->temporary = temporary_name(o->path);
	if (!o->temporary)
		return false;
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", o->fd);
	fd = mkostemp(o->temporary, O_CLOEXEC); /* only for a free name */
	if (fd < 0)
		return false;
	(void)close(fd);
	return unlink(o->temporary) == 0 &&
	       linkat(AT_FDCWD, self, AT_FDCWD, o->temporary,
		      AT_SYMLINK_FOLLOW) == 0;
}

bool cli_output_commit(struct cli_output *o)
{
	cli_output_flush(o);
	if (o->failed)
		return false;
	if (o->direct)
		return true;
	if (fsync(o->fd) != 0 || !name_it(o) ||
	    rename(o->temporary, o->path) != 0)
		return complain(o, "write");
	free(o->temporary);
	o->temporary = NULL;
	return true;
}

void cli_output_close(struct cli_output *o)
{
	if (o->temporary)
		(void)unlink(o->temporary);
	free(o->temporary);
	o->temporary = NULL;
	if (o->path && o->fd >= 0)
		(void)close(o->fd);
	o->fd = -1;
}
