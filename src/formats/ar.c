/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unix archives: "!<arch>\n", then { header of 60 bytes, data, a byte up to an
 * even offset }*.  Long names stand in a member "//" (GNU) or before the data
 * (BSD, "#1/LENGTH").  Debian packages are such archives, and static
 * libraries, which are no models.
 */
#include "analyze/member_name.h"
#include "engine/format.h"
#include "source/slice.h"

enum {
	HEADER = 60,
	NAME_LEN = 16,
	SIZE_AT = 48,
	SIZE_LEN = 10,
	MARK_AT = 58,
	NAMES_MAX = 16 << 20,
	BSD_NAME_MAX = 4096,
	MEMBERS_MAX = 1 << 20,
};

struct ar {
	struct pk_scan *s;
	uint64_t at; /* of the next header */
	struct pk_span names;
	bool broken;
};

struct member {
	uint64_t at, data, size;
	struct pk_span name; /* in the scan's arena */
};

static bool starts_archive(struct pk_span b)
{
	return pk_span_starts(b, PK_LIT("!<arch>\n"));
}

static bool starts_thin(struct pk_span b)
{
	return pk_span_starts(b, PK_LIT("!<thin>\n"));
}

/* Digits, then blanks to the end. */
static bool get_number(struct pk_span s, uint64_t *ret)
{
	size_t i = 0;

	*ret = 0;
	for (; i < s.len && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		*ret = *ret * 10 + (uint64_t)(s.p[i] - '0');
	if (!i)
		return false;
	while (i < s.len && s.p[i] == ' ')
		i++;
	return i == s.len;
}

static struct pk_span read_piece(struct pk_scan *s, uint64_t off, uint64_t n)
{
	uint8_t *p = pk_arena_alloc(&s->arena, n ? (size_t)n : 1, 1);

	if (!p || pk_source_read(s->bytes, off, p, (size_t)n) < n)
		return (struct pk_span){ 0 };
	return (struct pk_span){ p, (size_t)n };
}

/* As GNU writes it: an offset into the table, ended by '/' or a new line. */
static struct pk_span long_name(const struct ar *a, uint64_t off)
{
	struct pk_span name = { 0 };

	if (off >= a->names.len)
		return name;
	name.p = a->names.p + off;
	while (off + name.len < a->names.len && name.p[name.len] != '\n')
		name.len++;
	if (name.len && name.p[name.len - 1] == '/')
		name.len--;
	return name;
}

/* As BSD writes it: the first bytes of the data. */
static void take_bsd_name(struct ar *a, struct member *m, uint64_t len)
{
	if (len > m->size || len > BSD_NAME_MAX)
		return;
	m->name = read_piece(a->s, m->data, len);
	while (m->name.len && !m->name.p[m->name.len - 1])
		m->name.len--;
	m->data += len;
	m->size -= len;
}

static void find_name(struct ar *a, struct member *m)
{
	struct pk_span field = m->name;
	uint64_t n;

	while (field.len && field.p[field.len - 1] == ' ')
		field.len--;
	m->name = field;
	if (field.len > 3 && memcmp(field.p, "#1/", 3) == 0 &&
	    get_number((struct pk_span){ field.p + 3, field.len - 3 }, &n))
		take_bsd_name(a, m, n);
	else if (field.len > 1 && field.p[0] == '/' &&
		 get_number((struct pk_span){ field.p + 1, field.len - 1 }, &n))
		m->name = long_name(a, n);
	else if (field.len > 1 && field.p[field.len - 1] == '/' &&
		 field.p[0] != '/')
		m->name.len--;
}

static bool next(struct ar *a, struct member *m)
{
	const uint64_t size = a->s->bytes->size;
	struct pk_span h;

	if (a->at >= size || pk_out_of_budget(a->s))
		return false;
	h = read_piece(a->s, a->at, size - a->at < HEADER ? 0 : HEADER);
	a->broken = h.len < HEADER || memcmp(h.p + MARK_AT, "`\n", 2) != 0 ||
		    !get_number((struct pk_span){ h.p + SIZE_AT, SIZE_LEN },
				&m->size);
	if (a->broken)
		return false;
	m->at = a->at;
	m->data = a->at + HEADER;
	m->name = (struct pk_span){ h.p, NAME_LEN };
	a->broken = m->size > size - m->data;
	if (a->broken)
		m->size = size - m->data;
	a->at = m->data + m->size + (m->size & 1);
	find_name(a, m);
	return true;
}

static bool is_named(const struct member *m, const char *name)
{
	return m->name.len == strlen(name) &&
	       memcmp(m->name.p, name, m->name.len) == 0;
}

/* What is the archive's own: tables of symbols and names. */
static bool is_table(const struct member *m)
{
	return is_named(m, "/") || is_named(m, "//") ||
	       is_named(m, "/SYM64/") ||
	       pk_span_starts(m->name, PK_LIT("__.SYMDEF"));
}

static void take_table(struct ar *a, const struct member *m)
{
	if (is_named(m, "//") && m->size <= NAMES_MAX)
		a->names = read_piece(a->s, m->data, m->size);
}

/* Code that waits for a linker: ELF, Mach-O, COFF, LLVM's. */
static bool is_object(struct pk_scan *s, const struct member *m)
{
	static const struct {
		struct pk_span begins;
		uint8_t at, is; /* a byte that says: not linked */
	} kinds[] = {
		{ PK_LIT_INIT("\x7f"
			      "ELF\2\1"),
		  16, 1 },
		{ PK_LIT_INIT("\x7f"
			      "ELF\1\1"),
		  16, 1 },
		{ PK_LIT_INIT("\x7f"
			      "ELF\2\2"),
		  17, 1 },
		{ PK_LIT_INIT("\x7f"
			      "ELF\1\2"),
		  17, 1 },
		{ PK_LIT_INIT("\xcf\xfa\xed\xfe"), 12, 1 },
		{ PK_LIT_INIT("\xce\xfa\xed\xfe"), 12, 1 },
		{ PK_LIT_INIT("BC\xc0\xde"), 0, 'B' },
		{ PK_LIT_INIT("\x64\x86"), 16, 0 },
		{ PK_LIT_INIT("\x4c\x01"), 16, 0 },
		{ PK_LIT_INIT("\x64\xaa"), 16, 0 },
	};
	uint8_t buf[20] = { 0 };
	const size_t n = m->size < sizeof(buf) ? (size_t)m->size : sizeof(buf);
	const struct pk_span head = { buf, pk_source_read(s->bytes, m->data,
							  buf, n) };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (pk_span_starts(head, kinds[i].begins) &&
		    buf[kinds[i].at] == kinds[i].is)
			return true;
	}
	return false;
}

static bool is_library(struct pk_scan *s)
{
	struct ar a = { .s = s, .at = 8 };
	unsigned objects = 0;
	struct member m;

	while (next(&a, &m)) {
		if (is_table(&m))
			take_table(&a, &m);
		else if (!is_object(s, &m))
			return false;
		else
			objects++;
	}
	return objects && !a.broken;
}

static void let_go(struct pk_scan *s, const char *reason)
{
	if (!s->parent)
		s->job->reason = reason;
	pk_reject(s);
}

static void scan_members(struct pk_scan *s)
{
	struct ar a = { .s = s, .at = 8 };
	struct member m;

	pk_claim(s, 0, a.at);
	for (unsigned n = 0; n < MEMBERS_MAX && next(&a, &m); n++) {
		pk_claim(s, m.at, a.at - m.at);
		if (is_table(&m)) {
			take_table(&a, &m);
			continue;
		}
		pk_check_name(s, m.name, m.at);
		(void)pk_descend(s, m.name,
				 pk_slice_new(s->bytes, m.data, m.size),
				 PK_MEMBER_ANY);
		if (a.broken)
			break;
	}
	if (!a.broken && a.at >= s->bytes->size)
		return;
	pk_partial(s);
	pk_report(s, PK_RULE_ARCHIVE_DAMAGED, a.at,
		  "the archive ends within a member, or something else "
		  "follows");
}

static void ar_scan(struct pk_scan *s)
{
	uint8_t magic[8];
	const size_t n = pk_source_read(s->bytes, 0, magic, sizeof(magic));

	if (starts_thin((struct pk_span){ magic, n }))
		let_go(s, "names of object files, no model");
	else if (is_library(s))
		let_go(s, "a static library, no model");
	else
		scan_members(s);
}

static enum pk_match ar_probe(const struct pk_head *head)
{
	return !head->scan->quiet && (starts_archive(head->bytes) ||
				      starts_thin(head->bytes))
		       ? PK_MATCH_SURE
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_ar = {
	.name = "ar",
	.title = "Unix archive (ar, Debian package)",
	.reads = "every member; static libraries are told by their objects",
	.risk = PK_RISK_WRAPPER,
	.rank = 2,
	.probe = ar_probe,
	.scan = ar_scan,
};
