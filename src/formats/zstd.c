/* SPDX-License-Identifier: Apache-2.0 */
/* Zstandard (RFC 8878): frames and skippable frames. */
#include "analyze/wrapper.h"

static enum pk_match zstd_probe(const struct pk_head *head)
{
	return pk_wrapper_probe(head, PK_CODEC_ZSTD);
}

static void zstd_scan(struct pk_scan *s)
{
	(void)pk_wrapper_scan(s, PK_CODEC_ZSTD, 0);
}

const struct pk_format pk_format_zstd = {
	.name = "zstd",
	.title = "Zstandard stream",
	.reads = "all members of the stream, as one content",
	.risk = PK_RISK_WRAPPER,
	.rank = 5,
	.probe = zstd_probe,
	.scan = zstd_scan,
};
