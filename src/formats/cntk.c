/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CNTK models. Version 2: Dictionary of CNTK.proto, names and values that may
 * be dictionaries again. Version 1: "BCN" in UTF-16, sections of its own.
 *
 * What can hurt: functions written in Python, whose module and class the
 * file names (cntk/internal: deserialising imports them), and native ones.
 */
#include "analyze/globals.h"
#include "analyze/pb_file.h"
#include "engine/format.h"

static const struct pk_span magic1 =
	PK_LIT_INIT("B\0C\0N\0\0\0B\0V\0e\0r\0s\0i\0o\0n\0");

struct cntk {
	struct pk_pb_file file;          /* first */
	struct pk_pb_text module, class; /* of the dictionary being read */
	uint64_t at;
};

static void take_dictionary(struct pk_pb *r, const struct pk_pb_field *f,
			    void *ctx);
static void take_pair(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_bytes(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);

static const struct pk_pb_message value;
static const struct pk_pb_line vector_lines[] = {
	PK_PB(1, MESSAGE, "value", .of = &value),
};
static const struct pk_pb_message vector = PK_PB_LINES(vector_lines);

static const struct pk_pb_line value_lines[] = {
	PK_PB(1, INT, "version"),
	PK_PB(2, INT, "value_type"),
	PK_PB(3, INT, "bool_value"),
	PK_PB(4, INT, "int_value"),
	PK_PB(5, INT, "size_t_value"),
	PK_PB(6, FIXED32, "float_value"),
	PK_PB(7, FIXED64, "double_value"),
	PK_PB(8, BYTES, "string_value", .take = take_bytes),
	PK_PB(9, BYTES, "nd_shape_value"),
	PK_PB(10, BYTES, "axis_value"),
	PK_PB(11, MESSAGE, "vector_value", .of = &vector),
	PK_PB(12, MESSAGE, "dictionary_value", .take = take_dictionary),
	PK_PB(13, BYTES, "nd_array_view_value"),
};
static const struct pk_pb_message value = PK_PB_LINES(value_lines);

static const struct pk_pb_line pair_lines[] = {
	PK_PB(1, TEXT, "key"),
	PK_PB(2, MESSAGE, "value", .of = &value),
};
static const struct pk_pb_message pair = PK_PB_LINES(pair_lines);

static const struct pk_pb_line dictionary_lines[] = {
	PK_PB(1, INT, "version"),
	PK_PB(2, MESSAGE, "data", .of = &pair, .take = take_pair),
};
static const struct pk_pb_message dictionary = PK_PB_LINES(dictionary_lines);

static void judge(struct cntk *m)
{
	struct pk_scan *s = m->file.s;
	struct pk_report r = { .rule = PK_RULE_CNTK_PYTHON_FUNCTION,
			       .severity = PK_HIGH,
			       .off = m->at };

	if (!m->module.len)
		return;
	if (pk_global_classify(pk_pb_span(&m->module), pk_pb_span(&m->class))
		    .class
	    == PK_IMPORT_DANGEROUS)
		r.severity = PK_CRITICAL;
	pk_report_full(s, &r, "loading imports %s and builds %s",
		       pk_show(s, pk_pb_span(&m->module), 120),
		       m->class.len ? pk_show(s, pk_pb_span(&m->class), 120)
				    : "a function of it");
}

static void take_dictionary(struct pk_pb *r, const struct pk_pb_field *f,
			    void *ctx)
{
	struct cntk *m = ctx;
	const struct pk_pb_text module = m->module, class = m->class;
	const uint64_t at = m->at;

	m->module = m->class = (struct pk_pb_text){ 0 };
	m->at = f->at;
	pk_pb_walk(r, f, &dictionary, ctx);
	judge(m);
	m->module = module;
	m->class = class;
	m->at = at;
}

/* What a pair's value holds as text. */
static struct pk_pb_text text_of(struct pk_pb *r, const struct pk_pb_field *f)
{
	struct pk_pb_iter it = { f->off, f->off + f->len };
	struct pk_pb_text text = { 0 };
	const struct pk_pb_pick picks[] = { { 8, &text } };
	struct pk_pb_field in;

	while (pk_pb_next(r, &it, &in)) {
		if (in.number == 2 && in.wire == PK_PB_LEN)
			pk_pb_pick(r, &in, picks, 1);
	}
	return text;
}

static void say_native(struct cntk *m, const struct pk_pb_field *f,
		       const struct pk_pb_text *key)
{
	const struct pk_pb_text what = text_of(&m->file.r, f);
	struct pk_scan *s = m->file.s;

	pk_report(s, PK_RULE_CNTK_NATIVE_FUNCTION, f->at, "%s: %s",
		  pk_show(s, pk_pb_span(key), 80),
		  pk_show(s, pk_pb_span(&what), 160));
}

static void take_pair(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct cntk *m = ctx;
	struct pk_pb_text key = { 0 };
	const struct pk_pb_pick picks[] = { { 1, &key } };

	pk_pb_pick(r, f, picks, 1);
	if (pk_pb_is(&key, "module"))
		m->module = text_of(r, f);
	else if (pk_pb_is(&key, "class"))
		m->class = text_of(r, f);
	else if (pk_pb_is(&key, "native_user_function") ||
		 pk_pb_is(&key, "library") || pk_pb_is(&key, "module_path"))
		say_native(m, f, &key);
	pk_pb_walk(r, f, &pair, ctx);
}

static void take_bytes(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	enum { BLOB = 256 };
	struct cntk *m = ctx;

	(void)r;
	if (f->len >= BLOB)
		(void)pk_pb_descend(&m->file, f->off, f->len, "text");
}

/* Keys that every function's dictionary has. */
static bool looks_like_pair(struct pk_pb *r, const struct pk_pb_field *f)
{
	static const char *const keys[] = {
		"version", "uid", "primitive_functions", "root", "root_uid",
		"inputs",  "type"
	};
	struct pk_pb_text key = { 0 }, held = { 0 };
	const struct pk_pb_pick picks[] = { { 1, &key }, { 2, &held } };

	if (f->number != 2 || f->wire != PK_PB_LEN)
		return false;
	pk_pb_pick(r, f, picks, 2);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (held.len && pk_pb_is(&key, keys[i]))
			return true;
	}
	return false;
}

static bool is_version2(struct pk_source *src)
{
	enum { LOOKED = 4096, ENOUGH = 3 };
	struct pk_meter meter = { .ceiling = 4 * PK_WINDOW };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_pb r = pk_pb_open(src, &arena);
	struct pk_pb_iter it = { 0, src->size };
	struct pk_pb_field f;
	unsigned pairs = 0;

	r.clip = true;
	for (unsigned n = 0;
	     n < LOOKED && pairs < ENOUGH && pk_pb_next(&r, &it, &f); n++)
		pairs += looks_like_pair(&r, &f);
	pk_arena_release(&arena);
	return pairs >= ENOUGH;
}

static enum pk_match cntk_probe(const struct pk_head *head)
{
	return pk_span_starts(head->bytes, magic1) || is_version2(head->source)
		       ? PK_MATCH_SURE
		       : PK_MATCH_NO;
}

static bool is_version1(struct pk_scan *s)
{
	uint8_t head[32];

	return pk_source_read(s->bytes, 0, head, magic1.len) == magic1.len &&
	       memcmp(head, magic1.p, magic1.len) == 0;
}

static void cntk_scan(struct pk_scan *s)
{
	struct cntk m = { .at = 0 };
	struct pk_pb_field all;

	if (is_version1(s)) {
		pk_claim(s, 0, s->bytes->size);
		pk_report(s, PK_RULE_CNTK_NOT_ANALYSED, 0,
			  "a model of CNTK's first version");
		return;
	}
	pk_pb_file_open(&m.file, s);
	all = pk_pb_whole(&m.file.r);
	take_dictionary(&m.file.r, &all, &m);
	pk_pb_file_close(&m.file, PK_RULE_CNTK_MALFORMED);
}

const struct pk_format pk_format_cntk = {
	.name = "cntk",
	.title = "CNTK model",
	.reads = "every dictionary of version 2; version 1 is recognised",
	.risk = PK_RISK_CODE,
	.rank = 37,
	.probe = cntk_probe,
	.scan = cntk_scan,
};
