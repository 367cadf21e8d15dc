/* SPDX-License-Identifier: Apache-2.0 */
/* What names mean in a program: pysource.def first, then the import lists. */
#include "analyze/dotted.h"
#include "analyze/globals.h"
#include "analyze/lists.h"
#include "analyze/pysource.h"

enum { PK_PY_LISTED = -1 };

static const struct {
	const char *name;
	int level; /* enum pk_py_level, or LISTED */
} names[] = {
#define PK_PY_NAME(name, level) { name, PK_PY_##level },
#include "analyze/pysource.def"
#undef PK_PY_NAME
};

enum {
	PATH_ROOM = 512,
	DEPTH_MAX = 4,
};

/* The length of the longest row that is the path or, up to a dot, a part of
 * it; 0: none. */
static size_t find_name(struct pk_span path, int *ret)
{
	size_t best = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const size_t n = strlen(names[i].name);

		if (n <= best || n > path.len ||
		    memcmp(path.p, names[i].name, n) != 0 ||
		    (n < path.len && path.p[n] != '.'))
			continue;
		best = n;
		*ret = names[i].level;
	}
	return best;
}

static bool is_one_of(const char *word, const char *const *v, size_t n)
{
	for (size_t i = 0; word && i < n; i++) {
		if (strcmp(word, v[i]) == 0)
			return true;
	}
	return false;
}

/* Loading data and opening files is what programs do; starting others, and
 * running what they are given, is what an attacker wants. */
static enum pk_py_level level_of(const struct pk_list_row *row)
{
	static const char *const grave[] = { "process", "exec", "code-load" };

	if (row->level == PK_CRITICAL &&
	    is_one_of(row->tag, grave, sizeof(grave) / sizeof(grave[0])))
		return PK_PY_DANGEROUS;
	return row->level >= PK_HIGH ? PK_PY_NOTABLE : PK_PY_PLAIN;
}

static enum pk_py_level judge(struct pk_span path, const char **reason,
			      int depth);

/* The same object under the name of its home: posix.system, __builtin__. */
static bool judge_home(struct pk_span path, const char **reason, int depth,
		       enum pk_py_level *ret)
{
	const struct pk_list_row *row =
		pk_list_find_parent(&pk_list_aliases, path);
	uint8_t buf[PATH_ROOM];
	size_t n;

	if (!row)
		row = pk_list_find(&pk_list_py2_modules, pk_dotted_first(path));
	if (!row || depth > DEPTH_MAX)
		return false;
	n = strlen(row->tag);
	if (n + path.len - row->len > sizeof(buf))
		return false;
	memcpy(buf, row->tag, n);
	memcpy(buf + n, path.p + row->len, path.len - row->len);
	n += path.len - row->len;
	*ret = judge((struct pk_span){ buf, n }, reason, depth + 1);
	return true;
}

/* utils.os.system: a module that another one imports for itself. */
static enum pk_py_level judge_walk(struct pk_span path, const char **reason,
				   int depth)
{
	static const char *const within[] = { "os",       "posix",
					      "nt",       "subprocess",
					      "pty",      "ctypes",
					      "builtins", "__builtin__" };
	struct pk_span rest = path, step = { 0 };

	while (pk_dotted_next(&rest, &step) && !step.len)
		; /* the dots of a relative import */
	while (depth <= DEPTH_MAX && rest.p) {
		const struct pk_span from = rest;
		bool known = false;

		if (!pk_dotted_next(&rest, &step))
			break;
		for (size_t i = 0; i < sizeof(within) / sizeof(within[0]); i++)
			known = known ||
				(step.len == strlen(within[i]) &&
				 memcmp(step.p, within[i], step.len) == 0);
		if (known && rest.p &&
		    judge(from, reason, DEPTH_MAX) == PK_PY_DANGEROUS)
			return PK_PY_DANGEROUS;
	}
	return PK_PY_PLAIN;
}

static enum pk_py_level judge_lists(struct pk_span path, size_t known,
				    int level, const char **reason)
{
	const struct pk_list_row *row =
		pk_list_find_parent(&pk_list_dangerous, path);

	if (!row && !known)
		row = pk_list_find_parent(&pk_list_packages, path);
	if (!row || row->len <= known)
		return level == PK_PY_LISTED ? PK_PY_PLAIN
					     : (enum pk_py_level)level;
	*reason = row->text;
	if (known && level == PK_PY_LISTED && level_of(row) != PK_PY_DANGEROUS)
		return PK_PY_PLAIN;
	return level_of(row);
}

/* What a module tells of itself. */
static bool is_told(struct pk_span path)
{
	static const char *const told[] = { "__version__", "__file__",
					    "__path__", "__name__", "__doc__" };
	const struct pk_span last = pk_dotted_last(path);

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		if (last.len == strlen(told[i]) &&
		    memcmp(last.p, told[i], last.len) == 0)
			return true;
	}
	return false;
}

static enum pk_py_level judge(struct pk_span path, const char **reason,
			      int depth)
{
	enum pk_py_level home;
	int level = PK_PY_LISTED;
	size_t known;

	if (judge_walk(path, reason, depth) == PK_PY_DANGEROUS)
		return PK_PY_DANGEROUS;
	known = find_name(path, &level);
	*reason = "runs code, or reaches what does";
	if (level == PK_PY_PLAIN || level == PK_PY_DANGEROUS)
		return (enum pk_py_level)level;
	if (!known && judge_home(path, reason, depth, &home))
		return home;
	return judge_lists(path, known, level, reason);
}

enum pk_py_level pk_py_judge(struct pk_span path, bool called,
			     const char **ret_reason)
{
	enum pk_py_level level;

	*ret_reason = "";
	if (!path.len || path.len > PATH_ROOM || is_told(path))
		return PK_PY_PLAIN;
	level = judge(path, ret_reason, 0);
	/* A module alone does nothing; its names are what counts. */
	if (!called && !pk_dotted_has_dot(path))
		return PK_PY_PLAIN;
	return level;
}

enum pk_py_level pk_py_judge_attribute(struct pk_span name,
				       const char **ret_reason)
{
	static const struct {
		struct pk_span name;
		enum pk_py_level level;
	} inner[] = {
		{ PK_LIT_INIT("__globals__"), PK_PY_DANGEROUS },
		{ PK_LIT_INIT("func_globals"), PK_PY_DANGEROUS },
		{ PK_LIT_INIT("__builtins__"), PK_PY_DANGEROUS },
		{ PK_LIT_INIT("f_builtins"), PK_PY_DANGEROUS },
		{ PK_LIT_INIT("gi_frame"), PK_PY_DANGEROUS },
		{ PK_LIT_INIT("cr_frame"), PK_PY_DANGEROUS },
		{ PK_LIT_INIT("ag_frame"), PK_PY_DANGEROUS },
		{ PK_LIT_INIT("f_globals"), PK_PY_NOTABLE },
		{ PK_LIT_INIT("__subclasses__"), PK_PY_NOTABLE },
		{ PK_LIT_INIT("load_module"), PK_PY_NOTABLE },
		{ PK_LIT_INIT("exec_module"), PK_PY_NOTABLE },
	};

	*ret_reason = "leads from any object to the interpreter's modules";
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
		if (pk_span_eq(name, inner[i].name))
			return inner[i].level;
	}
	return PK_PY_PLAIN;
}
