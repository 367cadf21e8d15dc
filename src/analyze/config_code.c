/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/config_code.h"

#include "analyze/dotted.h"
#include "analyze/globals.h"
#include "codec/yaml.h"

enum { SHOWN = 200, STACK_MAX = 1100 };

struct walk {
	struct pk_scan *s;
	bool fixed; /* offsets are not the scan's: report all at one place */
	uint64_t off;
	const char *where; /* "" or "model.yaml: " */
};

#define STANDARD "tag:yaml.org,2002:"

static bool is_in(struct pk_span s, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s.len == strlen(v[i]) && memcmp(s.p, v[i], s.len) == 0)
			return true;
	}
	return false;
}

#define IS_IN(s, v) is_in(s, v, sizeof(v) / sizeof((v)[0]))

static uint64_t at(const struct walk *w, const struct pk_jvalue *v)
{
	return w->fixed ? w->off : v->off;
}

static struct pk_global judge(struct pk_span dotted)
{
	const struct pk_span name = pk_dotted_last(dotted);
	struct pk_span module = { dotted.p, dotted.len - name.len };

	module.len -= module.len > 0;
	return pk_global_classify(module, name);
}

/* The name of a module and something in it: letters, digits, _ and dots. */
static bool is_dotted_name(struct pk_span s)
{
	if (!pk_dotted_has_dot(s) || s.len > 300)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		const uint8_t ch = s.p[i];

		if (!(ch == '.' || ch == '_' || ch >= 0x80 ||
		      (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
		      (ch >= 'A' && ch <= 'Z')))
			return false;
	}
	return true;
}

/* Libraries whose parts configurations are made of.  Their loaders are not
 * meant: those open a path that the configuration gives. */
static bool is_expected(struct pk_span dotted)
{
	static const char *const roots[] = {
		"nemo",          "nemo_toolkit", "pytorch_lightning",
		"lightning",     "torch",        "torchvision",
		"torchaudio",    "torchmetrics", "transformers",
		"megatron",      "apex",         "diffusers",
		"timm",          "monai",        "lightning_fabric",
		"numpy",         "omegaconf",    "ldm",
		"taming",        "sgm",          "datasets",
		"sklearn",       "keras",        "tensorflow",
		"hydra_plugins", "open_clip",    "accelerate",
	};

	return IS_IN(pk_dotted_first(dotted), roots);
}

static bool is_loader(struct pk_span dotted)
{
	static const char *const verbs[] = { "load", "restore",
					     "from_pretrained", "pickle" };
	const struct pk_span last = pk_dotted_last(dotted);

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (memmem(last.p, last.len, verbs[i], strlen(verbs[i])))
			return true;
	}
	return false;
}

/* What instantiate() does with the name; PK_INFO: nothing to say. */
static enum pk_severity severity_of(struct pk_span dotted,
				    const struct pk_global *g)
{
	if (g->class == PK_IMPORT_DANGEROUS && g->floor >= PK_CRITICAL)
		return PK_CRITICAL;
	/* Whole packages of a library are listed for what functions in them
	 * do to a pickle; classes of theirs are what such a file is for. */
	if (g->class == PK_IMPORT_DANGEROUS &&
	    !(is_expected(dotted) && g->class_like))
		return PK_HIGH;
	if (g->class == PK_IMPORT_SAFE || g->class == PK_IMPORT_LIBRARY)
		return PK_INFO;
	if (is_loader(dotted) && pk_dotted_has_dot(dotted) &&
	    is_expected(dotted))
		return PK_HIGH;
	return is_expected(dotted) ? PK_INFO : PK_MEDIUM;
}

static void check_target(struct walk *w, const struct pk_jvalue *v)
{
	const struct pk_span name = pk_json_text(v);
	const struct pk_global g = judge(name);
	const struct pk_report r = { .rule = PK_RULE_CONFIG_TARGET,
				     .severity = severity_of(name, &g),
				     .off = at(w, v),
				     .len = w->fixed ? 0 : v->len };

	if (memmem(name.p, name.len, "${", 2)) {
		const struct pk_report computed = { r.rule, PK_HIGH, r.off,
						    r.len, NULL };

		pk_report_full(w->s, &computed,
			       "%s%s is computed from other values: %s",
			       w->where, pk_show(w->s, v->key, SHOWN),
			       pk_show(w->s, name, SHOWN));
		return;
	}
	if (name.len && r.severity > PK_INFO)
		pk_report_full(w->s, &r,
			       "%s%s names %s, which is imported and called: "
			       "%s",
			       w->where, pk_show(w->s, v->key, SHOWN),
			       pk_show(w->s, name, SHOWN), g.reason);
}

/* Keys that may name code or anything else: only what is dangerous in the
 * plain sense is worth a word. */
static void check_maybe(struct walk *w, const struct pk_jvalue *v)
{
	const struct pk_span name = pk_json_text(v);
	struct pk_global g;
	struct pk_report r = { .rule = PK_RULE_CONFIG_TARGET,
			       .severity = PK_CRITICAL,
			       .off = at(w, v) };

	if (!is_dotted_name(name))
		return;
	g = judge(name);
	if (g.class != PK_IMPORT_DANGEROUS || g.floor < PK_CRITICAL ||
	    is_expected(name))
		return;
	pk_report_full(w->s, &r, "%s%s names %s: %s", w->where,
		       pk_show(w->s, v->key, SHOWN), pk_show(w->s, name, SHOWN),
		       g.reason);
}

static void check_value(struct walk *w, const struct pk_jvalue *v)
{
	static const char *const targets[] = { "_target_", "_instantiator" };
	static const char *const maybe[] = {
		"target",   "class_path", "cls",  "_call_", "callable",
		"function", "func",       "type", "class",  "_class_",
	};

	if (v->kind != PK_J_STRING)
		return;
	if (IS_IN(v->key, targets))
		check_target(w, v);
	else if (IS_IN(v->key, maybe))
		check_maybe(w, v);
}

static void report_tag(struct walk *w, const struct pk_jvalue *v,
		       enum pk_severity severity, const char *why)
{
	const struct pk_report r = { .rule = PK_RULE_CONFIG_YAML_TAG,
				     .severity = severity,
				     .off = at(w, v) };

	pk_report_full(w->s, &r, "%sthe tag %s makes an object: %s", w->where,
		       pk_show(w->s, v->tag, SHOWN), why);
}

/* tag:yaml.org,2002:python/object/apply:os.system */
static void check_python_tag(struct walk *w, const struct pk_jvalue *v,
			     struct pk_span tag)
{
	const uint8_t *colon = memchr(tag.p, ':', tag.len);
	struct pk_span name;
	struct pk_global g;

	if (!colon)
		return; /* python/tuple and other plain types */
	name = (struct pk_span){ colon + 1,
				 tag.len - (size_t)(colon + 1 - tag.p) };
	g = judge(name);
	if (g.class == PK_IMPORT_DANGEROUS)
		report_tag(w, v, PK_CRITICAL, g.reason);
	else if (g.class == PK_IMPORT_OUTSIDE)
		report_tag(w, v, PK_HIGH, g.reason);
	else if (g.class != PK_IMPORT_SAFE && g.class != PK_IMPORT_LIBRARY)
		report_tag(w, v, PK_MEDIUM, g.reason);
}

static void check_tag(struct walk *w, const struct pk_jvalue *v)
{
	static const char *const plain[] = {
		"str",   "int",   "float",     "bool", "null",
		"map",   "seq",   "set",       "omap", "pairs",
		"value", "merge", "timestamp", "yaml", "binary",
	};
	struct pk_span tag = v->tag;

	if (!pk_span_starts(tag, PK_LIT(STANDARD)))
		return;
	tag.p += sizeof(STANDARD) - 1;
	tag.len -= sizeof(STANDARD) - 1;
	if (pk_span_starts(tag, PK_LIT("python/")))
		check_python_tag(w, v, tag);
	else if (pk_dotted_has_dot(tag))
		report_tag(w, v, PK_CRITICAL,
			   "a class of the loader's class path, with the "
			   "arguments that stand here");
	else if (!IS_IN(tag, plain))
		report_tag(w, v, PK_MEDIUM, "no type of YAML");
}

/* The tree is as deep as its reader allows. */
static void walk(struct walk *w, const struct pk_jvalue *v)
{
	const struct pk_jvalue **up =
		pk_arena_alloc(&w->s->arena, STACK_MAX, sizeof(*up));
	size_t depth = 0;

	while (v && up && !pk_out_of_budget(w->s)) {
		check_tag(w, v);
		check_value(w, v);
		if (v->kids && !v->alias && depth < STACK_MAX) {
			up[depth++] = v;
			v = v->kids;
			continue;
		}
		while (!v->next && depth)
			v = up[--depth];
		v = v->next;
	}
}

void pk_config_scan(struct pk_scan *s, const struct pk_jvalue *doc)
{
	struct walk w = { .s = s, .where = "" };

	walk(&w, doc);
}

void pk_config_scan_yaml(struct pk_scan *s, struct pk_source *yaml,
			 uint64_t off, struct pk_span name)
{
	struct pk_cursor c = pk_cursor_open(yaml, 0, yaml->size, &s->arena);
	struct walk w = { .s = s, .fixed = true, .off = off };

	w.where = pk_arena_printf(&s->arena, "%s: ", pk_show(s, name, SHOWN));
	if (!w.where)
		return;
	walk(&w, pk_yaml_parse(&c, &s->arena));
	if (pk_cursor_ok(&c))
		return;
	pk_partial(s);
	pk_report(s, PK_RULE_CONFIG_MALFORMED, off,
		  "%sthe file does not hold together as YAML", w.where);
}
