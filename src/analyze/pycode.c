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

void pk_pynames_add(struct pk_pynames *set, struct pk_span name)
{
	struct pk_span *more;

	if (!is_word(name) || set->n == NAMES_MAX)
		return;
	for (size_t i = 0; i < set->n; i++) {
		if (pk_span_eq(set->names[i], name))
			return;
	}
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

/* What programs may do for a living, a function hidden in a model may not:
 * whatever a pickle could not call without being critical. */
static bool is_grave(struct pk_span module, struct pk_span name)
{
	uint8_t buf[2 * NAME_LEN_MAX + 1];
	struct pk_span path = { buf, module.len + 1 + name.len };
	const char *reason;
	enum pk_py_level level;

	memcpy(buf, module.p, module.len);
	buf[module.len] = '.';
	memcpy(buf + module.len + 1, name.p, name.len);
	level = pk_py_judge(path, true, &reason);
	if (level == PK_PY_NOTABLE) {
		const struct pk_global g = pk_global_classify(module, name);

		return g.class == PK_IMPORT_DANGEROUS && g.floor == PK_CRITICAL;
	}
	return level == PK_PY_DANGEROUS;
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

/* Modules alone are no danger but in what is taken from them. */
static bool is_module(struct pk_span name)
{
	return pk_list_find(&pk_list_stdlib, name) ||
	       pk_list_find(&pk_list_aliases, name) ||
	       pk_list_find(&pk_list_py2_modules, name) ||
	       pk_list_find_parent(&pk_list_packages, name) ||
	       pk_list_find(&pk_list_modules, name);
}

bool pk_pynames_judge(const struct pk_pynames *set, struct pk_buf *what)
{
	const struct pk_span builtins = PK_LIT("builtins");
	struct pk_span modules[MODULES_MAX];
	size_t module_n = 0;
	unsigned told = 0;
	const char *reason;

	for (size_t i = 0; i < set->n; i++) {
		const struct pk_span name = set->names[i];

		if (is_grave(builtins, name) ||
		    pk_py_judge_attribute(name, &reason) == PK_PY_DANGEROUS)
			tell(what, &told, (struct pk_span){ 0 }, name);
		else if (module_n < MODULES_MAX && is_module(name))
			modules[module_n++] = name;
	}
	for (size_t m = 0; m < module_n; m++) {
		for (size_t i = 0; i < set->n; i++) {
			if (!pk_span_eq(modules[m], set->names[i]) &&
			    is_grave(modules[m], set->names[i]))
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

struct pk_pycode pk_pycode_read(struct pk_span bytes, struct pk_arena *a)
{
	struct pk_pycode code = { 0 };
	struct pk_pynames set = { .arena = a };

	code.understood = pk_marshal_read(bytes, a, &code.marshal);
	for (struct pk_code *c = code.marshal.codes; c; c = c->next) {
		add_texts(&set, &c->names, 0);
		add_texts(&set, &c->consts, 0);
	}
	if (!code.understood || !code.marshal.codes)
		add_strings(&set, bytes);
	code.dangerous = pk_pynames_judge(&set, &code.what);
	return code;
}

void pk_pycode_release(struct pk_pycode *code)
{
	pk_buf_release(&code->what);
}
