/* SPDX-License-Identifier: Apache-2.0 */
#include "source/file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
	struct pk_source base;
	int fd;
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
	free(s);
}

static const struct pk_source_ops file_ops = { file_read, file_free };

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
	return &f->base;
}
