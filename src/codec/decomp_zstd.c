/* SPDX-License-Identifier: Apache-2.0 */
/* The door to libzstd.  Windows over 128 MiB, which only --long=28 and more
 * make, are refused. */
#include <zstd.h>
#include <zstd_errors.h>

#include "codec/decomp_door.h"

enum { WINDOW_LOG_MAX = 27 };

struct unzstd {
	ZSTD_DCtx *ctx;
	size_t memory;
};

/* RFC 8878, 3.1: frames and skippable frames. */
static bool zstd_begins(struct pk_span b)
{
	return pk_span_starts(b, PK_LIT("\x28\xb5\x2f\xfd")) ||
	       pk_is_skippable(b);
}

/* The largest window that fits into so much memory. */
static int window_log(size_t memory)
{
	int log = WINDOW_LOG_MAX;

	while (log > 10 && (size_t)1 << log > memory)
		log--;
	return log;
}

static bool zstd_begin(void *state, struct pk_span bytes, size_t memory)
{
	struct unzstd *s = state;

	(void)bytes;
	if (!s->ctx)
		s->ctx = ZSTD_createDCtx();
	if (!s->ctx)
		return false;
	(void)ZSTD_DCtx_reset(s->ctx, ZSTD_reset_session_only);
	return !ZSTD_isError(ZSTD_DCtx_setParameter(s->ctx, ZSTD_d_windowLogMax,
						    window_log(memory)));
}

static enum pk_flow zstd_step(void *state, struct pk_io *io)
{
	struct unzstd *s = state;
	ZSTD_inBuffer in = { io->in, io->in_len, 0 };
	ZSTD_outBuffer out = { io->out, io->out_len, 0 };
	size_t got = ZSTD_decompressStream(s->ctx, &out, &in);

	io->in += in.pos;
	io->in_len -= in.pos;
	io->out += out.pos;
	io->out_len -= out.pos;
	if (!ZSTD_isError(got))
		return got ? PK_FLOW_ON : PK_FLOW_END;
	switch ((int)ZSTD_getErrorCode(got)) {
	case ZSTD_error_frameParameter_windowTooLarge:
	case ZSTD_error_frameParameter_unsupported:
	case ZSTD_error_dictionary_wrong:
	case ZSTD_error_memory_allocation:
	case ZSTD_error_version_unsupported:
		return PK_FLOW_REFUSED;
	default:
		return PK_FLOW_BROKEN;
	}
}

static size_t zstd_cost(void *state)
{
	return ZSTD_sizeof_DCtx(((struct unzstd *)state)->ctx);
}

static void zstd_end(void *state)
{
	(void)ZSTD_freeDCtx(((struct unzstd *)state)->ctx);
}

const struct pk_door pk_door_zstd = {
	.size = sizeof(struct unzstd),
	.begins = zstd_begins,
	.aside = pk_aside_of_skippable,
	.begin = zstd_begin,
	.step = zstd_step,
	.cost = zstd_cost,
	.end = zstd_end,
};
