/* SPDX-License-Identifier: Apache-2.0 */
/* bzip2: "BZh", a level, blocks; streams may follow one another. */
#include "analyze/wrapper.h"

static enum pk_match bzip2_probe(const struct pk_head *head)
{
	return pk_wrapper_probe(head, PK_CODEC_BZIP2);
}

static void bzip2_scan(struct pk_scan *s)
{
	(void)pk_wrapper_scan(s, PK_CODEC_BZIP2, 0);
}

const struct pk_format pk_format_bzip2 = {
	.name = "bzip2",
	.title = "bzip2 stream",
	.reads = "all members of the stream, as one content",
	.risk = PK_RISK_WRAPPER,
	.rank = 5,
	.probe = bzip2_probe,
	.scan = bzip2_scan,
};
