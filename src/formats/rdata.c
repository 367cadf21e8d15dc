/* SPDX-License-Identifier: Apache-2.0 */
/*
 * R's serialization (.rds, .rda, .RData; src/main/serialize.c): a head, then
 * one item; flags say what it is and whether attributes and a tag come first.
 * .rda has "RDX3\n" and its like before, and a pairlist of variables.
 *
 * What can hurt: a promise that has no value yet is an expression that runs when
 * somebody looks at the object (CVE-2024-27322; R 4.4 refuses them at the top).
 * Closures, formulas and calls are code that the model's functions run.
 * Ordinary models are full of closures, environments and promises whose value
 * is known; these say nothing.
 */
#include "engine/note.h"
#include "formats/rdata_parts.h"

enum {
	DEPTH_MAX = 2000,
	REFS_STEP = 256,
	MAGIC_LEN = 5,
};

/* Items */

static struct rdata_item read_item(struct rdata *d, enum rdata_where where);
static struct rdata_item read_flagged(struct rdata *d, uint32_t flags,
				      enum rdata_where where);

static void remember(struct rdata *d, const struct rdata_item *i)
{
	struct rdata_item *more;

	if (d->ref_count == d->ref_room) {
		const size_t room = d->ref_room ? d->ref_room * 2 : REFS_STEP;

		more = pk_arena_alloc(&d->s->arena, room, sizeof(*more));
		if (!more) {
			pk_cursor_fail(&d->c, PK_FAULT_LIMIT);
			return;
		}
		if (d->ref_count)
			memcpy(more, d->refs, d->ref_count * sizeof(*more));
		d->refs = more;
		d->ref_room = room;
	}
	d->refs[d->ref_count++] = *i;
}

static struct rdata_item read_char(struct rdata *d)
{
	struct rdata_item i = { .type = PK_R_CHAR };
	const int32_t n = pk_rser_int(&d->r);

	if (n == -1)
		return i; /* NA */
	if (n < 0 || !pk_cursor_fits(&d->c, (uint64_t)n, 1)) {
		pk_cursor_fail(&d->c, PK_FAULT_VALUE);
		return i;
	}
	i.len = (uint8_t)pk_rser_text(&d->r, (uint64_t)n, (uint8_t *)i.text,
				      sizeof(i.text));
	if (n > RDATA_NAME_ROOM)
		i.len = 0;
	return i;
}

static struct rdata_item read_symbol(struct rdata *d)
{
	struct rdata_item i = read_item(d, RDATA_ELSEWHERE);

	i.type = PK_R_SYM;
	remember(d, &i);
	return i;
}

static struct rdata_item read_reference(struct rdata *d, uint32_t flags)
{
	struct rdata_item none = { .type = PK_R_NIL };
	uint32_t index = flags >> 8;

	if (!index)
		index = (uint32_t)pk_rser_int(&d->r);
	if (index && index <= d->ref_count)
		return d->refs[index - 1];
	pk_cursor_fail(&d->c, PK_FAULT_RANGE);
	return none;
}

static struct rdata_item read_environment(struct rdata *d)
{
	struct rdata_item i = { .type = PK_R_ENV };

	remember(d, &i);
	(void)pk_rser_int(&d->r); /* locked */
	(void)read_item(d, RDATA_ELSEWHERE);
	(void)read_item(d, RDATA_FRAME);
	(void)read_item(d, RDATA_FRAME); /* the hash table: a list of such */
	(void)read_item(d, RDATA_ELSEWHERE);
	return i;
}

static struct rdata_item read_closure(struct rdata *d, uint32_t flags)
{
	struct rdata_item i = { .type = PK_R_CLO };

	if (flags & PK_R_HAS_ATTR)
		(void)read_item(d, RDATA_ELSEWHERE);
	if (flags & PK_R_HAS_TAG)
		(void)read_item(d, RDATA_ELSEWHERE); /* environment */
	(void)read_item(d, RDATA_ELSEWHERE);         /* formals */
	(void)read_item(d, RDATA_BODY);
	return i;
}

static struct rdata_item read_promise(struct rdata *d, uint32_t flags,
				      enum rdata_where where)
{
	struct rdata_item i = { .type = PK_R_PROM };
	struct rdata_item value, expr;
	unsigned calls;

	if (flags & PK_R_HAS_ATTR)
		(void)read_item(d, RDATA_ELSEWHERE);
	if (flags & PK_R_HAS_TAG)
		(void)read_item(d, RDATA_ELSEWHERE); /* environment */
	value = read_item(d, RDATA_ELSEWHERE);
	calls = d->calls;
	expr = read_item(d, RDATA_BODY);
	if (pk_cursor_ok(&d->c))
		rdata_check_promise(d, &value, &expr, d->calls > calls, where);
	return i;
}

static bool is_pair(uint32_t flags)
{
	const uint32_t type = flags & 0xff;

	return type == PK_R_LIST || type == PK_R_LANG || type == PK_R_DOT;
}

/* What a pair's value means, by the list that it stands in. */
static void check_value(struct rdata *d, const struct rdata_item *first,
			bool call, const struct rdata_item *tag,
			const struct rdata_item *value, enum rdata_where where)
{
	if (where == RDATA_VARIABLES)
		rdata_check_variable(d, tag, value);
	if (!call || (value->type != PK_R_SYM && value->type != PK_R_STR))
		return;
	if (value == first)
		rdata_check_callee(d, value);
	else if (first->type == PK_R_SYM && rdata_forwards(first))
		rdata_check_callee(d, value);
}

/* Pairs, as long as one follows the other. */
static struct rdata_item read_pairs(struct rdata *d, uint32_t flags,
				    enum rdata_where where)
{
	const struct rdata_item out = { .type = (int)(flags & 0xff) };
	const bool call = out.type == PK_R_LANG;
	const enum rdata_where inner =
		where == RDATA_FRAME || where == RDATA_VARIABLES ||
				(where == RDATA_BINDING && out.type == PK_R_DOT)
			? where
			: RDATA_ELSEWHERE;
	struct rdata_item first, value, tag;
	bool head = true;

	for (; pk_cursor_ok(&d->c); head = false) {
		tag = (struct rdata_item){ .type = PK_R_NIL };
		if (flags & PK_R_HAS_ATTR)
			(void)read_item(d, RDATA_ELSEWHERE);
		if (flags & PK_R_HAS_TAG)
			tag = read_item(d, RDATA_ELSEWHERE);
		value = read_item(d,
				  inner == RDATA_FRAME || inner == RDATA_BINDING
					  ? RDATA_BINDING
					  : RDATA_ELSEWHERE);
		if (head)
			first = value;
		check_value(d, &first, call, &tag, head ? &first : &value,
			    where);
		flags = (uint32_t)pk_rser_int(&d->r);
		if (!is_pair(flags)) {
			(void)read_flagged(d, flags, RDATA_ELSEWHERE);
			break;
		}
	}
	return out;
}

/* Bytecode */

static void read_constants(struct rdata *d);

static struct rdata_item read_bytecode_pair(struct rdata *d, int32_t type)
{
	bool attributes;
	struct rdata_item out, first, tag;

	if (type == PK_R_REPREF) {
		(void)pk_rser_int(&d->r);
		return (struct rdata_item){ .type = PK_R_LANG };
	}
	if (type == PK_R_REPDEF) {
		(void)pk_rser_int(&d->r);
		type = pk_rser_int(&d->r);
	}
	attributes = type == PK_R_ATTRLANG || type == PK_R_ATTRLIST;
	if (type != PK_R_LANG && type != PK_R_LIST && !attributes)
		return read_item(d, RDATA_ELSEWHERE);
	out = (struct rdata_item){ .type = type };
	if (++d->depth > DEPTH_MAX || !pk_cursor_ok(&d->c)) {
		pk_cursor_fail(&d->c, PK_FAULT_LIMIT);
		return out;
	}
	if (attributes)
		(void)read_item(d, RDATA_ELSEWHERE);
	tag = read_item(d, RDATA_ELSEWHERE);
	first = read_bytecode_pair(d, pk_rser_int(&d->r));
	(void)read_bytecode_pair(d, pk_rser_int(&d->r));
	if (type == PK_R_LANG || type == PK_R_ATTRLANG)
		check_value(d, &first, true, &tag, &first, RDATA_ELSEWHERE);
	d->depth--;
	return out;
}

/* A symbol among the constants is a name that the code looks up. */
static void read_constant(struct rdata *d, int32_t type)
{
	static const char *const rare[] = {
		"system",   "system2",       "shell.exec",
		"dyn.load", "download.file", "socketConnection"
	};
	struct rdata_item i;

	switch (type) {
	case PK_R_BCODE:
		read_constants(d);
		return;
	case PK_R_LANG:
	case PK_R_LIST:
	case PK_R_REPDEF:
	case PK_R_REPREF:
	case PK_R_ATTRLANG:
	case PK_R_ATTRLIST:
		(void)read_bytecode_pair(d, type);
		return;
	default:
		i = read_item(d, RDATA_ELSEWHERE);
		if (i.type == PK_R_SYM &&
		    rdata_is_one_of(&i, rare, sizeof(rare) / sizeof(rare[0])))
			rdata_check_callee(d, &i);
	}
}

static void read_constants(struct rdata *d)
{
	uint64_t n;

	if (++d->depth > DEPTH_MAX) {
		pk_cursor_fail(&d->c, PK_FAULT_LIMIT);
		return;
	}
	(void)read_item(d, RDATA_ELSEWHERE); /* the code */
	n = pk_rser_length(&d->r, 4);
	while (n-- && pk_cursor_ok(&d->c))
		read_constant(d, pk_rser_int(&d->r));
	d->depth--;
}

static struct rdata_item read_bytecode(struct rdata *d, enum rdata_where where)
{
	const struct rdata_item i = { .type = PK_R_BCODE };
	const uint64_t at = d->c.off;

	(void)pk_rser_int(&d->r); /* how many pairs are shared */
	d->within++;
	read_constants(d);
	d->within--;
	if (where != RDATA_BODY && !d->within && pk_cursor_ok(&d->c) &&
	    !d->told_code) {
		d->told_code = true;
		pk_report(d->s, PK_RULE_R_BYTECODE, at,
			  "bytecode stands by itself, outside of a function");
	}
	return i;
}

/* Vectors */

static struct rdata_item read_list(struct rdata *d, int type,
				   enum rdata_where where)
{
	struct rdata_item i = { .type = type };
	const uint64_t n = pk_rser_length(&d->r, 4);
	struct rdata_item only = { .type = PK_R_NIL };

	for (uint64_t k = 0; k < n && pk_cursor_ok(&d->c); k++)
		only = read_item(d, where == RDATA_FRAME ? RDATA_FRAME
							 : RDATA_ELSEWHERE);
	if (type == PK_R_STR && n == 1) {
		i = only;
		i.type = PK_R_STR;
	}
	return i;
}

static struct rdata_item read_vector(struct rdata *d, int type)
{
	static const uint8_t sizes[32] = {
		[PK_R_LGL] = 4,   [PK_R_INT] = 4, [PK_R_REAL] = 8,
		[PK_R_CPLX] = 16, [PK_R_RAW] = 1,
	};
	const size_t each = sizes[type];

	pk_rser_skip(&d->r, pk_rser_length(&d->r, each), each);
	return (struct rdata_item){ .type = type };
}

/* ALTREP: a class of a package makes the vector from a state.  Those of base
 * that map a file are the ones that reach out. */
static struct rdata_item read_altrep(struct rdata *d)
{
	const uint32_t flags = (uint32_t)pk_rser_int(&d->r);
	struct rdata_item class = { .type = PK_R_NIL };

	if (is_pair(flags)) {
		if (flags & PK_R_HAS_ATTR)
			(void)read_item(d, RDATA_ELSEWHERE);
		if (flags & PK_R_HAS_TAG)
			(void)read_item(d, RDATA_ELSEWHERE);
		class = read_item(d, RDATA_ELSEWHERE);
		(void)read_item(d, RDATA_ELSEWHERE); /* its package and type */
	} else {
		(void)read_flagged(d, flags, RDATA_ELSEWHERE);
	}
	if (rdata_is(&class, "mmap_real") || rdata_is(&class, "mmap_integer"))
		pk_report(d->s, PK_RULE_R_MMAP, d->c.off,
			  "a vector is made by mapping a file (%.*s)",
			  (int)class.len, class.text);
	(void)read_item(d, RDATA_ELSEWHERE); /* state */
	(void)read_item(d, RDATA_ELSEWHERE); /* attributes */
	return (struct rdata_item){ .type = PK_R_ALTREP };
}

static struct rdata_item read_name_list(struct rdata *d, int type)
{
	const struct rdata_item i = { .type = type };
	uint64_t n;

	(void)pk_rser_int(&d->r);
	n = pk_rser_length(&d->r, 4);
	while (n-- && pk_cursor_ok(&d->c))
		(void)read_item(d, RDATA_ELSEWHERE);
	remember(d, &i);
	return i;
}

static struct rdata_item read_builtin(struct rdata *d, int type)
{
	struct rdata_item i = read_char(d);

	i.type = type;
	return i;
}

static struct rdata_item read_pointer(struct rdata *d, int type)
{
	const struct rdata_item i = { .type = type };

	remember(d, &i);
	if (type == PK_R_EXTPTR) {
		(void)read_item(d, RDATA_ELSEWHERE);
		(void)read_item(d, RDATA_ELSEWHERE);
	}
	return i;
}

/* Items that may have attributes behind them. */
static struct rdata_item read_plain(struct rdata *d, int type,
				    enum rdata_where where)
{
	switch (type) {
	case PK_R_CHAR:
		return read_char(d);
	case PK_R_SPECIAL:
	case PK_R_BUILTIN:
		return read_builtin(d, type);
	case PK_R_LGL:
	case PK_R_INT:
	case PK_R_REAL:
	case PK_R_CPLX:
	case PK_R_RAW:
		return read_vector(d, type);
	case PK_R_STR:
	case PK_R_VEC:
	case PK_R_EXPR:
		return read_list(d, type, where);
	case PK_R_BCODE:
		return read_bytecode(d, where);
	case PK_R_EXTPTR:
	case PK_R_WEAKREF:
		return read_pointer(d, type);
	case PK_R_S4:
		break;
	default:
		pk_cursor_fail(&d->c, PK_FAULT_VALUE);
	}
	return (struct rdata_item){ .type = type };
}

/* Items without attributes, or with attributes before the rest. */
static struct rdata_item read_typed(struct rdata *d, uint32_t flags,
				    enum rdata_where where)
{
	const int type = (int)(flags & 0xff);
	struct rdata_item i;

	switch (type) {
	case PK_R_NIL:
	case PK_R_EMPTYENV:
	case PK_R_BASEENV:
	case PK_R_GLOBALENV:
	case PK_R_UNBOUND:
	case PK_R_MISSING:
	case PK_R_BASENAMESPACE:
		return (struct rdata_item){ .type = type };
	case PK_R_REF:
		return read_reference(d, flags);
	case PK_R_SYM:
		return read_symbol(d);
	case PK_R_PERSIST:
	case PK_R_PACKAGE:
	case PK_R_NAMESPACE:
		return read_name_list(d, type);
	case PK_R_ENV:
		return read_environment(d);
	case PK_R_LIST:
	case PK_R_LANG:
	case PK_R_DOT:
		return read_pairs(d, flags, where);
	case PK_R_CLO:
		return read_closure(d, flags);
	case PK_R_PROM:
		return read_promise(d, flags, where);
	case PK_R_ALTREP:
		return read_altrep(d);
	default:
		i = read_plain(d, type, where);
		if (flags & PK_R_HAS_ATTR)
			(void)read_item(d, RDATA_ELSEWHERE);
		return i;
	}
}

static struct rdata_item read_flagged(struct rdata *d, uint32_t flags,
				      enum rdata_where where)
{
	struct rdata_item i = { .type = PK_R_NIL };

	if (++d->depth > DEPTH_MAX)
		pk_cursor_fail(&d->c, PK_FAULT_LIMIT);
	if (pk_cursor_ok(&d->c))
		i = read_typed(d, flags, where);
	d->depth--;
	return i;
}

static struct rdata_item read_item(struct rdata *d, enum rdata_where where)
{
	const uint32_t flags = (uint32_t)pk_rser_int(&d->r);

	return read_flagged(d, flags, where);
}

/* Files */

static bool is_workspace(struct pk_span head)
{
	static const struct pk_span magics[] = {
		PK_LIT_INIT("RDX2\n"), PK_LIT_INIT("RDX3\n"),
		PK_LIT_INIT("RDA2\n"), PK_LIT_INIT("RDA3\n"),
		PK_LIT_INIT("RDB2\n"), PK_LIT_INIT("RDB3\n"),
	};

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (pk_span_starts(head, magics[i]))
			return true;
	}
	return false;
}

static void rdata_scan(struct pk_scan *s)
{
	struct rdata d = { .s = s };
	uint8_t magic[MAGIC_LEN];
	const size_t n = pk_source_read(s->bytes, 0, magic, sizeof(magic));
	const bool workspace = is_workspace((struct pk_span){ magic, n });

	d.c = pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	if (workspace)
		pk_skip(&d.c, MAGIC_LEN);
	pk_rser_open(&d.r, &d.c);
	if (pk_cursor_ok(&d.c))
		(void)read_item(&d,
				workspace ? RDATA_VARIABLES : RDATA_ELSEWHERE);
	pk_note_number(s, "r.version", d.r.version);
	pk_report_fault(s, PK_RULE_R_MALFORMED, &d.c, "the objects");
	if (pk_cursor_ok(&d.c)) {
		if (d.r.spelling == PK_R_ASCII && pk_cursor_left(&d.c) == 1)
			(void)pk_get_u8(&d.c);
		pk_claim(s, 0, d.c.off);
	} else if (d.c.fault != PK_FAULT_LIMIT) {
		s->job->facts |= PK_FACT_REFUSED;
	}
}

static enum pk_match rdata_probe(const struct pk_head *head)
{
	struct pk_span b = head->bytes;

	if (is_workspace(b)) {
		b.p += MAGIC_LEN;
		b.len -= MAGIC_LEN;
	}
	return pk_rser_begins(b) ? PK_MATCH_SURE : PK_MATCH_NO;
}

const struct pk_format pk_format_rdata = {
	.name = "r-data",
	.title = "R objects",
	.reads = "every object: promises, closures and bytecode for what they "
		 "call, start-up functions, mapped files",
	.risk = PK_RISK_CODE,
	.rank = 20,
	.probe = rdata_probe,
	.scan = rdata_scan,
};
