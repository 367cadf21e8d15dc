/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/globals.h"

#include "analyze/dotted.h"
#include "analyze/lists.h"

enum {
	/* No honest module and name together come near to these. */
	PATH_ROOM = 1024,
	STEPS_MAX = 32,
	/* Aliases of aliases. */
	DEPTH_MAX = 8,
};

const struct pk_restrict_info pk_restricts[PK_RESTRICT_COUNT] = {
#define PK_RESTRICTION(id, token, breach, promise) \
	[PK_RESTRICT_##id] = { token, breach, promise },
#include "analyze/restricts.def"
#undef PK_RESTRICTION
};

/* A module and a name as one dotted walk. */
struct path {
	uint8_t bytes[PATH_ROOM];
	size_t len;
	size_t module_len;
};

static struct pk_span text_span(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static struct pk_span whole(const struct path *p)
{
	return (struct pk_span){ p->bytes, p->len };
}

static struct pk_span module_of(const struct path *p)
{
	return (struct pk_span){ p->bytes, p->module_len };
}

static struct pk_span name_of(const struct path *p)
{
	return (struct pk_span){ p->bytes + p->module_len + 1,
				 p->len - p->module_len - 1 };
}

/* False when it does not fit. */
static bool append(struct path *p, struct pk_span s)
{
	if (s.len > sizeof(p->bytes) - p->len)
		return false;
	if (s.len > 0)
		memcpy(p->bytes + p->len, s.p, s.len);
	p->len += s.len;
	return true;
}

static bool join(struct path *p, struct pk_span module, struct pk_span name)
{
	p->len = 0;
	p->module_len = module.len;
	return append(p, module) && append(p, PK_LIT(".")) && append(p, name);
}

static struct pk_span without_underscores(struct pk_span s)
{
	while (s.len > 0 && *s.p == '_') {
		s.p++;
		s.len--;
	}
	return s;
}

static bool is_dunder(struct pk_span s)
{
	return s.len > 4 && memcmp(s.p, "__", 2) == 0 &&
	       memcmp(s.p + s.len - 2, "__", 2) == 0;
}

static bool starts_upper(struct pk_span s)
{
	s = without_underscores(s);
	return s.len > 0 && *s.p >= 'A' && *s.p <= 'Z';
}

/* Every step of the name is written as classes are: Outer.Inner. */
static bool looks_like_class(struct pk_span name)
{
	struct pk_span component;
	bool all = name.len > 0;

	while (all && pk_dotted_next(&name, &component))
		all = starts_upper(component) && !is_dunder(component);
	return all;
}

static struct pk_global danger(enum pk_severity floor, const char *category,
			       const char *reason)
{
	return (struct pk_global){ .class = PK_IMPORT_DANGEROUS,
				   .floor = floor,
				   .category = category,
				   .reason = reason };
}

static struct pk_global danger_row(const struct pk_list_row *row)
{
	return danger((enum pk_severity)row->level, row->tag, row->text);
}

static struct pk_global vouched(enum pk_import_class class,
				const struct pk_list_row *row)
{
	return (struct pk_global){
		.class = class,
		.reason = row->text,
		.restriction = (enum pk_restrict)row->level,
	};
}

struct pk_global pk_global_worse(struct pk_global a, struct pk_global b)
{
	if (a.class != b.class)
		return a.class > b.class ? a : b;
	return a.floor >= b.floor ? a : b;
}

/*
 * The pair itself is on a list.  A danger is one however the walk is split
 * between module and name; trust needs the exact pair, except where torch's
 * own reader does not know the split either.
 */
static bool judge_exact(const struct path *p, struct pk_global *ret)
{
	const struct pk_list_row *row =
		pk_list_find(&pk_list_dangerous, whole(p));

	if (row) {
		*ret = danger_row(row);
		return true;
	}
	row = pk_list_find(&pk_list_safe, whole(p));
	if (!row)
		return false;
	if (row->module_len != p->module_len &&
	    !pk_list_find(&pk_list_weights_only, whole(p)))
		return false;
	*ret = vouched(PK_IMPORT_SAFE, row);
	return true;
}

/* An attribute of a dangerous callable, or anything in a dangerous module. */
static bool judge_parents(const struct path *p, struct pk_global *ret)
{
	const struct pk_list_row *row =
		pk_list_find_parent(&pk_list_dangerous, whole(p));

	if (!row || row->len <= p->module_len)
		row = pk_list_find_parent(&pk_list_packages, whole(p));
	if (row)
		*ret = danger_row(row);
	return row != NULL;
}

/*
 * Steps that lead out of any object to its module, its interpreter or its
 * class, and the names under which libraries keep such things.
 */
static bool judge_steps(const struct path *p, struct pk_global *ret)
{
	struct pk_span rest = whole(p);
	struct pk_span step = { 0 };
	bool found = false;

	*ret = (struct pk_global){ .floor = PK_INFO };
	for (size_t i = 0; pk_dotted_next(&rest, &step); i++) {
		const struct pk_list_row *row = NULL;

		if (i == 0)
			continue;
		if (step.p > p->bytes + p->module_len)
			row = pk_list_find(&pk_list_names, step);
		if (row)
			*ret = pk_global_worse(*ret, danger_row(row));
		else if (is_dunder(step))
			*ret = pk_global_worse(
				*ret, danger(PK_CRITICAL, "attr",
					     "a walk through an internal of "
					     "Python objects: from there any "
					     "module can be reached"));
		found = found || row || is_dunder(step);
	}
	return found;
}

static bool is_stdlib(struct pk_span module, unsigned pythons)
{
	const struct pk_list_row *row =
		pk_list_find(&pk_list_stdlib, pk_dotted_first(module));

	return row && (row->level & pythons) != 0;
}

bool pk_global_is_known_module(struct pk_span module)
{
	return is_stdlib(module, PK_IN_PY2 | PK_IN_PY3) ||
	       pk_list_find(&pk_list_libraries, pk_dotted_first(module));
}

bool pk_global_is_torchscript(struct pk_span module)
{
	return pk_span_eq(pk_dotted_first(module), PK_LIT("__torch__"));
}

/* datetime.datetime and its like are not meant; classes are no modules. */
static bool is_python_module(const struct path *p)
{
	struct pk_span value = without_underscores(name_of(p));

	return pk_global_is_known_module(module_of(p)) &&
	       !pk_dotted_has_dot(value) && is_stdlib(value, PK_IN_PY3) &&
	       !starts_upper(value) &&
	       !pk_span_eq(value, pk_dotted_last(module_of(p)));
}

/*
 * A library imports os for itself, and so ('library', 'os') is the module os.
 * Its own modules are values in the same way.
 */
static bool judge_module_value(const struct path *p, struct pk_global *ret)
{
	const struct pk_list_row *row = NULL;

	if (is_python_module(p))
		row = pk_list_find(&pk_list_packages,
				   without_underscores(name_of(p)));
	else if (!pk_list_find(&pk_list_modules, whole(p)))
		return false;
	*ret = danger(row ? (enum pk_severity)row->level : PK_HIGH, "attr",
		      "the value is a module, from which anything in it can "
		      "be reached");
	return true;
}

/* What Cython gives a compiled class to be made by: the class comes first. */
static bool makes_cython_class(struct pk_span name)
{
	return pk_span_eq(name, PK_LIT("newObj")) ||
	       (pk_span_starts(name, PK_LIT("__pyx_unpickle_")) &&
		!pk_dotted_has_dot(name));
}

static bool judge_namespace(const struct path *p, struct pk_global *ret)
{
	const struct pk_list_row *row =
		pk_list_find_parent(&pk_list_namespaces, module_of(p));

	if (!row || row->level == PK_NAMESPACE_EXCLUDED)
		return false;
	*ret = vouched(PK_IMPORT_LIBRARY, row);
	if (makes_cython_class(name_of(p)))
		ret->restriction = PK_RESTRICT_CLASS_ARG0;
	else if (!looks_like_class(name_of(p)))
		return false;
	return true;
}

static struct pk_global judge_stranger(const struct path *p)
{
	if (pk_global_is_known_module(module_of(p)))
		return (struct pk_global){
			.class = PK_IMPORT_OUTSIDE,
			.reason = "of Python or a known library, but nobody "
				  "has vouched for it",
		};
	return (struct pk_global){
		.class = PK_IMPORT_UNKNOWN,
		.reason = "of a module that nobody knows: what it does depends "
			  "on the machine that loads the file",
	};
}

static struct pk_global too_long(void)
{
	return danger(PK_HIGH, "attr", "a walk longer than any honest name");
}

static struct pk_global judge(const struct path *p, int depth);

static struct pk_global judge_pair(struct pk_span module, struct pk_span name,
				   int depth)
{
	struct path p;

	if (depth > DEPTH_MAX || !join(&p, module, name) ||
	    pk_dotted_steps(whole(&p)) > STEPS_MAX)
		return too_long();
	return judge(&p, depth);
}

/* The same object under the name of its home. */
static bool judge_alias(const struct path *p, int depth, struct pk_global *ret)
{
	const struct pk_list_row *row =
		pk_list_find_parent(&pk_list_aliases, module_of(p));
	struct path home = { .len = 0 };
	struct pk_span module;
	struct pk_span name;

	if (pk_global_py3(module_of(p), name_of(p), &module, &name)) {
		*ret = judge_pair(module, name, depth + 1);
		return true;
	}
	if (!row)
		return false;
	module = module_of(p);
	module.p += row->len;
	module.len -= row->len;
	if (append(&home, text_span(row->tag)) && append(&home, module))
		*ret = judge_pair(whole(&home), name_of(p), depth + 1);
	else
		*ret = too_long();
	return true;
}

static struct pk_span abbreviated(struct pk_span step)
{
	static const struct {
		const char *shorthand;
		const char *module;
	} usual[] = {
		{ "np", "numpy" },
		{ "pd", "pandas" },
		{ "tf", "tensorflow" },
		{ "sp", "scipy" },
	};

	step = without_underscores(step);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (pk_span_eq(step, text_span(usual[i].shorthand)))
			return text_span(usual[i].module);
	return step;
}

static struct pk_global judge_plain(const struct path *p)
{
	struct pk_global g;

	if (judge_parents(p, &g) || judge_steps(p, &g) ||
	    judge_module_value(p, &g) || judge_namespace(p, &g))
		return g;
	return judge_stranger(p);
}

static struct pk_global judge(const struct path *p, int depth)
{
	struct pk_global g;

	if (judge_exact(p, &g) || judge_alias(p, depth, &g))
		return g;
	return judge_plain(p);
}

/*
 * ('pathlib', 'os.system'): wherever a step has the name of a known module,
 * the walk may start anew from that module.  Never better than outside.
 */
static struct pk_global judge_walk(struct pk_span name)
{
	struct pk_global worst = { .class = PK_IMPORT_SAFE };
	struct pk_span step = { 0 };

	while (pk_dotted_next(&name, &step) && name.p) {
		struct pk_span module = abbreviated(step);

		if (pk_global_is_known_module(module))
			worst = pk_global_worse(worst,
						judge_pair(module, name, 0));
	}
	return worst;
}

/*
 * "<torch_package_0>.module": code that the archive itself carries, imported
 * by torch.package under a mangled name.  A name that is dangerous without
 * the mangling stays so; no other says anything.
 */
static bool unmangle(struct pk_span *module)
{
	const uint8_t *end;

	if (!pk_span_starts(*module, PK_LIT("<torch_package_")))
		return false;
	end = memchr(module->p, '>', module->len);
	if (!end)
		return false;
	end++;
	module->len -= (size_t)(end - module->p);
	module->p = end;
	if (module->len > 0 && *module->p == '.') {
		module->p++;
		module->len--;
	}
	return true;
}

static bool is_private_stdlib(struct pk_span module)
{
	return module.len > 1 && module.p[0] == '_' && module.p[1] != '_' &&
	       is_stdlib(module, PK_IN_PY2 | PK_IN_PY3);
}

struct pk_global pk_global_classify(struct pk_span module, struct pk_span name)
{
	bool mangled = unmangle(&module);
	struct pk_global g = judge_pair(module, name, 0);

	if (g.class != PK_IMPORT_SAFE && pk_dotted_has_dot(name))
		g = pk_global_worse(g, judge_walk(name));
	if (g.class == PK_IMPORT_OUTSIDE && is_private_stdlib(module))
		g = danger(PK_HIGH, "attr",
			   "in a private module of the standard library, which "
			   "no honest pickle names");
	if (mangled && g.class != PK_IMPORT_DANGEROUS)
		g = (struct pk_global){
			.class = PK_IMPORT_UNKNOWN,
			.reason = "of a module that a torch.package archive "
				  "carries as source",
		};
	g.class_like = looks_like_class(name) ||
		       g.restriction == PK_RESTRICT_STATE ||
		       g.restriction == PK_RESTRICT_DISTRIBUTION;
	return g;
}

bool pk_global_py3(struct pk_span module, struct pk_span name,
		   struct pk_span *ret_module, struct pk_span *ret_name)
{
	const struct pk_list_row *row = NULL;
	struct path p;

	if (join(&p, module, name))
		row = pk_list_find(&pk_list_py2_names, whole(&p));
	if (row && row->module_len == module.len) {
		*ret_module = text_span(row->tag);
		*ret_name = text_span(row->text);
		return true;
	}
	row = pk_list_find(&pk_list_py2_modules, module);
	if (!row)
		return false;
	*ret_module = text_span(row->tag);
	*ret_name = name;
	return true;
}

/* The row of the pair, however it is split, or NULL. */
static const struct pk_list_row *find_weights_only(struct pk_span module,
						   struct pk_span name)
{
	struct path p;

	if (!join(&p, module, name))
		return NULL;
	return pk_list_find(&pk_list_weights_only, whole(&p));
}

bool pk_weights_only_allows(struct pk_span module, struct pk_span name)
{
	const struct pk_list_row *row;

	/* Of the old names that torch maps, only this module has any allowed. */
	if (pk_span_eq(module, PK_LIT("__builtin__")))
		module = PK_LIT("builtins");
	row = find_weights_only(module, name);
	return row && row->level != PK_ONLY_1_13;
}

bool pk_weights_only_1_13_allows(struct pk_span module, struct pk_span name)
{
	const struct pk_list_row *row = find_weights_only(module, name);

	return row && row->level != PK_SINCE_2;
}
