/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Torch7 (.t7, .th, .net): one object after another, each an int32 type and
 * what belongs to it (torch/File.lua); the same as lines of text in ASCII mode.
 * There is no magic.
 *
 *   nil 0 | number 1, double | string 2, length, bytes | boolean 5, int32
 *   table 3, index, pairs, { key, value }...
 *   object 4, index, "V n", class, what the class reads
 *   function 6, or 7 and 8 with an index: length, chunk, upvalues
 *
 * What can hurt: the chunk of a function is handed to loadstring(), which takes
 * source and bytecode; bytecode alone breaks out of the virtual machine.
 */
#include <ctype.h>
#include <stdio.h>

#include "analyze/lua_chunk.h"
#include "core/set64.h"
#include "engine/format.h"
#include "engine/note.h"

enum {
	NIL,
	NUMBER,
	STRING,
	TABLE,
	OBJECT,
	BOOLEAN,
	FUNCTION,
	OLD_RECURSIVE,
	RECURSIVE
};

enum {
	SHOWN = 120,
	NAME_MAX_LEN = 200,
	CLASSES_MAX = 64, /* told of */
	DIMS_MAX = 32,
};

struct t7 {
	struct pk_scan *s;
	struct pk_cursor c;
	bool ascii;
	struct pk_set64 seen;    /* indices of objects */
	struct pk_set64 classes; /* hashes of foreign class names */
	uint64_t pending;        /* objects still to be read */
	uint64_t objects;
	bool convinced; /* a class or a function was there: no other format */
	struct pk_span name; /* the last string, perhaps a key */
};

/* Values, in both modes */

/* Whether a byte is there; after a fault none is. */
static bool has_byte(struct t7 *t)
{
	return pk_cursor_ok(&t->c) && pk_cursor_ready(&t->c, 1);
}

static void skip_blank(struct t7 *t)
{
	while (has_byte(t) && isspace(*t->c.p))
		(void)pk_get_u8(&t->c);
}

static void skip_eol(struct t7 *t)
{
	if (t->ascii && has_byte(t) && *t->c.p == '\n')
		(void)pk_get_u8(&t->c);
}

static int64_t get_decimal(struct t7 *t)
{
	bool minus, any = false;
	int64_t v = 0;

	skip_blank(t);
	minus = has_byte(t) && *t->c.p == '-';
	if (minus)
		(void)pk_get_u8(&t->c);
	while (has_byte(t) && isdigit(*t->c.p)) {
		any = true;
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, *t->c.p - '0', &v))
			pk_cursor_fail(&t->c, PK_FAULT_VALUE);
		(void)pk_get_u8(&t->c);
	}
	if (!any)
		pk_cursor_fail(&t->c, pk_cursor_left(&t->c)
					      ? PK_FAULT_VALUE
					      : PK_FAULT_TRUNCATED);
	skip_eol(t);
	return v * (minus ? -1 : 1);
}

static int64_t get_int(struct t7 *t)
{
	return t->ascii ? get_decimal(t) : (int32_t)pk_get_u32le(&t->c);
}

static int64_t get_long(struct t7 *t)
{
	return t->ascii ? get_decimal(t) : (int64_t)pk_get_u64le(&t->c);
}

/* A count of things that take so many bytes each; 0 after a fault. */
static uint64_t get_count(struct t7 *t, int64_t v, size_t each)
{
	if (v < 0)
		pk_cursor_fail(&t->c, PK_FAULT_VALUE);
	if (!pk_cursor_ok(&t->c) ||
	    !pk_cursor_fits(&t->c, (uint64_t)v, t->ascii ? 1 : each))
		return 0;
	return (uint64_t)v;
}

/* Words of numbers, one after another. */
static void skip_numbers(struct t7 *t, uint64_t n, size_t each)
{
	if (!t->ascii) {
		pk_skip(&t->c, n * each);
		return;
	}
	while (n-- && pk_cursor_ok(&t->c)) {
		skip_blank(t);
		if (!pk_cursor_left(&t->c))
			pk_cursor_fail(&t->c, PK_FAULT_TRUNCATED);
		while (has_byte(t) && !isspace(*t->c.p))
			(void)pk_get_u8(&t->c);
	}
	skip_eol(t);
}

/* A string, of which the beginning is kept. */
static struct pk_span get_text(struct t7 *t)
{
	const uint64_t n = get_count(t, get_int(t), 1);
	const size_t some = n < NAME_MAX_LEN ? (size_t)n : NAME_MAX_LEN;
	struct pk_span text = pk_get_bytes(&t->c, some);
	char *kept = NULL;

	if (pk_cursor_ok(&t->c) && some)
		kept = pk_arena_copy(&t->s->arena, text);
	pk_skip(&t->c, n - some);
	skip_eol(t);
	return (struct pk_span){ (const uint8_t *)kept, kept ? some : 0 };
}

/* Objects */

static void want(struct t7 *t, uint64_t more)
{
	t->pending += more;
	/* Each takes four bytes, or a digit and its end. */
	(void)pk_cursor_fits(&t->c, t->pending, t->ascii ? 1 : 4);
}

static void read_function(struct t7 *t)
{
	const uint64_t at = t->c.off;
	const uint64_t n = get_count(t, get_int(t), 1);

	t->convinced = true;
	if (pk_cursor_ok(&t->c))
		pk_lua_chunk_scan(t->s, t->c.off, n);
	else
		pk_report(t->s, PK_RULE_TORCH7_FUNCTION, at,
			  "a function is there, cut short");
	pk_skip(&t->c, n);
	skip_eol(t);
	want(t, 1);
}

static size_t element_size(struct pk_span class, const char *suffix)
{
	static const struct {
		const char *name;
		size_t size;
	} types[] = {
		{ "Byte", 1 },     { "Char", 1 },      { "Short", 2 },
		{ "Int", 4 },      { "Long", 8 },      { "Float", 4 },
		{ "Double", 8 },   { "Half", 2 },      { "Cuda", 4 },
		{ "CudaByte", 1 }, { "CudaChar", 1 },  { "CudaShort", 2 },
		{ "CudaInt", 4 },  { "CudaLong", 8 },  { "CudaDouble", 8 },
		{ "CudaHalf", 2 }, { "CudaFloat", 4 }, { "Bool", 1 },
	};
	char full[40];

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const int n = snprintf(full, sizeof(full), "torch.%s%s",
				       types[i].name, suffix);

		if (class.len == (size_t)n &&
		    memcmp(class.p, full, class.len) == 0)
			return types[i].size;
	}
	return 0;
}

static void read_storage(struct t7 *t, size_t each)
{
	const uint64_t n = get_count(t, get_long(t), each);

	skip_numbers(t, n, each);
}

/* Sizes and strides, an offset, and the storage as an object. */
static void read_tensor(struct t7 *t)
{
	const uint64_t dims = get_count(t, get_int(t), 16);
	uint64_t shape[DIMS_MAX] = { 0 };
	struct pk_tensor_note note = { .name = t->name, .shape = shape };

	if (dims > DIMS_MAX)
		pk_cursor_fail(&t->c, PK_FAULT_VALUE);
	for (uint64_t i = 0; i < dims && pk_cursor_ok(&t->c); i++)
		shape[i] = (uint64_t)get_long(t);
	skip_numbers(t, dims, 8);
	(void)get_long(t);
	note.rank = (unsigned)dims;
	if (pk_cursor_ok(&t->c))
		pk_note_tensor(t->s, &note);
	want(t, 1);
}

static uint64_t hash(struct pk_span s)
{
	uint64_t h = 14695981039346656037U;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.p[i]) * 1099511628211U; /* FNV-1a */
	return h;
}

/* Classes that Torch's own packages define. */
static void check_class(struct t7 *t, struct pk_span class, uint64_t at)
{
	static const char *const known[] = {
		"torch.",   "nn.",  "nngraph.", "cudnn.", "cunn.",   "inn.",
		"cutorch.", "tnt.", "optim.",   "graph.", "tds.",    "rnn.",
		"dpnn.",    "stn.", "image.",   "nnx.",   "fbcunn.", "fbnn.",
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (class.len > strlen(known[i]) &&
		    memcmp(class.p, known[i], strlen(known[i])) == 0)
			return;
	}
	if (t->classes.n < CLASSES_MAX &&
	    pk_set64_add(&t->classes, hash(class)))
		pk_report(t->s, PK_RULE_TORCH7_CLASS, at,
			  "the file makes objects of the class %s",
			  pk_show(t->s, class, SHOWN));
}

static void read_object(struct t7 *t)
{
	struct pk_span class = get_text(t);
	const uint64_t at = t->c.off;
	size_t each;

	if (pk_span_starts(class, PK_LIT("V ")))
		class = get_text(t);
	if (!pk_cursor_ok(&t->c))
		return;
	t->convinced = true;
	each = element_size(class, "Storage");
	if (each) {
		read_storage(t, each);
	} else if (element_size(class, "Tensor")) {
		read_tensor(t);
	} else {
		check_class(t, class, at);
		want(t, 1);
	}
}

static void read_table(struct t7 *t)
{
	const uint64_t n = get_count(t, get_int(t), 8);

	want(t, 2 * n);
}

static void read_indexed(struct t7 *t, int64_t type)
{
	const int64_t index = get_int(t);

	if (!pk_cursor_ok(&t->c) || !pk_set64_add(&t->seen, (uint64_t)index))
		return;
	if (type == TABLE)
		read_table(t);
	else if (type == OBJECT)
		read_object(t);
	else
		read_function(t);
}

static void read_any(struct t7 *t)
{
	const int64_t type = get_int(t);

	t->objects++;
	if (!pk_cursor_ok(&t->c))
		return;
	switch (type) {
	case NIL:
		break;
	case NUMBER:
		skip_numbers(t, 1, 8);
		break;
	case STRING:
		t->name = get_text(t);
		break;
	case BOOLEAN:
		(void)get_int(t);
		break;
	case FUNCTION:
		read_function(t);
		break;
	case TABLE:
	case OBJECT:
	case OLD_RECURSIVE:
	case RECURSIVE:
		read_indexed(t, type);
		break;
	default:
		pk_cursor_fail(&t->c, PK_FAULT_VALUE);
	}
}

/* One object with all that is in it. */
static bool read_whole(struct t7 *t)
{
	enum { NOW_AND_THEN = 1 << 12 };

	t->pending = 1;
	while (t->pending && pk_cursor_ok(&t->c)) {
		t->pending--;
		read_any(t);
		if (t->objects % NOW_AND_THEN == 0 && pk_out_of_budget(t->s))
			return false;
	}
	return pk_cursor_ok(&t->c);
}

static bool is_ascii(struct pk_scan *s)
{
	uint8_t first[1];

	return pk_source_read(s->bytes, 0, first, 1) == 1 && first[0] >= '0';
}

static void torch7_scan(struct pk_scan *s)
{
	struct t7 t = { .s = s, .ascii = is_ascii(s) };
	uint64_t end = 0;

	t.c = pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	t.seen.arena = t.classes.arena = &s->arena;
	while (pk_cursor_left(&t.c) && read_whole(&t))
		end = t.c.off; /* torch.load() reads one; files hold more */
	pk_claim(s, 0, end);
	if (end && !pk_cursor_ok(&t.c))
		return; /* what follows the objects is left over */
	if (!pk_cursor_ok(&t.c) && !t.convinced) {
		pk_reject(s);
		return;
	}
	pk_report_fault(s, PK_RULE_TORCH7_MALFORMED, &t.c, "the objects");
	if (!pk_cursor_ok(&t.c))
		s->job->facts |= PK_FACT_REFUSED;
}

/* Probing */

static bool is_class_name(struct pk_span b, size_t at, size_t n)
{
	if (n < 3 || n > 64 || at > b.len || n > b.len - at)
		return false;
	for (size_t i = at; i < at + n; i++) {
		if (!isalnum(b.p[i]) && !strchr("._ ", b.p[i]))
			return false;
	}
	return b.p[at] != 0;
}

static enum pk_match probe_binary(struct pk_span b)
{
	struct pk_cursor c = pk_cursor_over(b, 0);
	const uint32_t type = pk_get_u32le(&c);
	const uint32_t index = pk_get_u32le(&c);
	const uint32_t n = pk_get_u32le(&c);
	const uint32_t more = pk_get_u32le(&c);

	if (type == FUNCTION)
		return b.len > 8 && b.p[8] == 0x1b && index > 4
			       ? PK_MATCH_LIKELY
			       : PK_MATCH_NO;
	if (!pk_cursor_ok(&c) || index > INT32_MAX)
		return PK_MATCH_NO;
	if (type == OBJECT)
		return is_class_name(b, 12, n) ? PK_MATCH_SURE : PK_MATCH_NO;
	if (type == RECURSIVE || type == OLD_RECURSIVE)
		return n > 4 && b.p[12] == 0x1b ? PK_MATCH_LIKELY : PK_MATCH_NO;
	return type == TABLE && n > 0 && n < INT32_MAX && index &&
			       (more == NUMBER || more == STRING)
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

/* Four numbers, a line each. */
static bool read_lines(struct pk_span b, unsigned v[4])
{
	size_t at = 0;

	for (unsigned i = 0; i < 4; i++) {
		size_t from = at;

		for (v[i] = 0; at < b.len && isdigit(b.p[at]); at++)
			v[i] = v[i] * 10 + (unsigned)(b.p[at] - '0');
		if (at == from || at - from > 9 || at == b.len ||
		    b.p[at] != '\n')
			return i == 3 && at > from;
		at++;
	}
	return true;
}

static enum pk_match probe_ascii(struct pk_span b)
{
	unsigned v[4];
	const uint8_t *version;

	if (b.len < 8 || !isdigit(b.p[0]) || b.p[1] != '\n')
		return PK_MATCH_NO;
	version = memmem(b.p, b.len < 64 ? b.len : 64, "\nV ", 3);
	if (b.p[0] == '0' + OBJECT && version)
		return PK_MATCH_SURE;
	if (!read_lines(b, v))
		return PK_MATCH_NO;
	return v[0] == TABLE && v[2] && (v[3] == NUMBER || v[3] == STRING)
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

static enum pk_match torch7_probe(const struct pk_head *head)
{
	return head->bytes.len && head->bytes.p[0] >= '0'
		       ? probe_ascii(head->bytes)
		       : probe_binary(head->bytes);
}

const struct pk_format pk_format_torch7 = {
	.name = "torch7",
	.title = "Torch7 objects",
	.reads = "every object: classes, functions and the names in their "
		 "chunks, sizes of storages",
	.risk = PK_RISK_CODE,
	.rank = 20,
	.probe = torch7_probe,
	.scan = torch7_scan,
};
