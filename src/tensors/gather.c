/* SPDX-License-Identifier: Apache-2.0 */
/* A tensor's bytes in the order in which they are written. */
#include <stdlib.h>

#include "tensors/tensor.h"

enum { WINDOW = 256 * 1024, BOX = 16 << 20, NEAR = 4096 };

struct pk_gather {
	const struct pk_tensor *t;
	uint64_t left; /* bytes to come */
	uint64_t at;   /* contiguous: offset in the storage, in bytes */
	bool contiguous, failed;
	/* Otherwise: a box of the index space at a time, whole in all
	 * dimensions behind one of them, is filled in the order in which its
	 * elements lie in the storage. */
	uint64_t index[PK_RANK_MAX]; /* of the box's first element */
	uint8_t *box;
	size_t box_len, box_used;
	/* The part of the storage read last. */
	uint8_t *window;
	uint64_t window_at;
	size_t window_len;
};

struct pk_gather *pk_gather_new(const struct pk_tensor *t)
{
	struct pk_gather *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->t = t;
	g->contiguous = pk_tensor_contiguous(t);
	g->at = t->offset * pk_dtypes[t->dtype].size;
	if (!t->store || t->rank > PK_RANK_MAX || pk_tensor_fault(t))
		g->failed = true;
	else
		(void)pk_tensor_bytes(t, &g->left);
	return g;
}

bool pk_gather_failed(const struct pk_gather *g)
{
	return g->failed;
}

void pk_gather_free(struct pk_gather *g)
{
	if (!g)
		return;
	free(g->window);
	free(g->box);
	free(g);
}

/* ---- elements ---- */

static void swap(uint8_t *p, size_t n, unsigned unit)
{
	for (; unit > 1 && n >= unit; p += unit, n -= unit) {
		for (unsigned i = 0; i < unit / 2; i++) {
			const uint8_t b = p[i];

			p[i] = p[unit - 1 - i];
			p[unit - 1 - i] = b;
		}
	}
}

static void flip_sign(uint8_t *p, unsigned size)
{
	p[size - 1] ^= 0x80;
}

/* -x of a two's complement number; floats flip their sign. */
static void negate(uint8_t *p, enum pk_dtype dtype)
{
	const struct pk_dtype_info *d = &pk_dtypes[dtype];
	const bool floating = strstr(d->torch, "float") != NULL;
	unsigned carry = 1;

	if (floating || d->unit < d->size) {
		for (unsigned i = 0; i < d->size; i += d->unit)
			flip_sign(p + i, d->unit);
		return;
	}
	for (unsigned i = 0; i < d->size; i++) {
		carry += (uint8_t)~p[i];
		p[i] = (uint8_t)carry;
		carry >>= 8;
	}
}

/* Bytes as stored become values as they are to be written. */
static void finish(const struct pk_tensor *t, uint8_t *p, size_t n)
{
	const struct pk_dtype_info *d = &pk_dtypes[t->dtype];

	if (t->store->big_endian)
		swap(p, n, d->unit);
	for (; (t->neg || t->conj) && n >= d->size;
	     p += d->size, n -= d->size) {
		if (t->neg)
			negate(p, t->dtype);
		if (t->conj && d->unit < d->size)
			flip_sign(p + d->unit, d->unit);
	}
}

/* ---- reading ---- */

static size_t read_contiguous(struct pk_gather *g, uint8_t *buf, size_t n)
{
	const struct pk_store *s = g->t->store;
	const size_t got = pk_source_read(s->src, s->off + g->at, buf, n);

	g->failed = got < n;
	g->at += got;
	return got;
}

/* size bytes at a byte offset of the storage, through a window of about
 * near bytes. */
static bool fetch(struct pk_gather *g, uint64_t at, uint8_t *to, size_t size,
		  size_t near)
{
	const struct pk_store *s = g->t->store;

	if (at < g->window_at || at - g->window_at + size > g->window_len) {
		const uint64_t left = s->len - at;
		size_t n = near > size ? near : size;

		if (n > WINDOW)
			n = size > WINDOW ? size : WINDOW;
		if (n > left)
			n = (size_t)left;
		if (size >= WINDOW) /* the box is as good a place */
			return pk_source_read(s->src, s->off + at, to, size) ==
			       size;
		g->window_at = at;
		g->window_len =
			pk_source_read(s->src, s->off + at, g->window, n);
		if (g->window_len < size)
			return false;
	}
	memcpy(to, g->window + (at - g->window_at), size);
	return true;
}

/* One dimension of a box. */
struct side {
	uint64_t n;      /* elements */
	uint64_t stride; /* in the storage */
	uint64_t step;   /* in the box, in bytes */
	uint64_t i;
};

/* The innermost side: a run, or elements one by one. */
static bool fill_run(struct pk_gather *g, const struct side *in,
		     uint64_t element, uint8_t *to)
{
	const unsigned size = pk_dtypes[g->t->dtype].size;
	const uint64_t apart = in->stride * size;
	const size_t near = apart <= NEAR ? WINDOW : size;

	if (in->stride == 1 && in->step == size)
		return fetch(g, element * size, to, (size_t)in->n * size,
			     WINDOW);
	/* A short run that is scattered in the box is read at once. */
	if (in->stride == 1 && in->n * size < WINDOW &&
	    !fetch(g, element * size, to, size, (size_t)in->n * size))
		return false;
	for (uint64_t i = 0; i < in->n; i++) {
		if (!fetch(g, (element + i * in->stride) * size,
			   to + i * in->step, size, near))
			return false;
	}
	return true;
}

/* Every run of the box; the sides are sorted, the nearest elements last. */
static bool fill_box(struct pk_gather *g, struct side *side, uint32_t sides,
		     uint64_t element)
{
	const struct side *in = &side[sides - 1];
	uint64_t to = 0;
	uint32_t d;

	do {
		if (!fill_run(g, in, element, g->box + to))
			return false;
		for (d = sides - 1; d > 0; d--) {
			struct side *s = &side[d - 1];

			element += s->stride;
			to += s->step;
			if (++s->i < s->n)
				break;
			element -= s->stride * s->n;
			to -= s->step * s->n;
			s->i = 0;
		}
	} while (d > 0);
	return true;
}

static int farther_first(const void *a, const void *b)
{
	const struct side *x = a, *y = b;

	return x->stride < y->stride ? 1 : x->stride > y->stride ? -1 : 0;
}

/* The dimension at which boxes are cut, and how much of it fits in one. */
static uint32_t cut_at(const struct pk_tensor *t, uint64_t *behind)
{
	uint32_t d = t->rank - 1;
	uint64_t bytes = pk_dtypes[t->dtype].size;

	while (d > 0 && bytes * t->shape[d] <= BOX / 2)
		bytes *= t->shape[d--];
	*behind = bytes;
	return d;
}

static void next_box(struct pk_gather *g, uint32_t cut, uint64_t n)
{
	g->index[cut] += n;
	for (uint32_t d = cut; d > 0 && g->index[d] == g->t->shape[d]; d--) {
		g->index[d] = 0;
		g->index[d - 1]++;
	}
}

static bool read_box(struct pk_gather *g)
{
	const struct pk_tensor *t = g->t;
	struct side side[PK_RANK_MAX];
	uint64_t behind, n, element = t->offset, step;
	const uint32_t cut = cut_at(t, &behind);

	n = BOX / behind;
	if (n > t->shape[cut] - g->index[cut])
		n = t->shape[cut] - g->index[cut];
	for (uint32_t d = 0; d <= cut; d++)
		element += g->index[d] * pk_tensor_strides(t)[d];
	step = pk_dtypes[t->dtype].size;
	for (uint32_t d = t->rank; d > cut; d--) {
		side[d - 1 - cut] = (struct side){
			.n = d - 1 == cut ? n : t->shape[d - 1],
			.stride = pk_tensor_strides(t)[d - 1],
			.step = step,
		};
		step *= t->shape[d - 1];
	}
	qsort(side, t->rank - cut, sizeof(side[0]), farther_first);
	g->box_len = (size_t)(n * behind);
	g->box_used = 0;
	if (!fill_box(g, side, t->rank - cut, element))
		return false;
	next_box(g, cut, n);
	return true;
}

static bool need_memory(struct pk_gather *g)
{
	if (!g->box)
		g->box = malloc(g->left < BOX ? (size_t)g->left : BOX);
	if (!g->window)
		g->window = malloc(WINDOW);
	return g->box && g->window;
}

static size_t read_strided(struct pk_gather *g, uint8_t *buf, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t some = g->box_len - g->box_used;

		if (some == 0) {
			if (need_memory(g) && read_box(g))
				continue;
			g->failed = true;
			break;
		}
		if (some > n - done)
			some = n - done;
		memcpy(buf + done, g->box + g->box_used, some);
		g->box_used += some;
		done += some;
	}
	return done;
}

size_t pk_gather_next(struct pk_gather *g, uint8_t *buf, size_t n)
{
	const unsigned size = pk_dtypes[g->t->dtype].size;

	if (g->failed)
		return 0;
	if (n > g->left)
		n = (size_t)g->left;
	n -= n % size;
	n = g->contiguous ? read_contiguous(g, buf, n)
			  : read_strided(g, buf, n);
	n -= n % size;
	finish(g->t, buf, n);
	g->left -= n;
	return n;
}
