/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/repo_config.h"

#include "analyze/config_code.h"
#include "analyze/dotted.h"
#include "analyze/elsewhere.h"
#include "analyze/globals.h"
#include "analyze/lists.h"
#include "analyze/ref_path.h"
#include "analyze/template.h"
#include "engine/note.h"

enum { SHOWN = 160, STACK_MAX = 1100, TEXT_NOTED = 400 };

static bool is(struct pk_span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

static bool is_in(struct pk_span s, const char *const *words)
{
	while (*words && !is(s, *words))
		words++;
	return *words != NULL;
}

static const char *show(struct pk_scan *s, struct pk_span text)
{
	return pk_show(s, text, SHOWN);
}

/* Files that the configuration names. */

/* Whether the name stays in the folder; says so when it does not. */
static bool check_path(struct pk_scan *s, const struct pk_jvalue *v,
		       struct pk_span path)
{
	const struct pk_path_flaw flaw = pk_path_flaw(path);
	const struct pk_report r = { .rule = PK_RULE_REPO_PATH,
				     .severity = flaw.severity,
				     .off = v->off,
				     .len = v->len };

	if (flaw.what)
		pk_report_full(s, &r, "'%s' names the file %s, which %s",
			       show(s, v->key), show(s, path), flaw.what);
	return path.len && !flaw.outside;
}

static void refer(struct pk_scan *s, enum pk_ref_kind kind,
		  const struct pk_jvalue *v, struct pk_span path)
{
	if (check_path(s, v, path))
		pk_refer(s, &(struct pk_ref){
				    .kind = kind, .path = path, .at = v->off });
	else
		pk_fetch_url(s, path, v->off);
}

/* "a.b" becomes a/b.py */
static struct pk_span source_of(struct pk_scan *s, struct pk_span module)
{
	char *path =
		pk_arena_printf(&s->arena, "%s.py", pk_show(s, module, SHOWN));

	if (!path)
		return (struct pk_span){ 0 };
	for (size_t i = 0; i < module.len && path[i]; i++) {
		if (path[i] == '.' && i + 3 < strlen(path))
			path[i] = '/';
	}
	return (struct pk_span){ (const uint8_t *)path, strlen(path) };
}

/* Remote code. */

struct remote {
	struct pk_span repo; /* empty: this one */
	struct pk_span module;
};

/* "org/name--module.Class", "module.Class" */
static struct remote split_remote(struct pk_span name)
{
	const uint8_t *dashes = memmem(name.p, name.len, "--", 2);
	struct pk_span last;
	struct remote r = { .module = name };

	if (dashes) {
		r.repo = (struct pk_span){ name.p, (size_t)(dashes - name.p) };
		r.module.p = dashes + 2;
		r.module.len = name.len - r.repo.len - 2;
	}
	if (!pk_dotted_has_dot(r.module))
		return r;
	last = pk_dotted_last(r.module);
	r.module.len -= last.len + 1;
	return r;
}

static void say_remote(struct pk_scan *s, const struct pk_jvalue *v,
		       struct pk_span name)
{
	const struct remote r = split_remote(name);
	const struct pk_span source = source_of(s, r.module);

	if (r.repo.len) {
		pk_report(s, PK_RULE_REPO_REMOTE_CODE, v->off,
			  "'%s' makes loaders that trust it run %s of another "
			  "repository, %s, at whatever state that is in",
			  show(s, v->key), show(s, source), show(s, r.repo));
		pk_fetch_code(s, r.repo, v->off);
		return;
	}
	pk_report(s, PK_RULE_REPO_REMOTE_CODE, v->off,
		  "'%s' makes loaders that trust it run %s of this repository",
		  show(s, v->key), show(s, source));
	refer(s, PK_REF_CODE, v, source);
}

/* A text, or a list of texts and nulls. */
static void on_auto_class(struct pk_scan *s, const struct pk_jvalue *v)
{
	struct pk_jvalue named;

	if (v->kind == PK_J_STRING && v->text.len)
		say_remote(s, v, v->text);
	if (v->kind != PK_J_ARRAY)
		return;
	for (const struct pk_jvalue *k = v->kids; k; k = k->next) {
		named = *k;
		named.key = v->key;
		if (k->kind == PK_J_STRING && k->text.len)
			say_remote(s, &named, k->text);
	}
}

static void on_auto_map(struct pk_scan *s, const struct pk_jvalue *v,
			const struct pk_jvalue *in)
{
	(void)in;
	if (v->kind != PK_J_OBJECT)
		on_auto_class(s, v);
	else
		for (const struct pk_jvalue *k = v->kids; k; k = k->next)
			on_auto_class(s, k);
}

/* {"task": {"impl": "pipeline.Class", ...}} */
static void on_custom_pipelines(struct pk_scan *s, const struct pk_jvalue *v,
				const struct pk_jvalue *in)
{
	(void)in;
	if (v->kind != PK_J_OBJECT)
		return;
	for (const struct pk_jvalue *k = v->kids; k; k = k->next) {
		const struct pk_jvalue *impl = pk_json_get(k, "impl");

		if (impl)
			on_auto_class(s, impl);
	}
}

static void on_trust(struct pk_scan *s, const struct pk_jvalue *v,
		     const struct pk_jvalue *in)
{
	(void)in;
	if (pk_json_true(v) || is(pk_json_text(v), "true"))
		pk_report(s, PK_RULE_REPO_TRUST_SWITCH, v->off,
			  "the configuration itself asks to trust remote code");
}

/* A kernel of the Hub: "kernels-community/flash-attn". */
static void on_attention(struct pk_scan *s, const struct pk_jvalue *v,
			 const struct pk_jvalue *in)
{
	const struct pk_span name = pk_json_text(v);

	(void)in;
	if (!name.len || !memchr(name.p, '/', name.len))
		return;
	pk_report(s, PK_RULE_REPO_KERNEL, v->off,
		  "'%s' makes the loader fetch compiled code from %s",
		  show(s, v->key), show(s, name));
	pk_fetch_kernel(s, name, v->off);
}

/* Module names. */

static bool is_known_root(struct pk_span module, const char *const *roots)
{
	return module.len && is_in(pk_dotted_first(module), roots);
}

/* What importing the module means, when it is no known library's. */
static enum pk_severity module_severity(struct pk_span module)
{
	const struct pk_global g = pk_global_classify(module, PK_LIT("x"));

	if (g.class == PK_IMPORT_DANGEROUS && g.floor == PK_CRITICAL)
		return PK_CRITICAL;
	return PK_HIGH;
}

static void say_module(struct pk_scan *s, const struct pk_jvalue *v,
		       enum pk_severity severity)
{
	const struct pk_report r = { .rule = PK_RULE_REPO_LOADER_MODULE,
				     .severity = severity,
				     .off = v->off,
				     .len = v->len };

	pk_report_full(s, &r, "'%s' makes the loader import the module %s",
		       show(s, v->key), show(s, v->text));
}

/* Whatever it names is imported and called to load the model. */
static void on_loader_module(struct pk_scan *s, const struct pk_jvalue *v,
			     const struct pk_jvalue *in)
{
	static const char *const roots[] = { "mlflow", "mlserver", "databricks",
					     NULL };
	const struct pk_span module = pk_json_text(v);

	(void)in;
	if (!module.len || is_known_root(module, roots))
		return;
	say_module(s, v, module_severity(module));
	if (!pk_global_is_known_module(module))
		refer(s, PK_REF_CODE, v, source_of(s, module));
}

/*
 * The library of the base model, which PEFT imports and looks a class up in:
 * a library, the author's own program (__main__), or what Transformers made
 * of remote code that was loaded before.
 */
static void on_auto_mapping(struct pk_scan *s, const struct pk_jvalue *v,
			    const struct pk_jvalue *in)
{
	const struct pk_jvalue *library = pk_json_get(v, "parent_library");
	const struct pk_span module = pk_json_text(library);

	(void)in;
	if (!module.len)
		return;
	if (!pk_global_is_known_module(module))
		say_module(s, library, PK_MEDIUM);
	else if (pk_list_find(&pk_list_stdlib, pk_dotted_first(module)) ||
		 module_severity(module) == PK_CRITICAL)
		say_module(s, library, module_severity(module));
}

/* MLflow. */

static void on_model_code(struct pk_scan *s, const struct pk_jvalue *v,
			  const struct pk_jvalue *in)
{
	(void)in;
	if (!v->text.len || v->kind != PK_J_STRING)
		return;
	pk_report(s, PK_RULE_REPO_REMOTE_CODE, v->off,
		  "'%s' makes MLflow run %s when the model is loaded",
		  show(s, v->key), show(s, v->text));
	refer(s, PK_REF_CODE, v, v->text);
}

static void on_code(struct pk_scan *s, const struct pk_jvalue *v,
		    const struct pk_jvalue *in)
{
	if (v->kind != PK_J_STRING || !pk_json_get(in, "loader_module") ||
	    !v->text.len)
		return;
	pk_report(s, PK_RULE_REPO_CODE_PATH, v->off,
		  "MLflow puts the folder %s first where modules are looked "
		  "for",
		  show(s, v->text));
}

/* Not looked for: MLflow leaves a copy of the file in a folder of metadata. */
static void on_data_file(struct pk_scan *s, const struct pk_jvalue *v,
			 const struct pk_jvalue *in)
{
	(void)in;
	if (v->kind == PK_J_STRING && v->text.len)
		(void)check_path(s, v, v->text);
}

/* Shards. */

static void note_shard(struct pk_scan *s, struct pk_span tensor,
		       struct pk_span file)
{
	struct pk_buf key = { 0 };

	if (!s->job->wants_notes)
		return;
	pk_buf_puts(&key, PK_NOTE_WEIGHT_MAP);
	pk_buf_put(&key, tensor.p, tensor.len);
	pk_note_pair(s, pk_buf_span(&key), file);
	pk_buf_release(&key);
}

static void on_weight_map(struct pk_scan *s, const struct pk_jvalue *v,
			  const struct pk_jvalue *in)
{
	const struct pk_jvalue *total =
		pk_json_get(pk_json_get(in, "metadata"), "total_size");
	struct pk_span before = { 0 };

	if (total)
		pk_note_text(s, "metadata.total_size", total->text);
	if (v->kind != PK_J_OBJECT)
		return;
	for (const struct pk_jvalue *k = v->kids; k; k = k->next) {
		const struct pk_span file = pk_json_text(k);

		if (k->repeated)
			pk_report(s, PK_RULE_REPO_INDEX_DUPLICATE, k->key_off,
				  "the tensor '%s' stands twice in the index",
				  show(s, k->key));
		note_shard(s, k->key, file);
		if (file.len && !pk_span_eq(file, before))
			refer(s, PK_REF_SHARD, k, file);
		before = file;
	}
}

/* Templates: a text, or a list of named ones. */
static void on_template(struct pk_scan *s, const struct pk_jvalue *v,
			const struct pk_jvalue *in)
{
	(void)in;
	if (v->kind == PK_J_STRING)
		pk_template_scan(s, v->text, v->off, "the chat template");
	if (v->kind != PK_J_ARRAY && v->kind != PK_J_OBJECT)
		return;
	for (const struct pk_jvalue *k = v->kids; k; k = k->next) {
		const struct pk_jvalue *t = pk_json_get(k, "template");

		if (!t && k->kind == PK_J_STRING && v->kind == PK_J_OBJECT)
			t = k;
		if (pk_json_is(t, PK_J_STRING))
			pk_template_scan(s, t->text, t->off, "a chat template");
	}
}

static const struct {
	const char *key;
	/* in: the object that holds it */
	void (*on)(struct pk_scan *s, const struct pk_jvalue *v,
		   const struct pk_jvalue *in);
	/* By itself it tells a model's configuration. */
	bool tells;
} keys[] = {
	{ "auto_map", on_auto_map, true },
	{ "custom_pipelines", on_custom_pipelines, true },
	{ "trust_remote_code", on_trust, true },
	{ "attn_implementation", on_attention, true },
	{ "_attn_implementation", on_attention, true },
	{ "loader_module", on_loader_module, true },
	{ "auto_mapping", on_auto_mapping, true },
	{ "base_model_name_or_path", pk_fetch_adapter_base, false },
	{ "source_model_name", pk_fetch_stored_base, false },
	{ "model_code_path", on_model_code, true },
	{ "code", on_code, false },
	{ "pickled_model", on_data_file, true },
	{ "python_model", on_data_file, false },
	{ "weight_map", on_weight_map, true },
	{ "chat_template", on_template, true },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

/* Keys of the outermost object that only such files have. */
static const char *const marks[] = {
	"transformers_version", "_diffusers_version",
	"architectures",        "peft_type",
	"tokenizer_class",      "image_processor_type",
	"processor_class",      "feature_extractor_type",
	"mlflow_version",       NULL,
};

/* Keys that name code wherever they stand. */
static const char *const code_keys[] = { "_target_", "_instantiator", NULL };

static size_t key_at(struct pk_span key)
{
	size_t i = 0;

	while (i < KEYS && !is(key, keys[i].key))
		i++;
	return i;
}

bool pk_repo_key(struct pk_span key)
{
	const size_t i = key_at(key);

	return (i < KEYS && keys[i].tells) || is_in(key, marks) ||
	       is_in(key, code_keys);
}

/* Each value of a tree, with the object or list that holds it. */
static void each(const struct pk_jvalue *v,
		 bool (*on)(void *ctx, const struct pk_jvalue *v,
			    const struct pk_jvalue *in),
		 void *ctx, const struct pk_jvalue **up)
{
	size_t depth = 0;

	while (v && on(ctx, v, depth ? up[depth - 1] : NULL)) {
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

/* Objects that LightningCLI, latent diffusion and their like build. */
static bool builds(const struct pk_jvalue *v)
{
	return (pk_json_get(v, "class_path") && pk_json_get(v, "init_args")) ||
	       (pk_json_get(v, "target") && pk_json_get(v, "params"));
}

static bool look(void *ctx, const struct pk_jvalue *v,
		 const struct pk_jvalue *in)
{
	const size_t i = key_at(v->key);
	bool *known = ctx;

	(void)in;
	*known = (i < KEYS && keys[i].tells && v->kind != PK_J_NULL) ||
		 is_in(v->key, code_keys) || builds(v) ||
		 pk_span_starts(v->tag, PK_LIT("tag:yaml.org,2002:python/"));
	return !*known;
}

static bool has_mark(const struct pk_jvalue *doc)
{
	for (size_t i = 0; marks[i]; i++) {
		if (pk_json_get(doc, marks[i]))
			return true;
	}
	return false;
}

/* Sentence Transformers' modules.json. */
static bool is_module_list(const struct pk_jvalue *doc)
{
	if (!pk_json_is(doc, PK_J_ARRAY) || !doc->kids)
		return false;
	for (const struct pk_jvalue *k = doc->kids; k; k = k->next) {
		if (!pk_json_get(k, "idx") || !pk_json_get(k, "path") ||
		    !pk_json_is(pk_json_get(k, "type"), PK_J_STRING))
			return false;
	}
	return true;
}

bool pk_repo_recognise(const struct pk_jvalue *doc)
{
	const struct pk_jvalue *up[STACK_MAX];
	bool known = is_module_list(doc);

	for (const struct pk_jvalue *d = doc; d && !known; d = d->next)
		known = has_mark(d);
	if (!known)
		each(doc, look, &known, up);
	return known;
}

bool pk_repo_is_index(const struct pk_jvalue *doc)
{
	return pk_json_is(pk_json_get(doc, "weight_map"), PK_J_OBJECT);
}

static void scan_module_list(struct pk_scan *s, const struct pk_jvalue *doc)
{
	static const char *const roots[] = { "sentence_transformers",
					     "transformers", "torch", "pylate",
					     NULL };

	for (const struct pk_jvalue *k = doc->kids; k; k = k->next) {
		const struct pk_jvalue *type = pk_json_get(k, "type");
		const struct pk_jvalue *path = pk_json_get(k, "path");

		if (!is_known_root(type->text, roots))
			say_remote(s, type, type->text);
		if (pk_json_text(path).len)
			(void)check_path(s, path, path->text);
	}
}

/* Diffusers' model_index.json: "unet": ["diffusers", "UNet2DModel"]. */
static void scan_component(struct pk_scan *s, const struct pk_jvalue *v)
{
	static const char *const roots[] = {
		"diffusers",
		"transformers",
		"onnxruntime",
		"optimum",
		"flax",
		"torch",
		"sentencepiece",
		"k_diffusion",
		"stable_diffusion",
		"stable_diffusion_xl",
		"deprecated",
		"paint_by_example",
		"latent_diffusion",
		"pipelines",
		"ip_adapter",
		"controlnet",
		NULL,
	};
	const struct pk_jvalue *class;

	if (v->kind != PK_J_ARRAY || v->count != 2 ||
	    v->kids->kind != PK_J_STRING)
		return;
	class = v->kids->next;
	if (class->kind != PK_J_STRING || is_known_root(v->kids->text, roots))
		return;
	pk_report(s, PK_RULE_REPO_REMOTE_CODE, v->off,
		  "the part '%s' is the class %s of the module %s, which the "
		  "loader takes from this repository or imports by that name",
		  show(s, v->key), show(s, class->text),
		  show(s, v->kids->text));
	if (!pk_global_is_known_module(v->kids->text))
		refer(s, PK_REF_CODE, v, source_of(s, v->kids->text));
}

static void scan_pipeline(struct pk_scan *s, const struct pk_jvalue *doc)
{
	const struct pk_jvalue *class = pk_json_get(doc, "_class_name");

	if (pk_json_is(class, PK_J_ARRAY) &&
	    pk_json_is(class->kids, PK_J_STRING)) {
		pk_report(s, PK_RULE_REPO_REMOTE_CODE, class->off,
			  "the pipeline is a class of %s, which loaders that "
			  "trust it run",
			  show(s, source_of(s, class->kids->text)));
		refer(s, PK_REF_CODE, class, source_of(s, class->kids->text));
	}
	/* Of a component alone (config.json of a UNet) lists are numbers. */
	for (const struct pk_jvalue *k = doc->kids; k; k = k->next)
		scan_component(s, k);
}

static bool handle(void *ctx, const struct pk_jvalue *v,
		   const struct pk_jvalue *in)
{
	struct pk_scan *s = ctx;
	const size_t i = key_at(v->key);

	if (i < KEYS && pk_json_is(in, PK_J_OBJECT))
		keys[i].on(s, v, in);
	return !pk_out_of_budget(s);
}

static void note_all(struct pk_scan *s, const struct pk_jvalue *doc)
{
	if (!s->job->wants_notes || doc->kind != PK_J_OBJECT)
		return;
	for (const struct pk_jvalue *k = doc->kids; k; k = k->next) {
		if (k->kind != PK_J_ARRAY && k->kind != PK_J_OBJECT &&
		    k->text.len && k->text.len <= TEXT_NOTED)
			pk_note_pair(s, k->key, k->text);
	}
}

void pk_repo_scan(struct pk_scan *s, const struct pk_jvalue *doc)
{
	const struct pk_jvalue *up[STACK_MAX];

	each(doc, handle, s, up);
	pk_config_scan(s, doc);
	for (const struct pk_jvalue *d = doc; d; d = d->next) {
		note_all(s, d);
		if (is_module_list(d))
			scan_module_list(s, d);
		if (pk_json_get(d, "_diffusers_version"))
			scan_pipeline(s, d);
	}
}
