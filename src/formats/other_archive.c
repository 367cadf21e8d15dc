/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives and compressed files that are recognised, so that nobody takes
 * them for harmless data, but not read.
 */
#include "engine/format.h"

static const struct {
	unsigned at;
	struct pk_span magic;
	const char *what;
} kinds[] = {
	{ 0, PK_LIT_INIT("Rar!\x1a\x07"), "a RAR archive" },
	{ 0, PK_LIT_INIT("MSCF\0\0\0\0"), "a cabinet" },
	{ 7, PK_LIT_INIT("**ACE**"), "an ACE archive" },
	{ 0, PK_LIT_INIT("xar!\0\x1c"), "a xar archive" },
	{ 0, PK_LIT_INIT("MSWIM\0\0\0"), "a Windows image" },
	{ 0, PK_LIT_INIT("hsqs"), "a SquashFS image" },
	{ 0, PK_LIT_INIT("sqsh"), "a SquashFS image" },
	{ 0, PK_LIT_INIT("LZIP\1"), "an lzip stream" },
	{ 0, PK_LIT_INIT("LRZI"), "an lrzip stream" },
	{ 0, PK_LIT_INIT("\x89LZO\0\r\n\x1a\n"), "an lzop stream" },
	{ 0, PK_LIT_INIT("\x02\x21\x4c\x18"), "a legacy LZ4 stream" },
	{ 0, PK_LIT_INIT("\xff\x06\0\0sNaPpY"), "a Snappy stream" },
	{ 0, PK_LIT_INIT("zPQ"), "a ZPAQ archive" },
	{ 32769, PK_LIT_INIT("CD001"), "an ISO 9660 image" },
};

/* "070701", "070702" or "070707" and a header of digits; text that starts so
 * is rare. */
static bool is_cpio(struct pk_span b)
{
	const bool odc = pk_span_starts(b, PK_LIT("070707"));

	if (!odc && !pk_span_starts(b, PK_LIT("070701")) &&
	    !pk_span_starts(b, PK_LIT("070702")))
		return false;
	for (size_t i = 6; i < 76; i++) {
		if (i >= b.len || b.p[i] < '0' || b.p[i] > (odc ? '7' : 'f'))
			return false;
	}
	return true;
}

/* Three bytes: the magic, and the width of codes between 9 and 16 bits. */
static bool is_compress(struct pk_span b)
{
	return b.len > 3 && b.p[0] == 0x1f && b.p[1] == 0x9d &&
	       (b.p[2] & 0x60) == 0 && (b.p[2] & 0x1f) >= 9 &&
	       (b.p[2] & 0x1f) <= 16;
}

/* "-lh5-" and its like, behind two bytes. */
static bool is_lha(struct pk_span b)
{
	return b.len > 7 && b.p[2] == '-' && b.p[3] == 'l' &&
	       (b.p[4] == 'h' || b.p[4] == 'z') && b.p[6] == '-';
}

/* What it is, or NULL. */
static const char *kind_of(struct pk_span head, struct pk_source *src)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct pk_span m = kinds[i].magic;
		uint8_t buf[16];

		if (kinds[i].at + m.len <= head.len) {
			if (memcmp(head.p + kinds[i].at, m.p, m.len) == 0)
				return kinds[i].what;
		} else if (kinds[i].at > PK_HEAD_MAX &&
			   pk_source_read(src, kinds[i].at, buf, m.len) ==
				   m.len &&
			   memcmp(buf, m.p, m.len) == 0) {
			return kinds[i].what;
		}
	}
	if (is_cpio(head))
		return "a cpio archive";
	if (is_compress(head))
		return "a stream of compress(1)";
	return is_lha(head) ? "an LHA archive" : NULL;
}

static enum pk_match other_archive_probe(const struct pk_head *head)
{
	/* Raw tensors may start with any four bytes. */
	return !head->scan->quiet && kind_of(head->bytes, head->source)
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

static void other_archive_scan(struct pk_scan *s)
{
	uint8_t buf[PK_HEAD_MAX];
	struct pk_span head = { buf,
				pk_source_read(s->bytes, 0, buf, sizeof(buf)) };
	const char *what = kind_of(head, s->bytes);

	pk_claim(s, 0, s->bytes->size);
	pk_partial(s);
	pk_report(s, PK_RULE_ARCHIVE_NOT_ANALYSED, 0,
		  "this is %s, of which nothing was read",
		  what ? what : "an archive");
}

const struct pk_format pk_format_other_archive = {
	.name = "other-archive",
	.title = "Archive of another kind (RAR, cabinet, cpio, ISO, ...)",
	.reads = "nothing: it is recognised, and never called clean",
	.risk = PK_RISK_WRAPPER,
	.rank = 2,
	.probe = other_archive_probe,
	.scan = other_archive_scan,
};
