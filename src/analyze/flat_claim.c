/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/flat_claim.h"

#include "engine/embed.h"

enum { REST_MAX = 256 };

static bool is_suspect(struct pk_scan *s, uint64_t from, uint64_t to)
{
	uint8_t rest[REST_MAX];
	const size_t n =
		pk_source_read(s->bytes, from, rest, (size_t)(to - from));

	for (size_t i = 0; i < n; i++) {
		if (pk_embed_begins((struct pk_span){ rest + i, n - i }))
			return true;
	}
	return pk_embed_is(s, from, to);
}

void pk_claim_flat(struct pk_scan *s, const struct pk_fb *b, uint64_t stop)
{
	uint64_t end = b->base + b->end;

	if (stop > end && stop - end <= REST_MAX && !is_suspect(s, end, stop))
		end = stop;
	pk_claim(s, b->base, end - b->base);
}
