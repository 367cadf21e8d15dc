/* SPDX-License-Identifier: Apache-2.0 */
/* xz: streams of blocks, with padding between them. */
#include "analyze/wrapper.h"

static enum pk_match xz_probe(const struct pk_head *head)
{
	return pk_span_starts(head->bytes, PK_LIT("\xfd"
						  "7zXZ"))
		       ? PK_MATCH_SURE
		       : PK_MATCH_NO;
}

static void xz_scan(struct pk_scan *s)
{
	(void)pk_wrapper_scan(s, PK_CODEC_XZ, 0);
}

static const struct pk_span xz_begins[] = {
	PK_LIT_INIT("\xfd\x37zXZ"),
	{ 0 },
};

const struct pk_format pk_format_xz = {
	.name = "xz",
	.title = "xz stream",
	.reads = "all members of the stream, as one content",
	.risk = PK_RISK_WRAPPER,
	.rank = 5,
	.begins = xz_begins,
	.probe = xz_probe,
	.scan = xz_scan,
};
