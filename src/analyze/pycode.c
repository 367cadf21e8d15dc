/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pycode.h"

#include "analyze/dotted.h"
#include "analyze/globals.h"
#include "analyze/lists.h"
#include "analyze/pysource.h"

enum {
	NAMES_MAX = 4096, /* of all code objects together */
	MODULES_MAX = 64,
	NAME_LEN_MAX = 128,
	TOLD_MAX = 4,
	DEPTH_MAX = 32,
	VISITS_MAX = 1 << 20,
};

static bool is_word(struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		const uint8_t ch = s.p[i];

		if (!((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') && ch != '_' &&
		    !(ch >= '0' && ch <= '9' && i) && !(ch == '.' && i))
			return false;
	}
	return s.len > 1 && s.len <= NAME_LEN_MAX;
}

static bool holds(const struct pk_pynames *set, struct pk_span name)
{
	for (size_t i = 0; i < set->n; i++) {
		if (pk_span_eq(set->names[i], name))
			return true;
	}
	return false;
}

void pk_pynames_add(struct pk_pynames *set, struct pk_span name)
{
	struct pk_span *more;

	if (!is_word(name) || set->n == NAMES_MAX || holds(set, name))
		return;
	if (set->n == set->cap) {
		const size_t cap = set->cap ? set->cap * 2 : 64;

		more = pk_arena_alloc(set->arena, cap, sizeof(*more));
		if (!more)
			return;
		if (set->n)
			memcpy(more, set->names, set->n * sizeof(*more));
		set->names = more;
		set->cap = cap;
	}
	set->names[set->n++] = name;
}

/* "module.name" */
struct path {
	uint8_t bytes[2 * NAME_LEN_MAX + 1];
	size_t len;
};

static struct pk_span join(struct path *p, struct pk_span module,
			   struct pk_span name)
{
	memcpy(p->bytes, module.p, module.len);
	p->bytes[module.len] = '.';
	memcpy(p->bytes + module.len + 1, name.p, name.len);
	p->len = module.len + 1 + name.len;
	return (struct pk_span){ p->bytes, p->len };
}

/* What programs may do for a living, a function hidden in a model may not:
 * whatever a pickle could not call without being critical. */
static bool is_grave(struct pk_span module, struct pk_span name)
{
	struct path path;
	const char *reason;
	const enum pk_py_level level =
		pk_py_judge(join(&path, module, name), true, &reason);

	if (level == PK_PY_NOTABLE) {
		const struct pk_global g = pk_global_classify(module, name);

		return g.class == PK_IMPORT_DANGEROUS && g.floor == PK_CRITICAL;
	}
	return level == PK_PY_DANGEROUS;
}

/* Modules alone are no danger but in what is taken from them. */
static bool is_module(struct pk_span name)
{
	return pk_list_find(&pk_list_stdlib, name) ||
	       pk_list_find(&pk_list_aliases, name) ||
	       pk_list_find(&pk_list_py2_modules, name) ||
	       pk_list_find_parent(&pk_list_packages, name) ||
	       pk_list_find(&pk_list_modules, name);
}

/* Whether it is so of the name, not of whatever lies in the module; or else of
 * whatever lies in a module that is there for that. */
static bool is_grave_itself(const struct pk_pynames *set, struct pk_span module,
			    struct pk_span name)
{
	static const char *const purposes[] = { "process", "code-load" };
	const struct pk_span other = PK_LIT("no_such_name");
	const char *category = pk_global_classify(module, other).category;
	const char *reason, *of_any;
	struct path path;

	if (pk_py_judge(join(&path, module, name), true, &reason) !=
	    PK_PY_DANGEROUS)
		return false;
	if (pk_py_judge(join(&path, module, other), true, &of_any) !=
		    PK_PY_DANGEROUS ||
	    reason != of_any)
		return true;
	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
		if (category && strcmp(category, purposes[i]) == 0)
			return holds(set->imports, module) && !is_module(name);
	}
	return false;
}

static void tell(struct pk_buf *what, unsigned *told, struct pk_span module,
		 struct pk_span name)
{
	if ((*told)++ >= TOLD_MAX)
		return;
	if (what->len)
		pk_buf_puts(what, ", ");
	if (module.len) {
		pk_buf_put(what, module.p, module.len);
		pk_buf_putc(what, '.');
	}
	pk_buf_put(what, name.p, name.len);
}

static bool is_dangerous_alone(const struct pk_pynames *set,
			       struct pk_span name)
{
	const struct pk_span builtins = PK_LIT("builtins");
	const char *reason;

	if (pk_py_judge_attribute(name, &reason) == PK_PY_DANGEROUS)
		return true;
	return set->globals ? holds(set->globals, name) &&
				      is_grave_itself(set, builtins, name)
			    : is_grave(builtins, name);
}

static bool is_dangerous_pair(const struct pk_pynames *set,
			      struct pk_span module, struct pk_span name)
{
	if (pk_span_eq(module, name))
		return false;
	return set->globals ? is_grave_itself(set, module, name)
			    : is_grave(module, name);
}

bool pk_pynames_judge(const struct pk_pynames *set, struct pk_buf *what)
{
	struct pk_span modules[MODULES_MAX];
	size_t module_n = 0;
	unsigned told = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct pk_span name = set->names[i];

		if (is_dangerous_alone(set, name))
			tell(what, &told, (struct pk_span){ 0 }, name);
		else if (module_n < MODULES_MAX && is_module(name))
			modules[module_n++] = name;
	}
	for (size_t m = 0; m < module_n; m++) {
		for (size_t i = 0; i < set->n && told < TOLD_MAX; i++) {
			if (is_dangerous_pair(set, modules[m], set->names[i]))
				tell(what, &told, modules[m], set->names[i]);
		}
	}
	return told > 0;
}

static void add_texts(struct pk_pynames *set, const struct pk_mvalue *v,
		      unsigned depth)
{
	if (v->kind == PK_M_TEXT || v->kind == PK_M_BYTES)
		pk_pynames_add(set, v->text);
	/* References make a tree of few bytes as wide as one likes. */
	for (size_t i = 0; depth < DEPTH_MAX && i < v->n; i++) {
		if (set->visits++ > VISITS_MAX)
			return;
		add_texts(set, &v->items[i], depth + 1);
	}
}

/* Strings as marshal writes them, wherever they stand: the second opinion on
 * bytes of which the first is that no Python wrote them. */
static void add_strings(struct pk_pynames *set, struct pk_span s)
{
	for (size_t i = 0; i + 2 < s.len; i++) {
		const uint8_t type = s.p[i] & 0x7f;
		size_t len = 0, head = 0;

		if (type == 'z' || type == 'Z') {
			len = s.p[i + 1];
			head = 2;
		} else if (type && strchr("stuaA", type) && i + 5 < s.len &&
			   !s.p[i + 2] && !s.p[i + 3] && !s.p[i + 4]) {
			len = s.p[i + 1];
			head = 5;
		}
		if (head && len <= s.len - i - head)
			pk_pynames_add(set,
				       (struct pk_span){ s.p + i + head, len });
	}
}

/* How the Pythons of these magic numbers load names that are no attributes
 * (Lib/opcode.py).  Words: two bytes an instruction; else three with a number
 * and one without. */
static const struct opcodes {
	uint16_t from, to;
	bool words;
	uint8_t load_name, load_global, load_either, import_name, extended;
	uint8_t shift; /* of load_global's number */
} opcodes[] = {
	{ 62011, 62169, false, 101, 116, 116, 107, 143, 0 }, /* 2.3 to 2.6 */
	{ 62170, 62299, false, 101, 116, 116, 108, 145, 0 }, /* 2.7 */
	{ 3000, 3179, false, 101, 116, 116, 108, 143, 0 },   /* 3.0, 3.1 */
	{ 3180, 3359, false, 101, 116, 116, 108, 144, 0 },   /* 3.2 to 3.5 */
	{ 3360, 3449, true, 101, 116, 116, 108, 144, 0 },    /* 3.6 to 3.10 */
	{ 3450, 3499, true, 101, 116, 116, 108, 144, 1 },    /* 3.11 */
	{ 3500, 3549, true, 101, 116, 175, 108, 144, 1 },    /* 3.12 */
	{ 3550, 3599, true, 92, 91, 90, 75, 71, 1 },         /* 3.13 */
};

enum { HAVE_ARGUMENT = 90, WIDE = 3 };

static const struct opcodes *opcodes_of(uint16_t magic)
{
	for (size_t i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++) {
		if (magic >= opcodes[i].from && magic <= opcodes[i].to)
			return &opcodes[i];
	}
	return NULL;
}

static void add_name(struct pk_pynames *set, const struct pk_code *c,
		     uint32_t i)
{
	if (i < c->names.n)
		pk_pynames_add(set, c->names.items[i].text);
}

static void add_globals(struct pk_pynames *globals, struct pk_pynames *imports,
			const struct pk_code *c, const struct opcodes *o)
{
	const struct pk_span b = c->bytecode;
	uint32_t high = 0;

	for (size_t i = 0; i + 1 < b.len;) {
		const uint8_t op = b.p[i];
		const bool wide =
			!o->words && op >= HAVE_ARGUMENT && i + 2 < b.len;
		const uint32_t arg = high | b.p[i + 1] |
				     (wide ? (uint32_t)b.p[i + 2] << 8 : 0);

		i += o->words ? 2 : wide ? WIDE : 1;
		high = op == o->extended ? arg << (wide ? 16 : 8) : 0;
		if (op == o->load_name || op == o->load_either)
			add_name(globals, c, arg);
		if (op == o->load_global)
			add_name(globals, c, arg >> o->shift);
		if (op == o->import_name)
			add_name(imports, c, arg);
	}
}

static void take_names(struct pk_pynames *set, const struct pk_pycode *code,
		       struct pk_span bytes)
{
	for (struct pk_code *c = code->marshal.codes; c; c = c->next) {
		add_texts(set, &c->names, 0);
		add_texts(set, &c->consts, 0);
	}
	if (!code->understood || !code->marshal.codes)
		add_strings(set, bytes);
}

struct pk_pycode pk_pycode_read(struct pk_span bytes, struct pk_arena *a)
{
	struct pk_pycode code = { 0 };
	struct pk_pynames set = { .arena = a };

	code.understood = pk_marshal_read(bytes, a, &code.marshal);
	take_names(&set, &code, bytes);
	code.dangerous = pk_pynames_judge(&set, &code.what);
	return code;
}

struct pk_pycode pk_pycode_read_module(struct pk_span bytes, uint16_t magic,
				       struct pk_arena *a)
{
	struct pk_pycode code = { 0 };
	const struct opcodes *o = opcodes_of(magic);
	struct pk_pynames globals = { .arena = a }, imports = { .arena = a };
	struct pk_pynames set = { .arena = a };

	code.understood = pk_marshal_read(bytes, a, &code.marshal);
	if (!o || !code.understood || !code.marshal.codes)
		return pk_pycode_read(bytes, a);
	for (struct pk_code *c = code.marshal.codes; c; c = c->next)
		add_globals(&globals, &imports, c, o);
	set.globals = &globals;
	set.imports = &imports;
	take_names(&set, &code, bytes);
	code.dangerous = pk_pynames_judge(&set, &code.what);
	return code;
}

void pk_pycode_release(struct pk_pycode *code)
{
	pk_buf_release(&code->what);
}
