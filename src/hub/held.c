/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/held.h"

#include <stdlib.h>

enum { LOOK_BACK = 8 }; /* pieces that may lie over one another */

/* How many begin at or before the offset. */
static size_t up_to(const struct pk_held *h, uint64_t off)
{
	size_t from = 0, to = h->n;

	while (from < to) {
		const size_t mid = from + (to - from) / 2;

		if (h->v[mid].off <= off)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

const struct pk_piece *pk_held_find(struct pk_held *h, uint64_t off)
{
	const size_t n = up_to(h, off);

	for (size_t i = n; i > 0 && n - i < LOOK_BACK; i--) {
		struct pk_piece *p = &h->v[i - 1];

		if (off - p->off >= p->len)
			continue;
		p->used = ++h->clock;
		return p;
	}
	return NULL;
}

static void drop_oldest(struct pk_held *h)
{
	size_t oldest = 0;

	for (size_t i = 1; i < h->n; i++) {
		if (h->v[i].used < h->v[oldest].used)
			oldest = i;
	}
	h->bytes -= h->v[oldest].len;
	free(h->v[oldest].p);
	h->n--;
	memmove(&h->v[oldest], &h->v[oldest + 1],
		(h->n - oldest) * sizeof(*h->v));
}

const struct pk_piece *pk_held_keep(struct pk_held *h, uint64_t off, uint8_t *p,
				    size_t len)
{
	size_t at;

	if (!h->v)
		h->v = calloc(PK_HELD_PIECES, sizeof(*h->v));
	if (!h->v) {
		free(p);
		return NULL;
	}
	while (h->n &&
	       (h->n == PK_HELD_PIECES || h->bytes + len > PK_HELD_BYTES))
		drop_oldest(h);
	at = up_to(h, off);
	memmove(&h->v[at + 1], &h->v[at], (h->n - at) * sizeof(*h->v));
	h->v[at] = (struct pk_piece){
		.off = off, .len = len, .p = p, .used = ++h->clock
	};
	h->n++;
	h->bytes += len;
	return &h->v[at];
}

void pk_held_release(struct pk_held *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->v[i].p);
	free(h->v);
	*h = (struct pk_held){ .v = NULL };
}
