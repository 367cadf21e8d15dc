/* SPDX-License-Identifier: Apache-2.0 */
#include "source/memory.h"

#include <stdlib.h>

struct memory {
	struct pk_source base;
	uint8_t *owned; /* NULL when borrowed */
};

/* Never reached: pk_source_read() copies from mem by itself. */
static size_t memory_read(struct pk_source *s, uint64_t off, void *buf,
			  size_t n)
{
	memcpy(buf, s->mem + off, n);
	return n;
}

static void memory_free(struct pk_source *s)
{
	free(((struct memory *)s)->owned);
	free(s);
}

static const struct pk_source_ops memory_ops = {
	.read = memory_read,
	.free = memory_free,
};

struct pk_source *pk_memory_borrow(struct pk_span bytes)
{
	static const uint8_t nothing[1];
	struct memory *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->base.ops = &memory_ops;
	m->base.size = bytes.len;
	m->base.mem = bytes.p ? bytes.p : nothing;
	return &m->base;
}

struct pk_source *pk_memory_own(uint8_t *bytes, size_t len)
{
	struct pk_source *s = pk_memory_borrow((struct pk_span){ bytes, len });

	if (s)
		((struct memory *)s)->owned = bytes;
	else
		free(bytes);
	return s;
}
