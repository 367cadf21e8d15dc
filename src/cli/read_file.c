/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

static bool complain(const char *path, const char *why)
{
	cli_complain("cannot read %s: %s", cli_show(path), why);
	return false;
}

static bool grow(struct cli_bytes *b, size_t *cap)
{
	const size_t want = *cap ? *cap * 2 : PIECE;
	char *p = realloc(b->p, want);

	if (!p)
		return false;
	b->p = p;
	*cap = want;
	return true;
}

/* NULL, or why not. */
static const char *read_all(int fd, size_t max, struct cli_bytes *b)
{
	size_t cap = 0;
	ssize_t n;

	for (;;) {
		if (b->n == cap && !grow(b, &cap))
			return "out of memory";
		n = read(fd, b->p + b->n, cap - b->n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return strerror(errno);
		if (n == 0)
			return NULL;
		b->n += (size_t)n;
		if (b->n > max)
			return "it is larger than any such file";
	}
}

bool cli_read_file(const char *path, size_t max, struct cli_bytes *ret)
{
	const bool piped = strcmp(path, "-") == 0;
	const int fd = piped ? STDIN_FILENO
			     : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct cli_bytes b = { 0 };
	const char *why = fd < 0 ? strerror(errno) : read_all(fd, max, &b);

	if (fd >= 0 && !piped)
		(void)close(fd);
	if (!why) {
		*ret = b;
		return true;
	}
	free(b.p);
	return complain(path, why);
}
