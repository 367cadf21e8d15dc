/* SPDX-License-Identifier: Apache-2.0 */
/* LZ4 frames and skippable frames. */
#include "analyze/wrapper.h"

static enum pk_match lz4_probe(const struct pk_head *head)
{
	return pk_wrapper_probe(head, PK_CODEC_LZ4);
}

static void lz4_scan(struct pk_scan *s)
{
	(void)pk_wrapper_scan(s, PK_CODEC_LZ4, 0);
}

const struct pk_format pk_format_lz4 = {
	.name = "lz4",
	.title = "LZ4 stream",
	.reads = "all members of the stream, as one content",
	.risk = PK_RISK_WRAPPER,
	.rank = 5,
	.probe = lz4_probe,
	.scan = lz4_scan,
};
