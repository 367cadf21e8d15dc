/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RKNN models of Rockchip's NPUs: "RKNN", version, length, [40 bytes], compiled
 * data, a length, JSON; "RKNX" is newer, "CYPTRKNN" encrypted.
 *
 * What can hurt: the data is a program for the NPU, in an undocumented form.
 */
#include "analyze/program.h"
#include "engine/embed.h"
#include "engine/note.h"

enum { HEADER = 24, MORE = 40 };

static void report_cut(struct pk_scan *s, uint64_t at)
{
	if (!s->parent)
		s->job->facts |= PK_FACT_REFUSED;
	pk_partial(s);
	pk_report(s, PK_RULE_RKNN_MALFORMED, at,
		  "a length leads beyond the end of the file");
}

static void note_json(struct pk_scan *s, uint64_t at, uint64_t len)
{
	struct pk_cursor c = pk_cursor_open(s->bytes, at, len, &s->arena);

	if (s->job->wants_notes)
		pk_note_text(
			s, "metadata",
			pk_get_bytes(&c, len < PK_WINDOW ? len : PK_WINDOW));
}

static void read_plain(struct pk_scan *s)
{
	const uint64_t size = s->bytes->size;
	struct pk_cursor c = pk_cursor_open(s->bytes, 8, size - 8, &s->arena);
	const uint64_t version = pk_get_u64le(&c);
	const uint64_t data = pk_get_u64le(&c);
	uint64_t at = HEADER, len;

	if ((version & 0xff) > 1 && data)
		at += MORE;
	if (!pk_cursor_ok(&c) || at > size || data > size - at) {
		report_cut(s, 16);
		return;
	}
	pk_note_number(s, "version", version);
	pk_check_stash(s, at, data, "the compiled part");
	pk_claim(s, 0, at + data);
	if (at + data == size)
		return;
	pk_seek(&c, at + data);
	len = pk_get_u64le(&c);
	if (!pk_cursor_ok(&c) || len > size - c.off) {
		report_cut(s, at + data);
		return;
	}
	note_json(s, c.off, len);
	pk_claim(s, at + data, 8 + len);
}

static void rknn_scan(struct pk_scan *s)
{
	uint8_t magic[8] = { 0 };

	(void)pk_source_read(s->bytes, 0, magic, sizeof(magic));
	pk_search_data(s, &pk_format_rknn, false);
	if (memcmp(magic, "RKNN", 4) == 0) {
		read_plain(s);
		return;
	}
	pk_claim(s, 0, s->bytes->size);
	if (memcmp(magic, "CYPT", 4) == 0)
		pk_report(s, PK_RULE_RKNN_ENCRYPTED, 0,
			  "the model is encrypted: nothing of it was read");
}

static enum pk_match rknn_probe(const struct pk_head *head)
{
	return head->bytes.len >= HEADER &&
			       (pk_span_starts(head->bytes,
					       PK_LIT("RKNN\0\0\0\0")) ||
				pk_span_starts(head->bytes,
					       PK_LIT("RKNX\0\0\0\0")) ||
				pk_span_starts(head->bytes, PK_LIT("CYPTRKNN")))
		       ? PK_MATCH_SURE
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_rknn = {
	.name = "rknn",
	.title = "RKNN model",
	.reads = "lengths and metadata; not the NPU's code",
	.risk = PK_RISK_PARSER,
	.rank = 30,
	.probe = rknn_probe,
	.scan = rknn_scan,
};
