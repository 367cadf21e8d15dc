/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What joblib before 0.10 wrote when asked to compress: "ZF", the size of the
 * content as hexadecimal text in 19 characters, at times one more blank, a
 * zlib stream (joblib/numpy_pickle_compat.py, read_zfile).  Today's joblib
 * reads it still.
 */
#include <stdlib.h>

#include "analyze/wrapper.h"

enum { PREFIX = 2, LENGTH = 19, HEADER = PREFIX + LENGTH };

/* Where the stream begins. */
static uint64_t stream_at(struct pk_span head)
{
	return head.len > HEADER && head.p[HEADER] == ' ' ? HEADER + 1 : HEADER;
}

static enum pk_match joblib_zfile_probe(const struct pk_head *head)
{
	if (head->bytes.len <= HEADER ||
	    !pk_span_starts(head->bytes, PK_LIT("ZF")))
		return PK_MATCH_NO;
	return pk_wrapper_try(head, PK_CODEC_ZLIB, stream_at(head->bytes));
}

static void joblib_zfile_scan(struct pk_scan *s)
{
	char head[HEADER + 2] = "";
	size_t n = pk_source_read(s->bytes, 0, head, HEADER + 1);
	uint64_t off = stream_at((struct pk_span){ (uint8_t *)head, n });
	uint64_t made = pk_wrapper_scan(s, PK_CODEC_ZLIB, off);

	pk_claim(s, 0, off);
	head[HEADER] = '\0';
	if (strtoull(head + PREFIX, NULL, 16) == made)
		return;
	pk_partial(s);
	pk_report(s, PK_RULE_ARCHIVE_DAMAGED, PREFIX,
		  "%llu bytes come out of the stream, not as many as its "
		  "header says",
		  (unsigned long long)made);
}

const struct pk_format pk_format_joblib_zfile = {
	.name = "joblib-zfile",
	.title = "joblib file, compressed by a version before 0.10",
	.reads = "the compressed pickle",
	.risk = PK_RISK_WRAPPER,
	.rank = 6,
	.probe = joblib_zfile_probe,
	.scan = joblib_zfile_scan,
};
