/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ExecuTorch programs (.pte, "ET12"): a FlatBuffer of values, chains of
 * instructions and delegates, then segments with weights and with what
 * backends compiled; and their data files (.ptd, "FT01").
 * executorch/schema/program.fbs, schema/extended_header.cpp,
 * extension/flat_tensor/serialize/flat_tensor.fbs
 *
 * What can hurt: the runtime of small devices trusts indices, sizes and
 * offsets; delegates hold native code for accelerators.
 */
#include "analyze/flat_claim.h"
#include "analyze/program.h"
#include "engine/format.h"
#include "engine/note.h"
#include "formats/executorch_parts.h"

enum {
	HEADER_AT = 8,
	HEADER_MIN = 24,
	DATA_HEADER = 40,
	PROGRAM_PLANS = 1,
	PROGRAM_CONSTANTS = 2,
	PROGRAM_INLINE = 3,
	PROGRAM_SEGMENTS = 4,
	PROGRAM_NAMED = 7,
	DATA_SEGMENTS = 1,
	DATA_NAMED = 2,
};

void et_refuse(struct et *e, uint64_t at, const char *what)
{
	if (!e->s->parent)
		e->s->job->facts |= PK_FACT_REFUSED;
	pk_report(e->s, PK_RULE_EXECUTORCH_MALFORMED, at, "%s", what);
}

/* "eh00", its length, how long the program is, where the segments begin. */
static bool read_header(struct et *e)
{
	const uint64_t size = e->s->bytes->size;
	struct pk_cursor c = pk_cursor_open(e->s->bytes, HEADER_AT,
					    DATA_HEADER + 8, &e->s->arena);
	const bool data = pk_span_eq(pk_get_bytes(&c, 4), PK_LIT("FH01"));
	const uint32_t len = pk_get_u32le(&c);

	if (data)
		pk_skip(&c, 8); /* where the FlatBuffer is: at 0 */
	e->program = pk_get_u64le(&c);
	e->base = pk_get_u64le(&c);
	if (!pk_cursor_ok(&c) || len < (data ? DATA_HEADER : HEADER_MIN) ||
	    e->program > size || e->base > size ||
	    (e->base && e->base < e->program))
		return false;
	return true;
}

static bool has_header(struct pk_source *src)
{
	uint8_t magic[4];

	return pk_source_read(src, HEADER_AT, magic, 4) == 4 &&
	       (memcmp(magic, "eh00", 4) == 0 || memcmp(magic, "FH01", 4) == 0);
}

/* Segments may follow each other with padding in between. */
static void read_segments(struct et *e, const struct pk_fb_table *root,
			  unsigned id)
{
	const struct pk_fb_vec list = pk_fb_vector(&e->b, root, id, 4);
	uint64_t end = e->program;

	e->segments = list.n;
	for (uint32_t i = 0; i < list.n && pk_fb_ok(&e->b); i++) {
		const struct pk_fb_table t = pk_fb_table_at(&e->b, &list, i);
		const uint64_t off = pk_fb_uint(&e->b, &t, 0, 8, 0);
		const uint64_t len = pk_fb_uint(&e->b, &t, 1, 8, 0);
		const uint64_t room = e->s->bytes->size - e->base;

		if (off > room || len > room - off) {
			et_refuse(e, t.at,
				  "a segment lies outside of the file");
			continue;
		}
		pk_check_stash(e->s, e->base + off, len, "a segment");
		pk_claim(e->s, e->base + off, len);
		end = e->base + off + len > end ? e->base + off + len : end;
	}
	e->end = end;
}

/* Data of delegates and constants within the FlatBuffer. */
static void read_inline(struct et *e, const struct pk_fb_table *root,
			unsigned id, uint32_t *ret_n)
{
	const struct pk_fb_vec list = pk_fb_vector(&e->b, root, id, 4);

	*ret_n = list.n;
	for (uint32_t i = 0; i < list.n && pk_fb_ok(&e->b); i++) {
		const struct pk_fb_table t = pk_fb_table_at(&e->b, &list, i);
		const struct pk_fb_vec v = pk_fb_vector(&e->b, &t, 0, 1);

		if (v.n)
			pk_check_stash(e->s, v.at, v.n, "a delegate's data");
	}
}

static void read_named(struct et *e, const struct pk_fb_table *root,
		       unsigned id)
{
	const struct pk_fb_vec list = pk_fb_vector(&e->b, root, id, 4);

	for (uint32_t i = 0; i < list.n && pk_fb_ok(&e->b); i++) {
		const struct pk_fb_table t = pk_fb_table_at(&e->b, &list, i);

		if (pk_fb_uint(&e->b, &t, 1, 4, 0) >= e->segments &&
		    pk_fb_ok(&e->b))
			et_refuse(e, t.at, "named data is in no segment");
	}
}

static void read_program(struct et *e)
{
	const struct pk_fb_table root = pk_fb_root(&e->b);
	const struct pk_fb_vec plans =
		pk_fb_vector(&e->b, &root, PROGRAM_PLANS, 4);

	read_segments(e, &root, PROGRAM_SEGMENTS);
	read_inline(e, &root, PROGRAM_CONSTANTS, &e->constants);
	read_inline(e, &root, PROGRAM_INLINE, &e->inlined);
	read_named(e, &root, PROGRAM_NAMED);
	for (uint32_t i = 0; i < plans.n && pk_fb_ok(&e->b); i++) {
		const struct pk_fb_table plan =
			pk_fb_table_at(&e->b, &plans, i);

		et_read_plan(e, &plan);
	}
}

static void read_data(struct et *e)
{
	const struct pk_fb_table root = pk_fb_root(&e->b);

	read_segments(e, &root, DATA_SEGMENTS);
	read_named(e, &root, DATA_NAMED);
}

static bool is_data(struct pk_source *src)
{
	uint8_t id[4];

	return pk_source_read(src, 4, id, 4) == 4 && memcmp(id, "FT", 2) == 0;
}

static void executorch_scan(struct pk_scan *s)
{
	struct et e = { .s = s, .program = s->bytes->size };

	if (has_header(s->bytes)) {
		if (!read_header(&e)) {
			pk_partial(s);
			et_refuse(&e, HEADER_AT,
				  "the header says more than the file holds");
			return;
		}
	} else if (is_data(s->bytes)) {
		pk_partial(s);
		et_refuse(&e, HEADER_AT, "there is no header");
		return;
	}
	pk_fb_open(&e.b, s->bytes, 0, e.program, &s->arena);
	if (is_data(s->bytes))
		read_data(&e);
	else
		read_program(&e);
	pk_claim_flat(s, &e.b, e.program);
	pk_report_fault(s, PK_RULE_EXECUTORCH_MALFORMED, &e.b.where,
			"the FlatBuffer");
}

static bool is_digit(uint8_t ch)
{
	return ch >= '0' && ch <= '9';
}

static enum pk_match executorch_probe(const struct pk_head *head)
{
	const uint8_t *id = head->bytes.p + 4;

	if (head->bytes.len < 16 || !is_digit(id[2]) || !is_digit(id[3]))
		return PK_MATCH_NO;
	return memcmp(id, "ET", 2) == 0 || memcmp(id, "FT", 2) == 0
		       ? PK_MATCH_SURE
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_executorch = {
	.name = "executorch",
	.title = "ExecuTorch program",
	.reads = "instructions, values, delegates, segments, every offset",
	.risk = PK_RISK_PARSER,
	.rank = 30,
	.probe = executorch_probe,
	.scan = executorch_scan,
};
