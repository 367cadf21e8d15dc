/* SPDX-License-Identifier: Apache-2.0 */
#include "source/file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Up to here a file is read once, whole: many small reads cost more. */
enum { WHOLE_MAX = 16 << 20 };

struct file {
	struct pk_source base;
	int fd;
	uint8_t *whole; /* all of it, or NULL */
};

static size_t file_read(struct pk_source *s, uint64_t off, void *buf, size_t n)
{
	const struct file *f = (const struct file *)s;
	size_t have = 0;

	while (have < n) {
		ssize_t got = pread(f->fd, (uint8_t *)buf + have, n - have,
				    (off_t)(off + have));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	return have;
}

static void file_free(struct pk_source *s)
{
	free(((struct file *)s)->whole);
	free(s);
}

static const struct pk_source_ops file_ops = { file_read, file_free };

/* A file that comes up short is left to the reads to come, which say so. */
static void read_whole(struct file *f)
{
	const size_t n = (size_t)f->base.size;

	f->whole = malloc(n ? n : 1);
	if (!f->whole)
		return;
	if (file_read(&f->base, 0, f->whole, n) == n) {
		f->base.mem = f->whole;
	} else {
		free(f->whole);
		f->whole = NULL;
	}
}

struct pk_source *pk_file_new(int fd)
{
	struct stat st;
	struct file *f;

	if (fstat(fd, &st) != 0)
		return NULL;
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->base.ops = &file_ops;
	f->base.size = (uint64_t)st.st_size;
	f->fd = fd;
	if (f->base.size <= WHOLE_MAX)
		read_whole(f);
	return &f->base;
}
