/* SPDX-License-Identifier: Apache-2.0 */
/* What a template may not reach: Python behind the values it is given. */
#include "analyze/template_judge.h"

#include "analyze/globals.h"
#include "core/utf8.h"

/* Steps from any object into the interpreter. */
static const char *const internals[] = {
	"ag_code",
	"ag_frame",
	"co_consts",
	"cr_code",
	"cr_frame",
	"f_back",
	"f_builtins",
	"f_code",
	"f_globals",
	"f_locals",
	"func_code",
	"func_globals",
	"gi_code",
	"gi_frame",
	"gi_yieldfrom",
	"im_class",
	"im_func",
	"im_self",
	"mro",
	"tb_frame",
	"tb_next",
	"__base__",
	"__bases__",
	"__builtins__",
	"__call__",
	"__class__",
	"__closure__",
	"__code__",
	"__dict__",
	"__func__",
	"__getattr__",
	"__getattribute__",
	"__getitem__",
	"__globals__",
	"__import__",
	"__init__",
	"__loader__",
	"__module__",
	"__mro__",
	"__reduce__",
	"__reduce_ex__",
	"__self__",
	"__spec__",
	"__subclasses__",
	"__subclasshook__",
	"__wrapped__",
	"__init_subclass__",
};

/* What no value of a template has as a method, and Python's modules have. */
static const char *const dangerous_calls[] = {
	"Popen",        "__import__",      "check_call",
	"check_output", "execfile",        "execl",
	"execv",        "execve",          "execvp",
	"fork",         "from_envvar",     "from_pyfile",
	"getoutput",    "getstatusoutput", "import_module",
	"load_module",  "popen",           "posix_spawn",
	"spawnl",       "spawnv",          "urlopen",
	"run_code",     "import_string",
};

/* The same, where a program's own objects may have such a method. */
static const char *const doubtful_calls[] = {
	"system",  "exec",    "eval",   "compile", "open",       "getattr",
	"globals", "setattr", "locals", "vars",    "breakpoint", "exec_module",
};

/* Names that are modules where a program put them into the context. */
static const char *const modules[] = {
	"builtins", "__builtins__", "ctypes", "importlib",  "marshal",
	"nt",       "os",           "pickle", "posix",      "pty",
	"runpy",    "shutil",       "socket", "subprocess", "sys",
};

/* Jinja2's own functions: an attribute of one is a way to its globals. */
static const char *const functions[] = { "cycler", "joiner", "lipsum" };

#define IN(table, s) in(table, sizeof(table) / sizeof((table)[0]), s)

static bool in(const char *const *table, size_t n, struct pk_span s)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(table[i]) == s.len &&
		    memcmp(table[i], s.p, s.len) == 0)
			return true;
	}
	return false;
}

static struct pk_span stripped(struct pk_span s)
{
	while (s.len && (s.p[0] == '_' || s.p[0] == PK_TV_HOLE))
		s.p++, s.len--;
	while (s.len && (s.p[s.len - 1] == '_' || s.p[s.len - 1] == PK_TV_HOLE))
		s.len--;
	return s;
}

static bool holds(struct pk_span s, uint8_t ch)
{
	return s.len && memchr(s.p, ch, s.len);
}

/* A name of two underscores on each side, or mangled by a class. */
static bool is_dunder(struct pk_span s)
{
	if (s.len > 4 && s.p[0] == '_' && s.p[1] == '_' &&
	    s.p[s.len - 1] == '_' && s.p[s.len - 2] == '_')
		return true;
	for (size_t i = 1; i + 2 < s.len && s.p[0] == '_'; i++) {
		if (s.p[i] == '_' && s.p[i + 1] == '_')
			return s.p[1] >= 'A' && s.p[1] <= 'Z';
	}
	return false;
}

static bool is_internal(struct pk_span s)
{
	return IN(internals, s);
}

/* Whether a name with holes has one of the names above for its core: what
 * is missing are underscores that were picked out of some other text. */
static bool may_be_internal(struct pk_span s)
{
	const struct pk_span core = stripped(s);

	if (!holds(s, PK_TV_HOLE) || core.len < 3)
		return false;
	for (size_t i = 0; i < sizeof(internals) / sizeof(internals[0]); i++) {
		const struct pk_span full = { (const uint8_t *)internals[i],
					      strlen(internals[i]) };

		if (full.p[0] == '_' && pk_span_eq(stripped(full), core))
			return true;
	}
	return false;
}

static const char *excerpt(struct pk_template_judge *j, size_t at)
{
	size_t n = 0;

	while (at + n < j->text.len && n < 120 && j->text.p[at + n] != '\n')
		n++;
	return pk_show(j->s, (struct pk_span){ j->text.p + at, n }, 120);
}

static void say(struct pk_template_judge *j, enum pk_rule rule, size_t at,
		const char *does, struct pk_span name)
{
	const struct pk_report r = { .rule = rule,
				     .severity = pk_rules[rule].severity,
				     .off = j->off + at,
				     .evidence = excerpt(j, j->at) };

	pk_report_full(j->s, &r, "%s %s%s%s", j->what, does,
		       name.len ? " " : "", pk_show(j->s, name, 60));
}

static bool asked_one(struct pk_template_judge *j, enum pk_template_ask how,
		      struct pk_span name, size_t at)
{
	if ((is_dunder(name) && how != PK_ASK_ITEM) || is_internal(name) ||
	    may_be_internal(name)) {
		say(j, PK_RULE_TEMPLATE_PYTHON_INTERNALS, at,
		    "reaches the attribute", name);
		return true;
	}
	if (how == PK_ASK_FILTER && (pk_span_eq(name, PK_LIT("format")) ||
				     pk_span_eq(name, PK_LIT("format_map")))) {
		say(j, PK_RULE_TEMPLATE_INDIRECT_ATTRIBUTE, at,
		    "fetches by its name, around the sandbox, the method",
		    name);
		return true;
	}
	return false;
}

void pk_template_looked_up(struct pk_template_judge *j,
			   const struct pk_tv *path, size_t at)
{
	const struct pk_span s = path->text;
	size_t began = 0;

	for (size_t i = 0; path->kind == PK_TV_TEXT && i <= s.len; i++) {
		if (i < s.len && s.p[i] != '.')
			continue;
		if (asked_one(j, PK_ASK_ITEM,
			      (struct pk_span){ s.p + began, i - began }, at))
			return;
		began = i + 1;
	}
}

void pk_template_asked(struct pk_template_judge *j, enum pk_template_ask how,
		       const struct pk_tv *of, const struct pk_tv *name,
		       size_t at)
{
	bool known = false;
	const bool bare = of->literal && (of->kind == PK_TV_TEXT || !of->n);

	for (const struct pk_tv *v = name; v; v = v->other) {
		known |= v->kind == PK_TV_NUMBER ||
			 (v->kind == PK_TV_TEXT && !holds(v->text, PK_TV_HOLE));
		if (v->kind == PK_TV_TEXT && asked_one(j, how, v->text, at))
			return;
		j->formats |= v->kind == PK_TV_TEXT &&
			      (pk_span_eq(v->text, PK_LIT("format")) ||
			       pk_span_eq(v->text, PK_LIT("format_map")));
	}
	if (IN(functions, of->root) && !of->step.len && known)
		say(j, PK_RULE_TEMPLATE_BUILTIN_OBJECT, at,
		    "looks into Jinja2's function", of->root);
	else if (!known && how == PK_ASK_FILTER)
		say(j, PK_RULE_TEMPLATE_INDIRECT_ATTRIBUTE, at,
		    "fetches an attribute whose name it computes",
		    (struct pk_span){ 0 });
	else if (!known && how == PK_ASK_ITEM &&
		 (bare || IN(functions, of->root)))
		say(j, PK_RULE_TEMPLATE_INDIRECT_ATTRIBUTE, at,
		    "computes the name of what it fetches from a constant",
		    (struct pk_span){ 0 });
	else if (how == PK_ASK_FILTER)
		say(j, PK_RULE_TEMPLATE_ATTR_FILTER, at,
		    "fetches an attribute by the filter attr",
		    (struct pk_span){ 0 });
}

static bool reaches_danger(struct pk_span module, struct pk_span name)
{
	return IN(modules, module) &&
	       pk_global_classify(module, name).class == PK_IMPORT_DANGEROUS;
}

void pk_template_called(struct pk_template_judge *j, const struct pk_tv *callee,
			bool defined, size_t at)
{
	const bool bare = callee->step.len == 0;
	const struct pk_span name = bare ? callee->root : callee->step;

	if (!name.len || (bare && defined))
		return;
	if (IN(dangerous_calls, name) ||
	    (!bare && !defined && reaches_danger(callee->root, name)))
		say(j, PK_RULE_TEMPLATE_DANGEROUS_CALL, at, "calls", name);
	else if (IN(doubtful_calls, name))
		say(j, PK_RULE_TEMPLATE_DOUBTFUL_CALL, at, "calls", name);
}

void pk_template_kept(struct pk_template_judge *j, const struct pk_tv *v,
		      size_t at)
{
	const struct pk_span s = v->text;

	if (v->kind == PK_TV_TEXT &&
	    ((is_internal(s) && s.p[0] == '_') || may_be_internal(s)))
		say(j, PK_RULE_TEMPLATE_PYTHON_INTERNALS, at,
		    "keeps for later use the name", s);
}

/* "{0.__class__}", "{a[__globals__]}": a field that format() would follow. */
static bool walks(struct pk_span s)
{
	bool field = false;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '{' || s.p[i] == '}')
			field = s.p[i] == '{';
		else if (field && (s.p[i] == '.' || s.p[i] == '[') &&
			 pk_span_starts(
				 (struct pk_span){ s.p + i + 1, s.len - i - 1 },
				 PK_LIT("__")))
			return true;
	}
	return false;
}

void pk_template_wrote(struct pk_template_judge *j, struct pk_span text,
		       size_t at)
{
	if (!j->walks && walks(text)) {
		j->walks = true;
		j->walks_at = at;
	}
}

void pk_template_loads(struct pk_template_judge *j, size_t at)
{
	say(j, PK_RULE_TEMPLATE_LOADS_TEMPLATE, at, "asks for another template",
	    (struct pk_span){ 0 });
}

/* Overrides of the text's direction, and tags, which are not seen at all;
 * a black flag (U+1F3F4) has tags behind it for good. */
void pk_template_shows(struct pk_template_judge *j, struct pk_span text,
		       size_t at)
{
	bool flag = false;

	for (size_t i = 0; i < text.len;) {
		const size_t here = i;
		const int32_t cp = pk_utf8_next(text, &i);
		const bool tag = cp >= 0xe0000 && cp <= 0xe007f;

		if ((cp >= 0x202a && cp <= 0x202e) ||
		    (cp >= 0x2066 && cp <= 0x2069) || (tag && !flag)) {
			j->at = at + here;
			say(j, PK_RULE_TEMPLATE_HIDDEN_TEXT, at + here,
			    "holds, where nobody sees it,",
			    (struct pk_span){ text.p + here, i - here });
			return;
		}
		flag = cp == 0x1f3f4 || (flag && tag);
	}
}

void pk_template_judged(struct pk_template_judge *j)
{
	if (!j->walks || !j->formats)
		return;
	j->at = j->walks_at;
	say(j, PK_RULE_TEMPLATE_PYTHON_INTERNALS, j->walks_at,
	    "walks attributes with a format string", (struct pk_span){ 0 });
}
