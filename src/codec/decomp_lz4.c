/* SPDX-License-Identifier: Apache-2.0 */
/* The door to liblz4: LZ4 frames. */
#include <lz4frame.h>

#include "codec/decomp_door.h"

enum { LZ4_COST = 9 << 20 }; /* two blocks of the largest size, and some */

struct unlz4 {
	LZ4F_dctx *ctx;
};

static bool lz4_begins(struct pk_span b)
{
	return pk_span_starts(b, PK_LIT("\x04\x22\x4d\x18")) ||
	       pk_is_skippable(b);
}

static bool lz4_begin(void *state, struct pk_span bytes, size_t memory)
{
	struct unlz4 *s = state;

	(void)bytes;
	if (memory < LZ4_COST)
		return false;
	if (!s->ctx)
		return !LZ4F_isError(
			LZ4F_createDecompressionContext(&s->ctx, LZ4F_VERSION));
	LZ4F_resetDecompressionContext(s->ctx);
	return true;
}

static enum pk_flow lz4_step(void *state, struct pk_io *io)
{
	struct unlz4 *s = state;
	size_t in = io->in_len, out = io->out_len;
	size_t got = LZ4F_decompress(s->ctx, io->out, &out, io->in, &in, NULL);

	if (LZ4F_isError(got))
		return PK_FLOW_BROKEN;
	io->in += in;
	io->in_len -= in;
	io->out += out;
	io->out_len -= out;
	return got ? PK_FLOW_ON : PK_FLOW_END;
}

static size_t lz4_cost(void *state)
{
	(void)state;
	return LZ4_COST;
}

static void lz4_end(void *state)
{
	(void)LZ4F_freeDecompressionContext(((struct unlz4 *)state)->ctx);
}

const struct pk_door pk_door_lz4 = {
	.size = sizeof(struct unlz4),
	.begins = lz4_begins,
	.aside = pk_aside_of_skippable,
	.begin = lz4_begin,
	.step = lz4_step,
	.cost = lz4_cost,
	.end = lz4_end,
};
