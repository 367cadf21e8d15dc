/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/keras_config.h"

#include <stdarg.h>
#include <stdio.h>

#include "analyze/elsewhere.h"
#include "analyze/keras_names.h"
#include "analyze/pycode.h"
#include "codec/base64.h"
#include "core/buf.h"
#include "source/memory.h"

struct judge {
	struct pk_scan *s;
	struct pk_span text;
	uint64_t off;
	const char *what;
};

PK_PRINTF(5, 6)
static void say(struct judge *j, enum pk_rule rule, enum pk_severity severity,
		const struct pk_jvalue *at, const char *fmt, ...)
{
	const struct pk_report r = { .rule = rule,
				     .severity = severity,
				     .off = j->off + at->off,
				     .len = at->len };
	char text[384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (severity >= PK_HIGH)
		j->s->job->facts |= PK_FACT_CONFIG_CODE;
	pk_report_full(j->s, &r, "%s: %s", j->what, text);
}

static bool is(struct pk_span s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.p, word, s.len) == 0;
}

static bool is_one_of(struct pk_span s, const char *const *words)
{
	for (; *words; words++) {
		if (is(s, *words))
			return true;
	}
	return false;
}

static bool ends(struct pk_span s, const char *word)
{
	const size_t n = strlen(word);

	return s.len >= n && memcmp(s.p + s.len - n, word, n) == 0;
}

static const char *show(struct judge *j, struct pk_span s)
{
	return pk_show(j->s, s, 60);
}

/* ---- code ---- */

static void judge_code(struct judge *j, const struct pk_jvalue *v,
		       const char *layer)
{
	struct pk_buf bytes = { .max = 16 << 20 };
	struct pk_pycode code;

	pk_base64_get_lenient(&bytes, v->text);
	code = pk_pycode_read(pk_buf_span(&bytes), &j->s->arena);
	if (code.dangerous)
		say(j, PK_RULE_KERAS_LAMBDA, PK_CRITICAL, v,
		    "%s holds bytecode that names %s", layer,
		    pk_show(j->s, pk_buf_span(&code.what), 120));
	else if (code.understood && code.marshal.codes)
		say(j, PK_RULE_KERAS_LAMBDA, PK_HIGH, v,
		    "%s holds the bytecode of %s", layer,
		    show(j, code.marshal.codes->name));
	else
		say(j, PK_RULE_KERAS_LAMBDA, PK_HIGH, v,
		    "%s holds something for bytecode that no Python wrote",
		    layer);
	pk_pycode_release(&code);
	pk_buf_release(&bytes);
}

/* [code, defaults, closure], or the same as {"class_name": "__tuple__",
 * "items": [...]}. */
static const struct pk_jvalue *code_of(const struct pk_jvalue *v)
{
	if (pk_json_is(v, PK_J_OBJECT))
		v = pk_json_get(v, "items");
	if (pk_json_is(v, PK_J_ARRAY))
		v = v->kids;
	return pk_json_is(v, PK_J_STRING) ? v : NULL;
}

/* {"class_name": "__lambda__", "config": {"code": ...}} */
static void judge_lambda_object(struct judge *j, const struct pk_jvalue *config)
{
	bool found = false;

	if (!pk_json_is(config, PK_J_OBJECT))
		return;
	for (const struct pk_jvalue *v = config->kids; v; v = v->next) {
		const struct pk_jvalue *code = code_of(v);

		if ((is(v->key, "code") || is(v->key, "value")) && code) {
			judge_code(j, code, "a function");
			found = true;
		}
	}
	if (!found)
		say(j, PK_RULE_KERAS_LAMBDA, PK_HIGH, config,
		    "a function is to be built from bytecode");
}

/* Whether a text is a name as Python has them, not code in base64. */
static bool is_name(struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		const uint8_t ch = s.p[i];

		if (!((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') && ch != '_' &&
		    ch != '.' && ch != '<' && ch != '>' &&
		    !(ch >= '0' && ch <= '9'))
			return false;
	}
	return s.len < 100;
}

static void judge_name(struct judge *j, struct pk_span module,
		       struct pk_span name, bool call,
		       const struct pk_jvalue *at)
{
	const struct pk_keras_name n = pk_keras_name(module, name, call);

	if (n.severity > PK_INFO)
		say(j, n.rule, n.severity, at, "%s.%s %s: %s",
		    module.len ? show(j, module) : "keras", show(j, name),
		    call ? "is called" : "is used", n.reason);
}

/* The functions of a Lambda layer, in the layouts of Keras 1 and 2; in that
 * of Keras 3 they are objects of their own. */
static void judge_lambda(struct judge *j, const struct pk_jvalue *config)
{
	static const char *const functions[] = { "function", "output_shape",
						 "mask", NULL };

	if (!pk_json_is(config, PK_J_OBJECT))
		return;
	for (const struct pk_jvalue *v = config->kids; v; v = v->next) {
		const struct pk_jvalue *code = code_of(v);

		if (!is_one_of(v->key, functions) || !code)
			continue;
		if (v->kind != PK_J_STRING || !is_name(v->text))
			judge_code(j, code, "a Lambda layer");
		else
			judge_name(j,
				   pk_json_text(pk_json_get(config, "module")),
				   v->text, true, v);
	}
}

/* ---- layers that read or wrap something ---- */

static void judge_address(struct judge *j, const struct pk_jvalue *v)
{
	pk_fetch_url(j->s, pk_json_text(v), j->off + v->off);
}

/* A text where the layer takes a list as well: a path or an address. */
static void judge_files(struct judge *j, struct pk_span class,
			const struct pk_jvalue *config)
{
	static const char *const keys[] = { "vocabulary", "vocab_file",
					    "merges",     "proto",
					    "filepath",   NULL };

	if (!pk_json_is(config, PK_J_OBJECT))
		return;
	for (const struct pk_jvalue *v = config->kids; v; v = v->next) {
		if (v->kind != PK_J_STRING || !v->text.len ||
		    !is_one_of(v->key, keys))
			continue;
		say(j, PK_RULE_KERAS_READS_FILE, PK_HIGH, v,
		    "the layer %s reads %s", show(j, class), show(j, v->text));
		judge_address(j, v);
	}
}

/* Base64 of what torch.save wrote, at whatever depth. */
static void scan_module(struct judge *j, const struct pk_jvalue *v,
			unsigned depth)
{
	struct pk_buf bytes = { .max = 256 << 20 };

	if (depth > 8 || !v)
		return;
	for (const struct pk_jvalue *kid = v->kids; kid; kid = kid->next)
		scan_module(j, kid, depth + 1);
	if (v->kind != PK_J_STRING || v->text.len < 32)
		return;
	pk_base64_get_lenient(&bytes, v->text);
	if (pk_buf_ok(&bytes) && bytes.len)
		(void)pk_descend(j->s, PK_LIT("torch-module"),
				 pk_memory_own((uint8_t *)bytes.p, bytes.len),
				 PK_MEMBER_RAW);
	else
		pk_buf_release(&bytes);
}

static void judge_torch(struct judge *j, struct pk_span class,
			const struct pk_jvalue *config)
{
	say(j, PK_RULE_KERAS_WRAPS_CODE, PK_HIGH, config,
	    "the layer %s holds a module that PyTorch unpickles",
	    show(j, class));
	scan_module(j, config, 0);
}

static void judge_jax(struct judge *j, struct pk_span class,
		      const struct pk_jvalue *config)
{
	say(j, PK_RULE_KERAS_WRAPS_CODE, PK_MEDIUM, config,
	    "the layer %s calls functions of a program", show(j, class));
}

static void judge_saved_model(struct judge *j, struct pk_span class,
			      const struct pk_jvalue *config)
{
	const struct pk_jvalue *path = pk_json_get(config, "filepath");

	say(j, PK_RULE_KERAS_READS_FILE, PK_HIGH, config,
	    "the layer %s loads a SavedModel from %s", show(j, class),
	    show(j, pk_json_text(path)));
	if (path)
		judge_address(j, path);
}

/* TensorFlow Hub's: the handle is an address, or a folder. */
static void judge_hub(struct judge *j, struct pk_span class,
		      const struct pk_jvalue *config)
{
	const struct pk_jvalue *handle = pk_json_get(config, "handle");

	if (!pk_json_text(handle).len)
		return;
	say(j, PK_RULE_KERAS_READS_FILE, PK_HIGH, handle,
	    "the layer %s loads a SavedModel from %s", show(j, class),
	    show(j, handle->text));
	judge_address(j, handle);
}

static void judge_eval(struct judge *j, struct pk_span class,
		       const struct pk_jvalue *config)
{
	say(j, PK_RULE_KERAS_WRAPS_CODE, PK_HIGH, config,
	    "%s evaluates its vocabulary as Python source", show(j, class));
}

static bool contains(struct pk_span s, const char *word)
{
	return s.len && memmem(s.p, s.len, word, strlen(word));
}

/* A function of TensorFlow by its name: "math.add". */
static void judge_tf_function(struct judge *j, struct pk_span class,
			      const struct pk_jvalue *config)
{
	static const char *const words[] = { "io.",
					     "py_function",
					     "numpy_function",
					     "py_func",
					     "saved_model",
					     "load_library",
					     "load_op_library",
					     "ReadFile",
					     "WriteFile",
					     "raw_ops.Py",
					     "Eager",
					     "import_graph",
					     NULL };
	const struct pk_jvalue *f = pk_json_get(config, "function");
	const struct pk_span name = pk_json_text(f);

	(void)class;
	for (const char *const *w = words; *w; w++) {
		if (contains(name, *w)) {
			say(j, PK_RULE_KERAS_DANGEROUS_FUNCTION, PK_HIGH, f,
			    "the function tf.%s is called", show(j, name));
			return;
		}
	}
}

static const struct {
	const char *class;
	void (*judge)(struct judge *j, struct pk_span class,
		      const struct pk_jvalue *config);
} layers[] = {
	{ "TorchModuleWrapper", judge_torch },
	{ "TFSMLayer", judge_saved_model },
	{ "KerasLayer", judge_hub },
	{ "JaxLayer", judge_jax },
	{ "FlaxLayer", judge_jax },
	{ "TFOpLambda", judge_tf_function },
	{ "SlicingOpLambda", judge_tf_function },
	{ "RWKVTokenizer", judge_eval },
	{ "StringLookup", judge_files },
	{ "IntegerLookup", judge_files },
	{ "IndexLookup", judge_files },
	{ "TextVectorization", judge_files },
};

/* ---- objects ---- */

/* "Package>Name" is registered under that name. */
static struct pk_span bare(struct pk_span name)
{
	for (size_t i = name.len; i > 0; i--) {
		if (name.p[i - 1] == '>')
			return (struct pk_span){ name.p + i, name.len - i };
	}
	return name;
}

static void judge_class(struct judge *j, struct pk_span class,
			const struct pk_jvalue *config)
{
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		if (is(bare(class), layers[i].class))
			layers[i].judge(j, class, config);
	}
	if (ends(class, "Tokenizer"))
		judge_files(j, class, config);
	if (is(bare(class), "Lambda"))
		judge_lambda(j, config);
	if (is(class, "__lambda__"))
		judge_lambda_object(j, config);
}

static void judge_pair(struct judge *j, const struct pk_jvalue *class,
		       const struct pk_jvalue *config, struct pk_span module)
{
	if (is(class->text, "function")) {
		const struct pk_span name =
			pk_json_is(config, PK_J_OBJECT)
				? pk_json_text(pk_json_get(config, "name"))
				: pk_json_text(config);

		judge_name(j, module, name, true, class);
		return;
	}
	if (is(class->text, "__typespec__"))
		judge_name(j, module,
			   pk_json_text(pk_json_get(config, "spec_name")), true,
			   class);
	else if (module.len || class->text.len > 2)
		judge_name(j, module, bare(class->text), false, class);
}

/* Keys that appear twice count each time: with two class names and two
 * configurations there are four readings. */
static void judge_object(struct judge *j, const struct pk_jvalue *o)
{
	for (const struct pk_jvalue *c = o->kids; c; c = c->next) {
		bool module = false;

		if (!is(c->key, "class_name") || c->kind != PK_J_STRING)
			continue;
		for (const struct pk_jvalue *k = o->kids; k; k = k->next) {
			if (is(k->key, "config"))
				judge_class(j, c->text, k);
			if ((is(k->key, "module")) && k->kind == PK_J_STRING) {
				judge_pair(j, c, pk_json_get(o, "config"),
					   k->text);
				module = true;
			}
		}
		if (!module)
			judge_pair(j, c, pk_json_get(o, "config"),
				   (struct pk_span){ 0 });
	}
}

/* Keys of Keras 2 that name a module for what stands beside them. */
static void judge_module_key(struct judge *j, const struct pk_jvalue *v)
{
	static const char *const keys[] = { "fn_module", "output_shape_module",
					    "mask_module", "function_module",
					    NULL };

	if (v->kind == PK_J_STRING && is_one_of(v->key, keys))
		judge_name(j, v->text, PK_LIT("function"), true, v);
}

static void judge_key(struct judge *j, const struct pk_jvalue *v)
{
	static const char *const loaded[] = { "class_name", "config",
					      "module",     "registered_name",
					      "function",   "code",
					      "vocabulary", NULL };
	const uint64_t at = v->key_off + 1;

	if (!is_one_of(v->key, loaded))
		return;
	if (v->repeated)
		say(j, PK_RULE_KERAS_DUPLICATE_KEY, PK_HIGH, v,
		    "the key %s is there twice", show(j, v->key));
	if (at + v->key.len <= j->text.len &&
	    memchr(j->text.p + at, '\\', v->key.len))
		say(j, PK_RULE_KERAS_ESCAPED_KEY, PK_HIGH, v,
		    "the key %s is written with escapes", show(j, v->key));
}

static void walk(struct judge *j, const struct pk_jvalue *v)
{
	if (v->kind == PK_J_OBJECT)
		judge_object(j, v);
	for (const struct pk_jvalue *kid = v->kids; kid; kid = kid->next) {
		if (v->kind == PK_J_OBJECT) {
			judge_key(j, kid);
			judge_module_key(j, kid);
		}
		walk(j, kid);
	}
}

void pk_keras_config_judge(struct pk_scan *s, const struct pk_jvalue *root,
			   struct pk_span text, uint64_t off, const char *what)
{
	struct judge j = { s, text, off, what };

	walk(&j, root);
}

bool pk_keras_config_is(const struct pk_jvalue *root)
{
	static const char *const wraps[] = { "modelTopology", "model_config",
					     NULL };

	if (!pk_json_is(root, PK_J_OBJECT))
		return false;
	for (const char *const *w = wraps; *w; w++) {
		const struct pk_jvalue *v = pk_json_get(root, *w);

		if (pk_keras_config_is(v) ||
		    pk_keras_config_is(pk_json_get(v, "model_config")))
			return true;
	}
	return pk_json_is(pk_json_get(root, "class_name"), PK_J_STRING) &&
	       pk_json_get(root, "config");
}

void pk_keras_config_scan(struct pk_scan *s, struct pk_span text, uint64_t off,
			  const char *what)
{
	struct pk_cursor c = pk_cursor_over(text, 0);
	const struct pk_jvalue *root = pk_json_parse(&c, &s->arena, NULL, NULL);

	if (root)
		pk_keras_config_judge(s, root, text, off, what);
	if (!pk_cursor_ok(&c)) {
		pk_partial(s);
		pk_report(s, PK_RULE_KERAS_MALFORMED, off + c.fault_off,
			  "%s is not the JSON that it should be", what);
	}
}
