/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled code for virtual machines: Java classes (JVM specification, chapter
 * 4), WebAssembly (core specification, chapter 5), Python's .pyc files
 * (analyze/pyc).
 *
 * What can hurt: whoever loads it runs it.  As with native programs, it
 * matters where it lies.
 */
#include "analyze/program.h"
#include "analyze/pyc.h"

static const struct pk_span bytecode_begins[] = {
	PK_LIT_INIT("\xca\xfe\xba\xbe"),
	PK_LIT_INIT("\0asm"),
	{ 0 },
};

/* Sizes of a constant pool's entries by their tags; 0: there is none. */
static const uint8_t constant_sizes[] = {
	[3] = 4,  [4] = 4,  [5] = 8,  [6] = 8,  [7] = 2,  [8] = 2,
	[9] = 4,  [10] = 4, [11] = 4, [12] = 4, [15] = 3, [16] = 2,
	[17] = 4, [18] = 4, [19] = 2, [20] = 2,
};

enum { TAG_UTF8 = 1, TAG_LONG = 5, TAG_DOUBLE = 6, JAVA_MIN = 45 };

static bool skip_constants(struct pk_cursor *c, uint16_t n)
{
	for (unsigned i = 1; i < n && pk_cursor_ok(c); i++) {
		const uint8_t tag = pk_get_u8(c);

		if (tag == TAG_UTF8)
			pk_skip(c, pk_get_u16be(c));
		else if (tag < sizeof(constant_sizes) && constant_sizes[tag])
			pk_skip(c, constant_sizes[tag]);
		else
			return false;
		i += tag == TAG_LONG || tag == TAG_DOUBLE;
	}
	return pk_cursor_ok(c);
}

static bool is_class(struct pk_cursor *c)
{
	uint16_t n, self, super;

	if (pk_get_u32be(c) != 0xcafebabe)
		return false;
	pk_skip(c, 2);
	if (pk_get_u16be(c) < JAVA_MIN)
		return false;
	n = pk_get_u16be(c);
	if (!n || !skip_constants(c, n))
		return false;
	pk_skip(c, 2); /* access */
	self = pk_get_u16be(c);
	super = pk_get_u16be(c);
	return pk_cursor_ok(c) && self && self < n && super < n;
}

static uint64_t get_leb(struct pk_cursor *c)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 35; shift += 7) {
		const uint8_t b = pk_get_u8(c);

		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return v;
	}
	pk_cursor_fail(c, PK_FAULT_VALUE);
	return 0;
}

/* A module, or a component of several; sections to the end. */
static bool is_wasm(struct pk_cursor *c)
{
	enum { SECTION_MAX = 13 };
	unsigned sections = 0;
	uint32_t version;

	if (!pk_span_eq(pk_get_bytes(c, 4), PK_LIT("\0asm")))
		return false;
	version = pk_get_u32le(c);
	if (version != 1 && version != 0x0001000d)
		return false;
	for (; pk_cursor_left(c); sections++) {
		if (pk_get_u8(c) > SECTION_MAX)
			break;
		pk_skip(c, get_leb(c));
	}
	return sections > 0 && (pk_cursor_ok(c) || sections > 2);
}

static bool is_pyc(struct pk_cursor *c)
{
	struct pk_pyc pyc;

	return pk_pyc_at(pk_get_bytes(c, PK_PYC_HEAD), &pyc);
}

static const struct {
	bool (*is)(struct pk_cursor *c);
	const char *what;
	const char *reason;
} kinds[] = {
	{ is_class, "a Java class", "a Java class, no model" },
	{ is_wasm, "a WebAssembly module", "a WebAssembly module, no model" },
	{ is_pyc, "compiled Python", "compiled Python, no model" },
};

/* Python's is judged by what it names where a loader may import it. */
static bool scan_member(struct pk_scan *s)
{
	uint8_t head[PK_PYC_HEAD];
	struct pk_pyc pyc;
	const size_t n = pk_source_read(s->bytes, 0, head, sizeof(head));

	if (!s->parent || s->gap ||
	    !pk_pyc_at((struct pk_span){ head, n }, &pyc))
		return false;
	pk_pyc_judge(s, &pyc);
	return true;
}

static void judge_kind(struct pk_scan *s)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct pk_cursor c =
			pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);

		if (!kinds[i].is(&c))
			continue;
		pk_program_judge(s, &(struct pk_program_place){
					    .what = kinds[i].what,
					    .reason = kinds[i].reason });
		return;
	}
	pk_reject(s);
}

static void bytecode_scan(struct pk_scan *s)
{
	if (!scan_member(s))
		judge_kind(s);
	if (!s->rejected)
		pk_claim(s, 0, s->bytes->size);
}

static enum pk_match bytecode_probe(const struct pk_head *head)
{
	const struct pk_span b = head->bytes;

	if (pk_span_starts(b, bytecode_begins[0]) ||
	    pk_span_starts(b, bytecode_begins[1]))
		return PK_MATCH_LIKELY;
	return b.len > 16 && b.p[2] == '\r' && b.p[3] == '\n' &&
			       !head->scan->gap
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_bytecode = {
	.name = "bytecode",
	.title = "Compiled code of Java, Python or WebAssembly",
	.reads = "that it is that; of Python's in an archive, the names that "
		 "its code holds",
	.risk = PK_RISK_CODE,
	.rank = 4,
	.no_model = true,
	.begins = bytecode_begins,
	.probe = bytecode_probe,
	.scan = bytecode_scan,
};
