/* SPDX-License-Identifier: Apache-2.0 */
#include "source/pieces.h"

#include <stdlib.h>

struct pieces {
	struct pk_source base;
	struct pk_source *of;
	size_t n;
	struct pk_extent piece[];
};

/* How many bytes from off on are of one kind: piece (set) or hole. */
static uint64_t run_at(const struct pieces *p, uint64_t off, uint64_t max,
		       const struct pk_extent **ret)
{
	*ret = NULL;
	for (size_t i = 0; i < p->n; i++) {
		const struct pk_extent *x = &p->piece[i];

		if (off >= x->at && off - x->at < x->len) {
			*ret = x;
			return x->len - (off - x->at) < max
				       ? x->len - (off - x->at)
				       : max;
		}
		if (x->at > off && x->at - off < max)
			max = x->at - off;
	}
	return max;
}

static size_t pieces_read(struct pk_source *s, uint64_t off, void *buf,
			  size_t n)
{
	struct pieces *p = (struct pieces *)s;
	size_t have = 0;

	while (have < n) {
		const struct pk_extent *x;
		uint8_t *to = (uint8_t *)buf + have;
		size_t run = (size_t)run_at(p, off + have, n - have, &x);
		size_t got = run;

		if (x)
			got = pk_source_read(
				p->of, x->off + (off + have - x->at), to, run);
		else
			memset(to, 0, run);
		have += got;
		if (got < run)
			break;
	}
	return have;
}

static void pieces_free(struct pk_source *s)
{
	free(s);
}

static const struct pk_source_ops pieces_ops = {
	.read = pieces_read,
	.free = pieces_free,
};

struct pk_source *pk_pieces_new(struct pk_source *of,
				const struct pk_extent *piece, size_t n,
				uint64_t size)
{
	struct pieces *p = calloc(1, sizeof(*p) + n * sizeof(*piece));

	if (!p)
		return NULL;
	p->base.ops = &pieces_ops;
	p->base.size = size;
	p->base.grain = of->grain;
	p->of = of;
	p->n = n;
	if (n)
		memcpy(p->piece, piece, n * sizeof(*piece));
	return &p->base;
}
