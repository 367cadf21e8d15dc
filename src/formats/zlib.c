/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zlib (RFC 1950): two bytes of header, deflate data, Adler-32.  joblib takes
 * any file for one that starts with the byte 0x78; the header is next to
 * nothing, so the data must decode as well.
 */
#include "analyze/wrapper.h"

static enum pk_match zlib_probe(const struct pk_head *head)
{
	/* Other windows than 32 KiB are legal, unheard of in files, and
	 * would make many a binary file look like one. */
	if (!head->bytes.len || head->bytes.p[0] != 0x78 ||
	    !pk_decomp_begins(PK_CODEC_ZLIB, head->bytes))
		return PK_MATCH_NO;
	return pk_wrapper_try(head, PK_CODEC_ZLIB, 0);
}

static void zlib_scan(struct pk_scan *s)
{
	(void)pk_wrapper_scan(s, PK_CODEC_ZLIB, 0);
}

const struct pk_format pk_format_zlib = {
	.name = "zlib",
	.title = "zlib stream",
	.reads = "all members of the stream, as one content",
	.risk = PK_RISK_WRAPPER,
	.rank = 5,
	.probe = zlib_probe,
	.scan = zlib_scan,
};
