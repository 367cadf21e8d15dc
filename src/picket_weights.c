/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: the tensors of a file. */
#include "picket_types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/file.h"
#include "tensors/receipt.h"
#include "tensors/write.h"

#define MEMORY (1ULL << 30)

struct picket_weight {
	struct picket_weights *w;
	const struct pk_named *n;
	void *data; /* once asked for */
};

struct picket_weights {
	struct pk_weights w;
	struct pk_source *src;
	struct picket_weight *tensors;
	size_t count;
	const char *error;
	int fd, own_fd;
};

/* ---- opening ---- */

static enum picket_status status_of(enum pk_weights_end end)
{
	static const enum picket_status of[] = {
		[PK_WEIGHTS_OK] = PICKET_OK,
		[PK_WEIGHTS_REFUSED] = PICKET_ERR_REFUSED,
		[PK_WEIGHTS_BROKEN] = PICKET_ERR_BROKEN,
		[PK_WEIGHTS_FOREIGN] = PICKET_ERR_FOREIGN,
		[PK_WEIGHTS_LIMIT] = PICKET_ERR_NOMEM,
	};

	return of[end];
}

static enum picket_status fail(struct picket_weights *w,
			       enum picket_status status, const char *why)
{
	w->error = why;
	return status;
}

static enum picket_status make_tensors(struct picket_weights *w)
{
	w->tensors = calloc(w->w.n ? w->w.n : 1, sizeof(*w->tensors));
	if (!w->tensors)
		return fail(w, PICKET_ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < w->w.n; i++)
		w->tensors[i] =
			(struct picket_weight){ .w = w, .n = &w->w.named[i] };
	w->count = w->w.n;
	return PICKET_OK;
}

static enum picket_status open_weights(struct picket_weights *w, unsigned flags)
{
	const enum pk_weights_rules rules = flags & PICKET_WEIGHTS_SALVAGE
						    ? PK_RULES_SALVAGE
						    : PK_RULES_NOW;
	struct stat st;
	enum pk_weights_end end;

	if (w->fd < 0 || fstat(w->fd, &st) != 0)
		return fail(w, PICKET_ERR_IO, "the file cannot be opened");
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return fail(w, PICKET_ERR_IO, "it is no regular file");
	}
	w->src = pk_file_new(w->fd);
	if (!w->src)
		return fail(w, PICKET_ERR_NOMEM, "out of memory");
	end = pk_weights_open(&w->w, w->src, rules, MEMORY);
	if (end != PK_WEIGHTS_OK)
		return fail(w, status_of(end), w->w.why);
	return make_tensors(w);
}

static enum picket_status new_weights(int fd, int own_fd, unsigned flags,
				      struct picket_weights **ret)
{
	struct picket_weights *w = calloc(1, sizeof(*w));

	*ret = w;
	if (!w) {
		if (own_fd >= 0)
			(void)close(own_fd);
		return PICKET_ERR_NOMEM;
	}
	w->fd = fd;
	w->own_fd = own_fd;
	w->error = "";
	return open_weights(w, flags);
}

enum picket_status picket_weights_open(const char *path, unsigned flags,
				       struct picket_weights **ret)
{
	/* A FIFO must not hold us up; it is refused when it is seen. */
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return new_weights(fd, fd, flags, ret);
}

enum picket_status picket_weights_open_fd(int fd, unsigned flags,
					  struct picket_weights **ret)
{
	return new_weights(fd, -1, flags, ret);
}

void picket_weights_free(struct picket_weights *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->count; i++)
		free(w->tensors[i].data);
	free(w->tensors);
	if (w->w.loader)
		pk_weights_release(&w->w);
	pk_source_free(w->src);
	if (w->own_fd >= 0)
		(void)close(w->own_fd);
	free(w);
}

const char *picket_weights_error(const struct picket_weights *w)
{
	return w ? w->error : "out of memory";
}

const char *picket_weights_format(const struct picket_weights *w)
{
	return w->w.format ? w->w.format : "";
}

/* ---- looking ---- */

size_t picket_weights_count(const struct picket_weights *w)
{
	return w->count;
}

const struct picket_weight *picket_weights_at(const struct picket_weights *w,
					      size_t n)
{
	return n < w->count ? &w->tensors[n] : NULL;
}

const struct picket_weight *picket_weights_find(const struct picket_weights *w,
						const char *name)
{
	const struct pk_named *n =
		w->count ? pk_weights_find(&w->w, name) : NULL;

	return n ? &w->tensors[n - w->w.named] : NULL;
}

bool picket_weights_skipped(const struct picket_weights *w, size_t n,
			    const char **name, const char **what, bool *tensor)
{
	if (n >= w->w.skipped_n)
		return false;
	*name = w->w.skipped[n].name;
	*what = w->w.skipped[n].what;
	*tensor = w->w.skipped[n].tensor;
	return true;
}

const char *picket_weight_name(const struct picket_weight *t, size_t *ret_len)
{
	if (ret_len)
		*ret_len = t->n->name_len;
	return t->n->name;
}

const char *picket_weight_dtype(const struct picket_weight *t)
{
	return pk_dtypes[t->n->tensor->dtype].torch;
}

size_t picket_weight_rank(const struct picket_weight *t)
{
	return t->n->tensor->rank;
}

const uint64_t *picket_weight_shape(const struct picket_weight *t)
{
	return t->n->tensor->shape;
}

uint64_t picket_weight_bytes(const struct picket_weight *t)
{
	uint64_t bytes = 0;

	(void)pk_tensor_bytes(t->n->tensor, &bytes);
	return bytes;
}

const struct picket_weight *picket_weight_same_as(const struct picket_weight *t)
{
	return t->n->same_as ? &t->w->tensors[t->n->same_as - t->w->w.named]
			     : NULL;
}

bool picket_weight_place(const struct picket_weight *t, uint64_t *ret_off)
{
	const struct pk_tensor *of = t->n->tensor;

	if (!of->store || !pk_weights_locate(&t->w->w, of) ||
	    !pk_tensor_verbatim(of))
		return false;
	*ret_off = of->store->off + of->offset * pk_dtypes[of->dtype].size;
	return true;
}

/* ---- reading ---- */

static enum picket_status gather(const struct picket_weight *t, uint8_t *buf)
{
	struct pk_gather *g = pk_gather_new(t->n->tensor);
	const uint64_t bytes = picket_weight_bytes(t);
	uint64_t done = 0;
	size_t n;

	if (!g)
		return fail(t->w, PICKET_ERR_NOMEM, "out of memory");
	while ((n = pk_gather_next(g, buf + done, bytes - done)) > 0)
		done += n;
	pk_gather_free(g);
	return done == bytes ? PICKET_OK
			     : fail(t->w, PICKET_ERR_BROKEN,
				    "the tensor's bytes could not all be read");
}

enum picket_status picket_weight_read(const struct picket_weight *t, void *buf,
				      size_t n)
{
	if (n < picket_weight_bytes(t))
		return fail(t->w, PICKET_ERR_USAGE, "the tensor is larger");
	if (!t->n->tensor->store)
		return fail(t->w, PICKET_ERR_REFUSED, "the tensor has no data");
	if (!pk_weights_locate(&t->w->w, t->n->tensor))
		return fail(t->w, PICKET_ERR_BROKEN, t->w->w.why);
	return gather(t, buf);
}

enum picket_status picket_weight_data(const struct picket_weight *t,
				      const void **ret)
{
	struct picket_weight *own = &t->w->tensors[t->n - t->w->w.named];
	const uint64_t bytes = picket_weight_bytes(t);
	enum picket_status status = PICKET_OK;

	if (!own->data) {
		own->data = bytes < SIZE_MAX ? malloc(bytes ? bytes : 1) : NULL;
		if (!own->data)
			return fail(t->w, PICKET_ERR_NOMEM, "out of memory");
		status = picket_weight_read(t, own->data, bytes);
	}
	if (status != PICKET_OK) {
		free(own->data);
		own->data = NULL;
		return status;
	}
	*ret = own->data;
	return PICKET_OK;
}

/* ---- writing ---- */

static enum picket_status written(struct picket_weights *w,
				  const struct pk_plan *p, enum pk_written how)
{
	switch (how) {
	case PK_WRITTEN:
		return PICKET_OK;
	case PK_WRITE_FAILED:
		return fail(w, PICKET_ERR_IO, "the output cannot be written");
	case PK_WRITE_UNREAD:
		return fail(w, PICKET_ERR_BROKEN, p->why);
	case PK_WRITE_STOPPED:
		break;
	}
	return fail(w, PICKET_ERR_STOPPED, "stopped");
}

static enum picket_status put_receipt(struct picket_weights *w,
				      const struct pk_plan *p,
				      const struct picket_writing *how)
{
	struct pk_buf out = { 0 };
	const struct pk_receipt receipt = { .weights = &w->w,
					    .plan = p,
					    .src = w->src,
					    .input = how->input,
					    .output = how->output };
	enum picket_status status = PICKET_OK;

	if (!pk_receipt_put(&receipt, &out))
		status = fail(w, PICKET_ERR_BROKEN,
			      "the input could not be read again");
	else if (how->receipt->write(how->receipt->ctx, out.p, out.len) != 0)
		status =
			fail(w, PICKET_ERR_IO, "the receipt cannot be written");
	pk_buf_release(&out);
	return status;
}

enum picket_status picket_weights_write(struct picket_weights *w, int fd,
					const struct picket_writing *how)
{
	const struct pk_write to = { .in = w->fd,
				     .out = fd,
				     .hash = how->receipt != NULL,
				     .progress = how->progress,
				     .ctx = how->ctx };
	struct pk_plan p;
	enum picket_status status;

	if (pk_plan_make(&p, &w->w))
		status = written(w, &p, pk_plan_write(&p, &w->w, &to));
	else
		status = fail(w, PICKET_ERR_REFUSED, p.why);
	if (status == PICKET_OK && how->receipt)
		status = put_receipt(w, &p, how);
	pk_plan_release(&p);
	return status;
}

/* ---- receipts ---- */

enum picket_status picket_receipt_check(int receipt, int fd, const char *path,
					const struct picket_sink *to,
					size_t *ret_differences)
{
	struct pk_source *r = pk_file_new(receipt), *f = pk_file_new(fd);
	struct pk_buf out = { 0 };
	enum picket_status status = PICKET_OK;

	if (!r || !f)
		status = PICKET_ERR_IO;
	else if (!pk_receipt_check(r, f, path, &out, ret_differences))
		status = PICKET_ERR_NOMEM;
	else if (out.len && to->write(to->ctx, out.p, out.len) != 0)
		status = PICKET_ERR_IO;
	pk_buf_release(&out);
	pk_source_free(r);
	pk_source_free(f);
	return status;
}
