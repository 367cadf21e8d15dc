/* SPDX-License-Identifier: Apache-2.0 */
#include "source/slice.h"

#include <stdlib.h>

struct slice {
	struct pk_source base;
	struct pk_source *of;
	uint64_t off;
};

static size_t slice_read(struct pk_source *s, uint64_t off, void *buf, size_t n)
{
	struct slice *slice = (struct slice *)s;

	return pk_source_read(slice->of, slice->off + off, buf, n);
}

static void slice_free(struct pk_source *s)
{
	free(s);
}

static uint64_t slice_zeros(struct pk_source *s, uint64_t off)
{
	struct slice *slice = (struct slice *)s;

	return pk_source_zeros(slice->of, slice->off + off);
}

static void slice_expect(struct pk_source *s, const struct pk_extent *v,
			 size_t n)
{
	const struct slice *slice = (struct slice *)s;

	for (size_t i = 0; i < n; i++) {
		struct pk_extent e = v[i];

		e.off += slice->off;
		pk_source_expect(slice->of, &e, 1);
	}
}

static const struct pk_source_ops slice_ops = {
	.read = slice_read,
	.expect = slice_expect,
	.free = slice_free,
	.zeros = slice_zeros,
};

struct pk_source *pk_slice_new(struct pk_source *of, uint64_t off, uint64_t len)
{
	struct slice *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	if (off > of->size)
		off = of->size;
	if (len > of->size - off)
		len = of->size - off;
	s->base.ops = &slice_ops;
	s->base.size = len;
	s->base.grain = of->grain;
	s->base.mem = of->mem ? of->mem + off : NULL;
	s->of = of;
	s->off = off;
	return &s->base;
}
