/* SPDX-License-Identifier: Apache-2.0 */
#include "source/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool add(struct pk_listing *l, const struct dirent *d)
{
	if (l->count == l->cap) {
		const size_t cap = l->cap ? l->cap * 2 : 32;
		struct pk_name *v = realloc(l->names, cap * sizeof(*v));

		if (!v)
			return false;
		l->names = v;
		l->cap = cap;
	}
	l->names[l->count].type = d->d_type;
	l->names[l->count].text = strdup(d->d_name);
	return l->names[l->count++].text != NULL;
}

static bool is_self(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int by_name(const void *a, const void *b)
{
	const struct pk_name *x = a, *y = b;

	return strcmp(x->text, y->text);
}

static void blobs_last(struct pk_listing *l)
{
	const struct pk_name snapshots = { (char[]){ "snapshots" }, 0 };
	const struct pk_name blobs = { (char[]){ "blobs" }, 0 };
	struct pk_name *at =
		bsearch(&blobs, l->names, l->count, sizeof(*at), by_name);
	struct pk_name moved;

	if (!at ||
	    !bsearch(&snapshots, l->names, l->count, sizeof(*at), by_name))
		return;
	moved = *at;
	memmove(at, at + 1,
		(size_t)(l->names + l->count - (at + 1)) * sizeof(*at));
	l->names[l->count - 1] = moved;
}

enum pk_status pk_listing_read(struct pk_listing *l, int fd)
{
	const struct dirent *d;

	*l = (struct pk_listing){ .fd = fd, .dir = fdopendir(fd) };
	if (!l->dir) {
		const int why = errno;

		(void)close(fd);
		errno = why;
		return PK_ERR_IO;
	}
	errno = 0;
	while ((d = readdir(l->dir)) != NULL) {
		if (!is_self(d->d_name) && !add(l, d)) {
			errno = ENOMEM;
			return PK_ERR_NOMEM;
		}
	}
	if (errno)
		return PK_ERR_IO;
	if (l->count) {
		qsort(l->names, l->count, sizeof(*l->names), by_name);
		blobs_last(l);
	}
	return PK_OK;
}

void pk_listing_release(struct pk_listing *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->names[i].text);
	free(l->names);
	if (l->dir)
		(void)closedir(l->dir);
	*l = (struct pk_listing){ .fd = -1 };
}
