/* SPDX-License-Identifier: Apache-2.0 */
/* gzip (RFC 1952): members, each a header, deflate data, CRC and size. */
#include "analyze/wrapper.h"

static enum pk_match gzip_probe(const struct pk_head *head)
{
	return pk_wrapper_probe(head, PK_CODEC_GZIP);
}

static void gzip_scan(struct pk_scan *s)
{
	(void)pk_wrapper_scan(s, PK_CODEC_GZIP, 0);
}

static const struct pk_span gzip_begins[] = {
	PK_LIT_INIT("\x1f\x8b"),
	{ 0 },
};

const struct pk_format pk_format_gzip = {
	.name = "gzip",
	.title = "gzip stream",
	.reads = "all members of the stream, as one content",
	.risk = PK_RISK_WRAPPER,
	.rank = 5,
	.begins = gzip_begins,
	.probe = gzip_probe,
	.scan = gzip_scan,
};
