/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pysource_env.h"

#include "analyze/dotted.h"

enum {
	BINDINGS_MAX = 1 << 14,
	USES_MAX = 512,
};

static bool is_one_of(struct pk_span s, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s.len == strlen(v[i]) && memcmp(s.p, v[i], s.len) == 0)
			return true;
	}
	return false;
}

#define IS_ONE_OF(s, v) is_one_of(s, v, sizeof(v) / sizeof((v)[0]))

/* Names and what they stand for */

struct pk_pybinding {
	struct pk_pybinding *next;
	struct pk_span name;
	struct pk_span path;
};

static unsigned bucket_of(struct pk_span name)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ name.p[i]) * 16777619U; /* FNV-1a */
	return h % PK_PY_BUCKETS;
}

void pk_pyenv_bind(struct pk_pyenv *e, struct pk_span name, struct pk_span path)
{
	struct pk_pybinding **slot = &e->bound[bucket_of(name)];
	struct pk_pybinding *b;

	for (b = *slot; b; b = b->next) {
		if (pk_span_eq(b->name, name) && pk_span_eq(b->path, path))
			return;
	}
	b = e->bindings < BINDINGS_MAX ? PK_NEW(e->arena, struct pk_pybinding)
				       : NULL;
	if (!b) {
		e->out->doubt = "it binds more names than are followed";
		return;
	}
	*b = (struct pk_pybinding){ *slot, name, path };
	*slot = b;
	e->bindings++;
}

struct pk_span pk_pyenv_join(struct pk_pyenv *e, struct pk_span a,
			     struct pk_span b)
{
	uint8_t *p;

	if (a.len + b.len + 1 > PK_PY_PATH)
		return (struct pk_span){ 0 };
	p = pk_arena_alloc(e->arena, a.len + b.len + 2, 1);
	if (!p)
		return (struct pk_span){ 0 };
	memcpy(p, a.p, a.len);
	p[a.len] = '.';
	if (b.len)
		memcpy(p + a.len + 1, b.p, b.len);
	return (struct pk_span){ p, a.len + 1 + b.len };
}

/* Builtins that lead somewhere.  A program's own function may bear such a
 * name; for the first three the builtin counts all the same. */
static bool is_builtin(struct pk_span name, bool bound)
{
	static const char *const grave[] = { "exec", "eval", "__import__" };
	static const char *const others[] = {
		"execfile", "compile",    "getattr", "hasattr", "setattr",
		"vars",     "globals",    "locals",  "open",    "apply",
		"print",    "type",       "super",   "object",  "len",
		"input",    "help",       "exit",    "quit",    "map",
		"filter",   "iter",       "reload",  "license", "copyright",
		"delattr",  "breakpoint",
	};

	return IS_ONE_OF(name, grave) || (!bound && IS_ONE_OF(name, others));
}

void pk_pyvalue_add(struct pk_pyvalue *v, struct pk_span path)
{
	v->kind = PK_PYV_PATH;
	if (v->n < PK_PY_WAYS && path.len)
		v->way[v->n++] = path;
}

/* By what was imported with "*": only what is dangerous there. */
static void look_in_stars(struct pk_pyenv *e, struct pk_span name,
			  struct pk_pyvalue *v)
{
	const char *reason;

	for (unsigned i = 0; i < e->stars; i++) {
		const struct pk_span path = pk_pyenv_join(e, e->star[i], name);

		if (pk_py_judge(path, true, &reason) == PK_PY_DANGEROUS)
			pk_pyvalue_add(v, path);
	}
}

struct pk_pyvalue pk_pyenv_look_up(struct pk_pyenv *e, struct pk_span name,
				   size_t off)
{
	struct pk_pyvalue v = { .kind = PK_PYV_UNKNOWN, .off = off };

	for (struct pk_pybinding *b = e->bound[bucket_of(name)]; b;
	     b = b->next) {
		if (pk_span_eq(b->name, name))
			pk_pyvalue_add(&v, b->path);
	}
	if (v.kind == PK_PYV_UNKNOWN)
		look_in_stars(e, name, &v);
	if (is_builtin(name, v.kind == PK_PYV_PATH))
		pk_pyvalue_add(&v, pk_pyenv_join(e, PK_LIT("builtins"), name));
	else if (pk_span_eq(name, PK_LIT("__builtins__")))
		pk_pyvalue_add(&v, PK_LIT("builtins"));
	return v;
}

/* What is reached */

void pk_pyenv_use(struct pk_pyenv *e, const struct pk_py_use *what)
{
	struct pk_py_use *u;

	if (what->level == PK_PY_PLAIN || e->binding_only || !what->path.len)
		return;
	for (u = e->out->uses; u; u = u->next) {
		if (!pk_span_eq(u->path, what->path))
			continue;
		u->called = u->called || what->called;
		return;
	}
	u = e->uses < USES_MAX ? PK_NEW(e->arena, struct pk_py_use) : NULL;
	if (!u)
		return;
	*u = *what;
	*e->uses_tail = u;
	e->uses_tail = &u->next;
	e->uses++;
	e->out->dangerous += u->level == PK_PY_DANGEROUS;
	e->out->notable += u->level == PK_PY_NOTABLE;
}

static void use(struct pk_pyenv *e, struct pk_span path, size_t off,
		bool called, enum pk_py_level level, const char *reason)
{
	const struct pk_py_use what = {
		NULL, path, off, called, level, reason
	};

	pk_pyenv_use(e, &what);
}

void pk_pyenv_use_value(struct pk_pyenv *e, const struct pk_pyvalue *v,
			bool called)
{
	const char *reason;

	for (unsigned i = 0; v->kind == PK_PYV_PATH && i < v->n; i++) {
		const enum pk_py_level level =
			pk_py_judge(v->way[i], called, &reason);

		use(e, v->way[i], v->off, called, level, reason);
	}
}

/* Modules from which anything can be reached. */
static bool is_powerful(struct pk_span path)
{
	static const char *const modules[] = {
		"os",  "posix",    "nt",          "subprocess", "builtins",
		"pty", "commands", "__builtin__", "ctypes",     "runpy",
	};

	return IS_ONE_OF(path, modules);
}

/* A value that goes where it is not followed. */
void pk_pyenv_let_go(struct pk_pyenv *e, const struct pk_pyvalue *v)
{
	if (v->kind != PK_PYV_PATH)
		return;
	pk_pyenv_use_value(e, v, false);
	for (unsigned i = 0; i < v->n; i++) {
		if (is_powerful(v->way[i]))
			use(e, v->way[i], v->off, false, PK_PY_DANGEROUS,
			    "the whole module is handed on, so that any of "
			    "its functions may be reached");
	}
}

void pk_pyenv_let_go_all(struct pk_pyenv *e, const struct pk_pyargs *a)
{
	for (unsigned i = 0; i < a->n && i < PK_PY_ARGS; i++)
		pk_pyenv_let_go(e, &a->v[i]);
}

/* Values */

bool pk_pyvalue_is(const struct pk_pyvalue *v, const char *path)
{
	for (unsigned i = 0; v->kind == PK_PYV_PATH && i < v->n; i++) {
		if (v->way[i].len == strlen(path) &&
		    memcmp(v->way[i].p, path, v->way[i].len) == 0)
			return true;
	}
	return false;
}

bool pk_pyvalue_ends(const struct pk_pyvalue *v, const char *end)
{
	const size_t n = strlen(end);

	for (unsigned i = 0; v->kind == PK_PYV_PATH && i < v->n; i++) {
		if (v->way[i].len >= n &&
		    memcmp(v->way[i].p + v->way[i].len - n, end, n) == 0)
			return true;
	}
	return false;
}

bool pk_pyvalue_is_powerful(const struct pk_pyvalue *v)
{
	for (unsigned i = 0; v->kind == PK_PYV_PATH && i < v->n; i++) {
		if (is_powerful(v->way[i]))
			return true;
	}
	return false;
}

void pk_pyvalue_parent(struct pk_pyvalue *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		struct pk_span *w = &v->way[i];

		w->len -= pk_dotted_last(*w).len;
		w->len -= w->len > 0;
	}
}

void pk_pyenv_attribute(struct pk_pyenv *e, struct pk_pyvalue *v,
			struct pk_span name)
{
	static const char *const through[] = { "__base__", "__bases__",
					       "__mro__", "mro" };
	const char *reason;
	enum pk_py_level level = pk_py_judge_attribute(name, &reason);

	v->inner = v->inner || IS_ONE_OF(name, through);
	if (v->inner && pk_span_eq(name, PK_LIT("__subclasses__")))
		level = PK_PY_DANGEROUS;
	if (level != PK_PY_PLAIN)
		use(e, pk_pyenv_join(e, PK_LIT("?"), name), v->off, false,
		    level, reason);
	if (v->kind != PK_PYV_PATH) {
		v->kind = PK_PYV_UNKNOWN;
		return;
	}
	for (unsigned i = 0; i < v->n; i++)
		v->way[i] = pk_pyenv_join(e, v->way[i], name);
}

void pk_pyenv_import(struct pk_pyenv *e, struct pk_span module, size_t off)
{
	struct pk_py_import *i;

	if (!e->binding_only || !module.len)
		return;
	for (i = e->out->imports; i; i = i->next) {
		if (pk_span_eq(i->module, module))
			return;
	}
	i = PK_NEW(e->arena, struct pk_py_import);
	if (!i)
		return;
	*i = (struct pk_py_import){ NULL, module, off };
	*e->imports_tail = i;
	e->imports_tail = &i->next;
}

void pk_pyenv_star(struct pk_pyenv *e, struct pk_span module)
{
	if (e->binding_only && e->stars < PK_PY_WAYS)
		e->star[e->stars++] = module;
}
