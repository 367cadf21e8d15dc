/* SPDX-License-Identifier: Apache-2.0 */
/* What calls and subscripts yield, of those that hand out modules and
 * functions by name. */
#include "analyze/dotted.h"
#include "analyze/pysource_env.h"

static void say(struct pk_pyenv *e, struct pk_span path, size_t off,
		enum pk_py_level level, const char *reason)
{
	const struct pk_py_use what = { NULL, path, off, true, level, reason };

	pk_pyenv_use(e, &what);
}

static struct pk_pyvalue module_named(const struct pk_pyargs *a, bool top_only)
{
	struct pk_pyvalue v = { .kind = PK_PYV_PATH, .off = a->v[0].off };
	struct pk_span name = a->v[0].way[0];

	if (top_only && a->n < 2)
		name = pk_dotted_first(name);
	pk_pyvalue_add(&v, name);
	return v;
}

/* __import__ and its like. */
static bool call_import(struct pk_pyenv *e, struct pk_pyvalue *v,
			const struct pk_pyargs *a)
{
	const bool builtin = pk_pyvalue_is(v, "builtins.__import__") ||
			     pk_pyvalue_is(v, "importlib.__import__");

	if (!builtin && !pk_pyvalue_is(v, "importlib.import_module"))
		return false;
	if (a->n && a->v[0].kind == PK_PYV_TEXT) {
		*v = module_named(a, builtin);
		return true;
	}
	say(e, v->way[0], v->off,
	    builtin || a->hides ? PK_PY_DANGEROUS : PK_PY_NOTABLE,
	    a->hides ? "imports a module whose name is hidden"
		     : "imports a module whose name is computed");
	*v = (struct pk_pyvalue){ .kind = PK_PYV_UNKNOWN,
				  .off = v->off,
				  .hides = a->hides };
	return true;
}

static bool call_getattr(struct pk_pyenv *e, struct pk_pyvalue *v,
			 const struct pk_pyargs *a)
{
	const size_t off = v->off;

	if (!pk_pyvalue_is(v, "builtins.getattr") || a->n < 2 || !a->v[0].kind)
		return false;
	*v = a->v[0];
	v->off = off;
	if (a->v[1].kind == PK_PYV_TEXT) {
		pk_pyenv_attribute(e, v, a->v[1].way[0]);
	} else if (pk_pyvalue_is_powerful(v) ||
		   (a->hides && v->kind == PK_PYV_PATH)) {
		say(e, v->way[0], off, PK_PY_DANGEROUS,
		    "a function of it is taken by a computed name");
		*v = (struct pk_pyvalue){ .kind = PK_PYV_UNKNOWN };
	} else {
		*v = (struct pk_pyvalue){ .kind = PK_PYV_UNKNOWN };
	}
	return true;
}

/* Ways to look a name up in a module or in all of them. */
static bool call_lookup(struct pk_pyenv *e, struct pk_pyvalue *v,
			const struct pk_pyargs *a)
{
	static const char *const getters[] = {
		".__getattribute__",     ".__getattr__",  ".__dict__.get",
		".__dict__.__getitem__", ".__dict__.pop",
	};
	const size_t off = v->off;

	if (pk_pyvalue_is(v, "builtins.vars") && a->n == 1 &&
	    a->v[0].kind == PK_PYV_PATH) {
		*v = a->v[0];
		pk_pyenv_attribute(e, v, PK_LIT("__dict__"));
		return true;
	}
	if ((pk_pyvalue_is(v, "sys.modules.get") ||
	     pk_pyvalue_is(v, "sys.modules.__getitem__")) &&
	    a->n && a->v[0].kind == PK_PYV_TEXT) {
		*v = module_named(a, false);
		return true;
	}
	for (size_t i = 0; i < sizeof(getters) / sizeof(getters[0]); i++) {
		if (!pk_pyvalue_ends(v, getters[i]) || !a->n ||
		    a->v[0].kind != PK_PYV_TEXT)
			continue;
		pk_pyvalue_parent(v);
		if (pk_pyvalue_ends(v, ".__dict__"))
			pk_pyvalue_parent(v);
		v->off = off;
		pk_pyenv_attribute(e, v, a->v[0].way[0]);
		return true;
	}
	return false;
}

/* Whether the call gives its arguments to nobody else. */
static bool only_asks(const struct pk_pyvalue *callee)
{
	return pk_pyvalue_is(callee, "builtins.getattr") ||
	       pk_pyvalue_is(callee, "builtins.hasattr") ||
	       pk_pyvalue_is(callee, "builtins.vars") ||
	       pk_pyvalue_is(callee, "builtins.type") ||
	       pk_pyvalue_is(callee, "builtins.print") ||
	       pk_pyvalue_is(callee, "importlib.reload") ||
	       pk_pyvalue_is(callee, "builtins.reload");
}

/* Text that comes out of these was hidden before. */
static bool decodes(const struct pk_pyvalue *v, struct pk_span method)
{
	static const char *const methods[] = { "decode",     "fromhex",
					       "b64decode",  "unhexlify",
					       "decompress", "translate" };
	const struct pk_span last = v->kind == PK_PYV_PATH && v->n
					    ? pk_dotted_last(v->way[0])
					    : method;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (last.len == strlen(methods[i]) &&
		    memcmp(last.p, methods[i], last.len) == 0)
			return true;
	}
	return false;
}

void pk_pyenv_call(struct pk_pyenv *e, struct pk_pyvalue *v,
		   const struct pk_pyargs *a, struct pk_span method)
{
	const bool hides = decodes(v, method) || a->hides || v->hides;
	const struct pk_pyvalue callee = *v;

	if (!only_asks(&callee))
		pk_pyenv_let_go_all(e, a);
	if (v->kind == PK_PYV_PATH &&
	    (call_import(e, v, a) || call_getattr(e, v, a) ||
	     call_lookup(e, v, a)))
		return;
	pk_pyenv_use_value(e, &callee, true);
	*v = (struct pk_pyvalue){ .kind = PK_PYV_UNKNOWN,
				  .off = callee.off,
				  .hides = hides };
	if (pk_pyvalue_is(&callee, "builtins.globals") ||
	    pk_pyvalue_is(&callee, "builtins.locals") ||
	    (pk_pyvalue_is(&callee, "builtins.vars") && !a->n))
		pk_pyvalue_add(v, PK_LIT("globals()"));
}

/* By a computed index. */
static void take_any(struct pk_pyenv *e, struct pk_pyvalue *v)
{
	const bool turned = v->kind == PK_PYV_TEXT || v->hides;

	if (pk_pyvalue_ends(v, ".__dict__"))
		pk_pyvalue_parent(v);
	if (pk_pyvalue_is_powerful(v))
		say(e, v->way[0], v->off, PK_PY_DANGEROUS,
		    "a function of it is taken by a computed name");
	*v = (struct pk_pyvalue){ .kind = PK_PYV_UNKNOWN,
				  .off = v->off,
				  .inner = v->inner,
				  .hides = turned };
}

void pk_pyenv_subscript(struct pk_pyenv *e, struct pk_pyvalue *v,
			const struct pk_pyargs *a)
{
	pk_pyenv_let_go_all(e, a);
	if (a->n != 1 || a->v[0].kind != PK_PYV_TEXT) {
		take_any(e, v);
	} else if (pk_pyvalue_is(v, "sys.modules")) {
		*v = module_named(a, false);
	} else if (pk_pyvalue_is(v, "globals()")) {
		*v = pk_pyenv_look_up(e, a->v[0].way[0], v->off);
	} else if (pk_pyvalue_ends(v, ".__dict__")) {
		pk_pyvalue_parent(v);
		pk_pyenv_attribute(e, v, a->v[0].way[0]);
	} else if (pk_pyvalue_is(v, "builtins")) {
		pk_pyenv_attribute(e, v, a->v[0].way[0]);
	} else {
		*v = (struct pk_pyvalue){ .kind = PK_PYV_UNKNOWN,
					  .off = v->off,
					  .inner = v->inner };
	}
}
