/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 256 * 1024, PATHS_MAX = 256 << 20 };

int cli_spool_new(void)
{
	const char *dir = getenv("TMPDIR");
	int fd = open(dir && *dir ? dir : "/tmp",
		      O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : memfd_create("picket-input", MFD_CLOEXEC);
}

/* 1: a piece was moved, 0: the end, -1: failed */
static int move_piece(int from, int to, char *buf, uint64_t *left)
{
	const ssize_t n = read(from, buf, PIECE);
	ssize_t at = 0;

	if (n < 0 && errno == EINTR)
		return 1;
	if (n > 0 && (uint64_t)n > *left) {
		errno = EFBIG;
		return -1;
	}
	while (at < n) {
		const ssize_t done = write(to, buf + at, (size_t)(n - at));

		if (done < 0 && errno != EINTR)
			return -1;
		at += done > 0 ? done : 0;
	}
	*left -= n > 0 ? (uint64_t)n : 0;
	return n > 0 ? 1 : (int)n;
}

static bool copy_all(int from, int to, uint64_t max)
{
	char *buf = malloc(PIECE);
	int more = buf ? 1 : -1;

	while (more > 0)
		more = move_piece(from, to, buf, &max);
	free(buf);
	return more == 0;
}

static int dup_regular(void)
{
	struct stat st;

	if (fstat(STDIN_FILENO, &st) != 0 || !S_ISREG(st.st_mode) ||
	    lseek(STDIN_FILENO, 0, SEEK_CUR) != 0)
		return -1;
	return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
}

int cli_spool(uint64_t max)
{
	int fd = dup_regular();

	if (fd >= 0)
		return fd;
	fd = cli_spool_new();
	if (fd >= 0 && copy_all(STDIN_FILENO, fd, max))
		return fd;
	cli_complain("cannot take in standard input: %s%s", strerror(errno),
		     errno == EFBIG ? " (see --max-input)" : "");
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static int no_file(const char *path, const char *why)
{
	cli_complain("%s: %s", cli_show(path), why);
	return -1;
}

int cli_open(const char *path, uint64_t max)
{
	struct stat st;
	int fd;

	if (strcmp(path, "-") == 0)
		return cli_spool(max);
	/* A FIFO would hang, a device act. */
	if (stat(path, &st) != 0)
		return no_file(path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return no_file(path, "not a regular file");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd >= 0 ? fd : no_file(path, strerror(errno));
}

/* The whole file with a NUL behind it, room for a list before it. */
static char *read_whole(const char *path, size_t *ret_n)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
	size_t n = 0, cap = 0;
	char *p = NULL;
	bool ok = f != NULL;

	while (ok) {
		char *more = NULL;

		if (n + PIECE < PATHS_MAX)
			more = realloc(p, cap = n + PIECE + 1);
		ok = more != NULL;
		p = ok ? more : p;
		if (!ok)
			break;
		const size_t got = fread(p + n, 1, cap - n - 1, f);

		n += got;
		if (got == 0)
			break;
	}
	ok = ok && !ferror(f);
	if (f && f != stdin)
		(void)fclose(f);
	if (!ok) {
		free(p);
		return NULL;
	}
	p[n] = '\0';
	*ret_n = n;
	return p;
}

static size_t count_paths(char *text, size_t n, char end)
{
	size_t count = 1;

	for (size_t i = 0; i < n; i++) {
		if (text[i] != end)
			continue;
		text[i] = '\0';
		count++;
	}
	return count;
}

char **cli_read_paths(const char *path, size_t *ret_n)
{
	size_t len = 0, count, n = 0;
	char *text = read_whole(path, &len);
	char **list = NULL;
	char *copy;

	if (text) {
		count = count_paths(text, len,
				    memchr(text, 0, len) ? '\0' : '\n');
		list = malloc(count * sizeof(*list) + len + 1);
	}
	if (!list) {
		cli_complain("cannot read the paths in %s: %s", cli_show(path),
			     strerror(errno));
		free(text);
		return NULL;
	}
	copy = memcpy(list + count, text, len + 1);
	for (size_t i = 0; i < count; i++, copy += strlen(copy) + 1) {
		if (*copy)
			list[n++] = copy;
	}
	free(text);
	*ret_n = n;
	return list;
}
