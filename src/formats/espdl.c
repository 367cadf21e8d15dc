/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ESP-DL models of Espressif's microcontrollers: "EDL1" or "EDL2", whether
 * encrypted, a length, padding, a FlatBuffer of a graph much like ONNX's.
 *
 * What can hurt: devices that check no offsets.
 */
#include "codec/flatbuf.h"
#include "engine/embed.h"
#include "engine/format.h"

enum { HEADER = 16 };

static void refuse(struct pk_scan *s, const char *what)
{
	if (!s->parent)
		s->job->facts |= PK_FACT_REFUSED;
	pk_partial(s);
	pk_report(s, PK_RULE_ESPDL_MALFORMED, 0, "%s", what);
}

static void espdl_scan(struct pk_scan *s)
{
	struct pk_cursor c = pk_cursor_open(s->bytes, 4, HEADER - 4, &s->arena);
	const uint32_t encrypted = pk_get_u32le(&c);
	const uint64_t len = pk_get_u64le(&c);
	struct pk_fb b;

	if (!pk_cursor_ok(&c) || len > s->bytes->size - HEADER) {
		refuse(s, "the model is shorter than it says");
		return;
	}
	pk_claim(s, 0, HEADER + len);
	if (encrypted) {
		pk_report(s, PK_RULE_ESPDL_ENCRYPTED, 4,
			  "the model is encrypted: nothing of it was read");
		return;
	}
	pk_search_data(s, &pk_format_espdl, false);
	pk_fb_open(&b, s->bytes, HEADER, len, &s->arena);
	(void)pk_fb_root(&b);
	pk_report_fault(s, PK_RULE_ESPDL_MALFORMED, &b.where, "the FlatBuffer");
}

static enum pk_match espdl_probe(const struct pk_head *head)
{
	return head->bytes.len > HEADER &&
			       (pk_span_starts(head->bytes, PK_LIT("EDL1")) ||
				pk_span_starts(head->bytes, PK_LIT("EDL2"))) &&
			       head->bytes.p[4] < 2 && head->bytes.p[5] == 0 &&
			       head->bytes.p[6] == 0 && head->bytes.p[7] == 0
		       ? PK_MATCH_SURE
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_espdl = {
	.name = "esp-dl",
	.title = "ESP-DL model",
	.reads = "its length and root; not the graph",
	.risk = PK_RISK_PARSER,
	.rank = 30,
	.probe = espdl_probe,
	.scan = espdl_scan,
};
