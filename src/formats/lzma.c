/* SPDX-License-Identifier: Apache-2.0 */
/* LZMA-alone: properties, size of the dictionary, size of the content; no
 * magic and no checksum. */
#include "analyze/wrapper.h"

static enum pk_match lzma_probe(const struct pk_head *head)
{
	if (pk_span_starts(head->bytes, PK_LIT("\xfd"
					       "7zXZ")) ||
	    !pk_decomp_begins(PK_CODEC_XZ, head->bytes))
		return PK_MATCH_NO;
	return pk_wrapper_try(head, PK_CODEC_XZ, 0);
}

static void lzma_scan(struct pk_scan *s)
{
	(void)pk_wrapper_scan(s, PK_CODEC_XZ, 0);
}

const struct pk_format pk_format_lzma = {
	.name = "lzma",
	.title = "LZMA-alone stream",
	.reads = "all members of the stream, as one content",
	.risk = PK_RISK_WRAPPER,
	.rank = 5,
	.probe = lzma_probe,
	.scan = lzma_scan,
};
