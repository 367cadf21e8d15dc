/* SPDX-License-Identifier: Apache-2.0 */
#include "core/source.h"

size_t pk_source_read(struct pk_source *s, uint64_t off, void *buf, size_t n)
{
	size_t got;

	if (off >= s->size)
		return 0;
	if (n > s->size - off)
		n = (size_t)(s->size - off);
	if (n == 0)
		return 0;
	if (s->mem) {
		memcpy(buf, s->mem + off, n);
		return n;
	}
	got = s->ops->read(s, off, buf, n);
	if (got < n)
		s->broken = true;
	return got;
}

uint64_t pk_source_zeros(struct pk_source *s, uint64_t off)
{
	return s->ops->zeros && off < s->size ? s->ops->zeros(s, off) : 0;
}

bool pk_source_changed(struct pk_source *s)
{
	return s->ops->changed && s->ops->changed(s);
}

void pk_source_expect(struct pk_source *s, const struct pk_extent *v, size_t n)
{
	if (s->ops->expect)
		s->ops->expect(s, v, n);
}

void pk_source_free(struct pk_source *s)
{
	if (s)
		s->ops->free(s);
}
