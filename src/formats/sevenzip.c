/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 7z: a header of 32 bytes that tells where the directory is, packed streams,
 * the directory, mostly packed itself.  Malware in models was packed so that
 * scanners pass it by while people unpack it.
 */
#include <stdio.h>

#include "analyze/expand.h"
#include "analyze/member_name.h"
#include "codec/sevenzip.h"
#include "engine/format.h"

enum { SHOWN = 200, HEADER = 32 };

static enum pk_match sevenzip_probe(const struct pk_head *head)
{
	return pk_span_starts(head->bytes, PK_LIT("7z\xbc\xaf\x27\x1c"))
		       ? PK_MATCH_SURE
		       : PK_MATCH_NO;
}

/* From the first byte to the end of the directory. */
static void claim(struct pk_scan *s)
{
	struct pk_cursor c = pk_cursor_open(s->bytes, 0, HEADER, &s->arena);
	uint64_t off, len;

	pk_skip(&c, 12);
	off = pk_get_u64le(&c);
	len = pk_get_u64le(&c);
	if (off <= s->bytes->size && len <= s->bytes->size - off)
		pk_claim(s, 0, HEADER + off + len);
	else
		pk_claim(s, 0, HEADER);
}

static void read_content(struct pk_scan *s, struct pk_sevenzip *z,
			 struct pk_span name)
{
	struct pk_streamed got;
	struct pk_source *src = pk_expand_pull(s, pk_sevenzip_pull(z), &got);
	char what[256];

	if (!src)
		return;
	(void)snprintf(what, sizeof(what), "member %s",
		       pk_show(s, name, SHOWN));
	pk_report_expanded(s, &got, 0, what);
	(void)pk_descend(s, name, src, PK_MEMBER_ANY);
}

static void scan_member(struct pk_scan *s, struct pk_sevenzip *z,
			const struct pk_sevenzip_entry *e)
{
	pk_check_name(s, e->name, 0);
	if (e->link.len)
		pk_check_link(s, e->name, e->link, false, 0);
	else if (e->special)
		pk_report(s, PK_RULE_ARCHIVE_SPECIAL_FILE, 0,
			  "%s is a device, a FIFO or a socket",
			  pk_show(s, e->name, SHOWN));
	if (e->encrypted) {
		pk_partial(s);
		pk_report(s, PK_RULE_ARCHIVE_ENCRYPTED, 0, "%s is encrypted",
			  pk_show(s, e->name, SHOWN));
	} else if (!e->folder && !e->link.len) {
		/* The name is gone once the content has been read. */
		char *name = pk_arena_copy(&s->arena, e->name);

		if (name)
			read_content(s, z,
				     (struct pk_span){ (uint8_t *)name,
						       e->name.len });
	}
}

static void report_error(struct pk_scan *s, const char *why)
{
	const bool secret = strstr(why, "ncrypt") != NULL;

	pk_partial(s);
	pk_report(s,
		  secret ? PK_RULE_ARCHIVE_ENCRYPTED : PK_RULE_ARCHIVE_DAMAGED,
		  0, "the archive cannot be read: %s",
		  pk_show(s,
			  (struct pk_span){ (const uint8_t *)why, strlen(why) },
			  SHOWN));
}

static void sevenzip_scan(struct pk_scan *s)
{
	struct pk_sevenzip *z = pk_sevenzip_new(s->bytes);
	struct pk_sevenzip_entry e;

	claim(s);
	if (!z) {
		pk_partial(s);
		return;
	}
	while (!pk_out_of_budget(s) && pk_sevenzip_next(z, &e))
		scan_member(s, z, &e);
	if (pk_sevenzip_error(z))
		report_error(s, pk_sevenzip_error(z));
	pk_sevenzip_free(z);
}

const struct pk_format pk_format_sevenzip = {
	.name = "7z",
	.title = "7-Zip archive",
	.reads = "every member that is not encrypted",
	.risk = PK_RISK_WRAPPER,
	.rank = 10,
	.probe = sevenzip_probe,
	.scan = sevenzip_scan,
};
