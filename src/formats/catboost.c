/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CatBoost (.cbm): "CBM1" | u32 size | a FlatBuffer (TModelCore) | then, where
 * the core names parts, u32 count | { u32 size | part }...
 * (catboost/libs/model/model.cpp).
 *
 * Nothing in it names code.
 */
#include "codec/flatbuf.h"
#include "engine/format.h"
#include "engine/note.h"

enum { HEAD = 8, VERSION_FIELD = 0, INFO_FIELD = 2, TEXT_MAX = 200 };

static struct pk_span show_text(struct pk_scan *s, struct pk_fb *b,
				const struct pk_fb_vec *text, uint8_t *buf)
{
	const size_t n = text->n < TEXT_MAX ? text->n : TEXT_MAX;

	if (!n || !pk_fb_ok(b))
		return (struct pk_span){ 0 };
	return (struct pk_span){
		buf, pk_source_read(s->bytes, b->base + text->at, buf, n)
	};
}

/* The properties of the model; their values may be long JSON. */
static void note_info(struct pk_scan *s, struct pk_fb *b,
		      const struct pk_fb_table *root)
{
	const struct pk_fb_vec info = pk_fb_vector(b, root, INFO_FIELD, 4);

	for (uint32_t i = 0; i < info.n && pk_fb_ok(b); i++) {
		const struct pk_fb_table pair = pk_fb_table_at(b, &info, i);
		const struct pk_fb_vec key = pk_fb_text(b, &pair, 0);
		const struct pk_fb_vec value = pk_fb_text(b, &pair, 1);
		uint8_t a[TEXT_MAX], v[TEXT_MAX];

		pk_note_pair(s, show_text(s, b, &key, a),
			     show_text(s, b, &value, v));
	}
}

static void read_core(struct pk_scan *s, uint64_t size)
{
	struct pk_fb b;
	struct pk_fb_table root;
	struct pk_fb_vec version;
	uint8_t buf[TEXT_MAX];

	pk_fb_open(&b, s->bytes, HEAD, size, &s->arena);
	root = pk_fb_root(&b);
	version = pk_fb_text(&b, &root, VERSION_FIELD);
	if (!pk_fb_ok(&b)) {
		pk_report_fault(s, PK_RULE_CATBOOST_MALFORMED, &b.where,
				"the core");
		s->job->facts |= PK_FACT_REFUSED;
		return;
	}
	pk_note_text(s, "catboost.version", show_text(s, &b, &version, buf));
	note_info(s, &b, &root);
}

static void read_parts(struct pk_cursor *c)
{
	const uint32_t n = pk_get_u32le(c);

	if (!pk_cursor_fits(c, n, 4))
		return;
	for (uint32_t i = 0; i < n && pk_cursor_ok(c); i++)
		pk_skip(c, pk_get_u32le(c));
}

static void catboost_scan(struct pk_scan *s)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	uint32_t size;

	pk_skip(&c, 4);
	size = pk_get_u32le(&c);
	pk_skip(&c, size);
	if (pk_cursor_ok(&c))
		read_core(s, size);
	if (pk_cursor_left(&c))
		read_parts(&c);
	pk_report_fault(s, PK_RULE_CATBOOST_MALFORMED, &c, "the model");
	if (pk_cursor_ok(&c))
		pk_claim(s, 0, c.off);
	else
		s->job->facts |= PK_FACT_REFUSED;
}

static enum pk_match catboost_probe(const struct pk_head *head)
{
	return pk_span_starts(head->bytes, PK_LIT("CBM1")) ? PK_MATCH_SURE
							   : PK_MATCH_NO;
}

const struct pk_format pk_format_catboost = {
	.name = "catboost",
	.title = "CatBoost model",
	.reads = "sizes, version and properties; trees and text dictionaries "
		 "are not analysed",
	.risk = PK_RISK_PARSER,
	.rank = 20,
	.probe = catboost_probe,
	.scan = catboost_scan,
};
