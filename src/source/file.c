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
	struct stat met; /* as it was when the source was made */
	uint8_t *whole;  /* all of it, or NULL */
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

/* The place of the descriptor moves, which no read here depends on. */
static uint64_t file_zeros(struct pk_source *s, uint64_t off)
{
	const struct file *f = (const struct file *)s;
	const off_t data = lseek(f->fd, (off_t)off, SEEK_DATA);

	if (data >= 0)
		return (uint64_t)data - off;
	return errno == ENXIO ? s->size - off : 0;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool file_changed(struct pk_source *s)
{
	const struct file *f = (const struct file *)s;
	struct stat now;

	return fstat(f->fd, &now) != 0 || now.st_size != f->met.st_size ||
	       now.st_ino != f->met.st_ino || now.st_dev != f->met.st_dev ||
	       !same_time(now.st_mtim, f->met.st_mtim) ||
	       !same_time(now.st_ctim, f->met.st_ctim);
}

static const struct pk_source_ops file_ops = {
	.read = file_read,
	.free = file_free,
	.zeros = file_zeros,
	.changed = file_changed,
};

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
	struct file *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	if (fstat(fd, &f->met) != 0) {
		free(f);
		return NULL;
	}
	f->base.ops = &file_ops;
	f->base.size = (uint64_t)f->met.st_size;
	f->fd = fd;
	if (f->base.size <= WHOLE_MAX)
		read_whole(f);
	return &f->base;
}
