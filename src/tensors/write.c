/* SPDX-License-Identifier: Apache-2.0 */
/* Carries a plan out.  Bytes that lie in the input as they are to be written
 * go through the kernel. */
#include "tensors/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 1 << 20, BATCH = 32 << 20 };

struct run {
	struct pk_plan *p;
	struct pk_weights *w;
	const struct pk_write *how;
	uint8_t *buf;
	uint64_t done, flushed;
	struct pk_sha256 *whole, *one;
	bool no_kernel_copy;
	enum pk_written end;
};

static bool stop(struct run *r, enum pk_written how)
{
	r->end = how;
	return false;
}

/* Tells how far it is, and has the disk begin before the end. */
static bool advance(struct run *r, uint64_t n)
{
	r->done += n;
	if (r->done - r->flushed >= BATCH) {
		(void)sync_file_range(r->how->out, (off_t)r->flushed,
				      (off_t)(r->done - r->flushed),
				      SYNC_FILE_RANGE_WRITE);
		r->flushed = r->done;
	}
	return !r->how->progress ||
	       r->how->progress(r->how->ctx, r->done,
				r->p->header.len + r->p->data) ||
	       stop(r, PK_WRITE_STOPPED);
}

static bool put(struct run *r, const void *bytes, size_t n)
{
	const char *p = bytes;
	size_t left = n;

	if (r->how->hash)
		pk_sha256_add(r->whole, bytes, n);
	while (left > 0) {
		const ssize_t got = write(r->how->out, p, left);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return stop(r, PK_WRITE_FAILED);
		p += got;
		left -= (size_t)got;
	}
	return advance(r, n);
}

/* Which errors mean that the kernel does not copy between these two. */
static bool is_no_copy(int error)
{
	return error == EXDEV || error == EINVAL || error == ENOSYS ||
	       error == EOPNOTSUPP || error == EBADF;
}

/* The rest, where it could not do all of it, is for read and write. */
static bool copy_in_kernel(struct run *r, uint64_t *off, uint64_t *left)
{
	while (*left > 0 && !r->no_kernel_copy) {
		off_t from = (off_t)*off;
		const size_t want = *left < BATCH ? (size_t)*left : BATCH;
		const ssize_t got = copy_file_range(r->how->in, &from,
						    r->how->out, NULL, want, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && !is_no_copy(errno))
			return stop(r, PK_WRITE_FAILED);
		if (got <= 0) {
			r->no_kernel_copy = got < 0;
			break;
		}
		*off += (uint64_t)got;
		*left -= (uint64_t)got;
		if (!advance(r, (uint64_t)got))
			return false;
	}
	return true;
}

static bool cut_short(struct run *r, const struct pk_named *n)
{
	r->p->why = pk_arena_printf(&r->w->arena,
				    "the bytes of tensor '%s' could not be "
				    "read",
				    n->name);
	return stop(r, PK_WRITE_UNREAD);
}

static bool put_gathered(struct run *r, const struct pk_named *n)
{
	struct pk_gather *g = pk_gather_new(n->tensor);
	bool ok = g != NULL;
	size_t got;

	while (ok && (got = pk_gather_next(g, r->buf, PIECE)) > 0) {
		if (r->one)
			pk_sha256_add(r->one, r->buf, got);
		ok = put(r, r->buf, got);
	}
	if (ok && pk_gather_failed(g))
		ok = cut_short(r, n);
	pk_gather_free(g);
	return ok;
}

static bool put_verbatim(struct run *r, const struct pk_named *n)
{
	const struct pk_tensor *t = n->tensor;
	uint64_t off = t->store->off + t->offset * pk_dtypes[t->dtype].size;
	uint64_t left = 0;

	(void)pk_tensor_bytes(t, &left);
	if (!copy_in_kernel(r, &off, &left))
		return false;
	while (left > 0) {
		const size_t want = left < PIECE ? (size_t)left : PIECE;

		if (pk_source_read(t->store->src, off, r->buf, want) != want)
			return cut_short(r, n);
		if (!put(r, r->buf, want))
			return false;
		off += want;
		left -= want;
	}
	return true;
}

static bool put_tensor(struct run *r, size_t i)
{
	const struct pk_named *n = r->p->v[i];
	bool ok;

	if (!pk_weights_locate(r->w, n->tensor)) {
		r->p->why = r->w->why;
		return stop(r, PK_WRITE_UNREAD);
	}
	if (!r->how->hash && pk_tensor_verbatim(n->tensor))
		return put_verbatim(r, n);
	if (r->how->hash)
		r->one = pk_sha256_new();
	ok = put_gathered(r, n);
	if (r->how->hash && !pk_sha256_end(r->one, r->p->digest[i]) && ok) {
		errno = ENOMEM;
		ok = stop(r, PK_WRITE_FAILED);
	}
	r->one = NULL;
	return ok;
}

/* Room for all of it, before anything is written: a full disk is found now. */
static bool take_room(struct run *r)
{
	const off_t size = (off_t)(r->p->header.len + r->p->data);

	return fallocate(r->how->out, 0, 0, size) == 0 ||
	       (errno != ENOSPC && errno != EFBIG && errno != EDQUOT) ||
	       stop(r, PK_WRITE_FAILED);
}

enum pk_written pk_plan_write(struct pk_plan *p, struct pk_weights *w,
			      const struct pk_write *how)
{
	struct run r = { .p = p, .w = w, .how = how, .end = PK_WRITTEN };
	bool ok;

	r.buf = malloc(PIECE);
	if (!r.buf) {
		errno = ENOMEM;
		return PK_WRITE_FAILED;
	}
	r.whole = how->hash ? pk_sha256_new() : NULL;
	ok = take_room(&r) && put(&r, p->header.p, p->header.len);
	for (size_t i = 0; ok && i < p->n; i++)
		ok = put_tensor(&r, i);
	if (how->hash && !pk_sha256_end(r.whole, p->whole) && ok) {
		errno = ENOMEM;
		r.end = PK_WRITE_FAILED;
	}
	free(r.buf);
	return r.end;
}
