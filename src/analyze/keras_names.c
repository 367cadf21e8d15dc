/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/keras_names.h"

#include "analyze/dotted.h"
#include "analyze/globals.h"

/* Modules whose classes are what models are made of, sub-modules too. */
static const char *const own[] = {
	"keras",
	"keras_core",
	"keras_cv",
	"keras_hub",
	"keras_nlp",
	"keras_tuner",
	"tf_keras",
	"tensorflow.keras",
	"tensorflow.python.keras",
	"tensorflow.python.framework.tensor_spec",
	"tensorflow.python.training.tracking.data_structures",
	"tensorflow_addons",
	"tensorflow.python.trackable.data_structures",
};

/* Functions of Keras that do more than calculate. */
static const struct {
	const char *name;
	enum pk_severity severity;
	const char *reason;
} grave[] = {
	{ "get_file", PK_CRITICAL, "fetches a URL and unpacks it" },
	{ "extract_archive", PK_CRITICAL, "unpacks an archive" },
	{ "enable_unsafe_deserialization", PK_CRITICAL,
	  "switches the loader's safe mode off" },
	{ "set_global_attribute", PK_CRITICAL,
	  "switches the loader's safe mode off" },
	{ "func_load", PK_CRITICAL, "builds a function from bytecode" },
	{ "load_model", PK_HIGH, "loads another model" },
	{ "load_weights", PK_HIGH, "loads another file" },
	{ "model_from_json", PK_HIGH, "loads another model" },
	{ "model_from_yaml", PK_HIGH, "loads another model" },
	{ "model_from_config", PK_HIGH, "loads another model" },
	{ "save_model", PK_HIGH, "writes a file" },
	{ "save_weights", PK_HIGH, "writes a file" },
	{ "save_img", PK_HIGH, "writes a file" },
	{ "load_img", PK_HIGH, "reads a file" },
	{ "deserialize_keras_object", PK_HIGH, "builds what it is given" },
	{ "register_keras_serializable", PK_HIGH, "changes the registry" },
	{ "image_dataset_from_directory", PK_HIGH, "reads a folder" },
	{ "text_dataset_from_directory", PK_HIGH, "reads a folder" },
	{ "audio_dataset_from_directory", PK_HIGH, "reads a folder" },
	{ "clear_session", PK_HIGH, "changes the loading program" },
	{ "plot_model", PK_HIGH, "starts a program" },
	{ "model_to_dot", PK_HIGH, "starts a program" },
};

/* Parts of Keras that load, and that no layer lies in. */
static const char *const loaders[] = {
	"keras.src.saving",
	"keras.src.legacy.saving",
	"keras.src.utils.python_utils",
	"keras.src.utils.io_utils",
	"keras.src.utils.file_utils",
	"keras.src.utils.module_utils",
	"keras.src.utils.torch_utils",
	"keras.src.backend.common.global_state",
	"keras.saving",
	"keras.datasets",
	"keras.src.datasets",
};

/* Whether module is below, on the bounds of its steps. */
static bool below(struct pk_span module, const char *top)
{
	const size_t n = strlen(top);

	return module.len >= n && memcmp(module.p, top, n) == 0 &&
	       (module.len == n || module.p[n] == '.');
}

bool pk_keras_is_own(struct pk_span module)
{
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (below(module, own[i]))
			return true;
	}
	return false;
}

static struct pk_keras_name own_name(struct pk_span module, struct pk_span name,
				     bool call)
{
	const struct pk_span last = pk_dotted_last(name);

	for (size_t i = 0; i < sizeof(grave) / sizeof(grave[0]); i++) {
		if (strlen(grave[i].name) == last.len &&
		    memcmp(grave[i].name, last.p, last.len) == 0)
			return (struct pk_keras_name){
				grave[i].severity,
				PK_RULE_KERAS_DANGEROUS_FUNCTION,
				grave[i].reason
			};
	}
	for (size_t i = 0; call && i < sizeof(loaders) / sizeof(loaders[0]);
	     i++) {
		if (below(module, loaders[i]))
			return (struct pk_keras_name){
				PK_HIGH, PK_RULE_KERAS_DANGEROUS_FUNCTION,
				"belongs to the part of Keras that loads files"
			};
	}
	return (struct pk_keras_name){ PK_INFO, PK_RULE_KERAS_CUSTOM_OBJECT,
				       "" };
}

static struct pk_keras_name outside(const struct pk_global *g, bool call)
{
	struct pk_keras_name n = { PK_MEDIUM, PK_RULE_KERAS_CUSTOM_OBJECT,
				   g->reason };

	switch (g->class) {
	case PK_IMPORT_DANGEROUS:
		n.severity = PK_CRITICAL;
		n.rule = PK_RULE_KERAS_DANGEROUS_FUNCTION;
		break;
	case PK_IMPORT_OUTSIDE:
	case PK_IMPORT_COMPUTED:
		n.severity = call ? PK_HIGH : PK_MEDIUM;
		n.rule = PK_RULE_KERAS_OUTSIDE_MODULE;
		break;
	case PK_IMPORT_UNKNOWN:
		break;
	case PK_IMPORT_SAFE:
	case PK_IMPORT_LIBRARY:
		n.severity = PK_LOW;
		break;
	}
	return n;
}

/* One that the lists name for itself, such as eval: reasons are static text,
 * so that another reason is another row. */
static bool is_builtin_danger(struct pk_span name)
{
	const struct pk_span builtins = PK_LIT("builtins");
	const struct pk_global g = pk_global_classify(builtins, name);

	return g.class == PK_IMPORT_DANGEROUS && g.floor >= PK_HIGH &&
	       g.reason != pk_global_classify(builtins, PK_LIT("no such name"))
				   .reason;
}

struct pk_keras_name pk_keras_name(struct pk_span module, struct pk_span name,
				   bool call)
{
	struct pk_global g;

	if (pk_keras_is_own(module))
		return own_name(module, name, call);
	g = pk_global_classify(module, name);
	/* Where nothing is said of the module, the function is one of Keras'
	 * own or of the registry; only what hurts is worth a word. */
	if (!module.len || pk_span_eq(module, PK_LIT("builtins"))) {
		if (!is_builtin_danger(name))
			return own_name(module, name, false);
		g = pk_global_classify(PK_LIT("builtins"), name);
	}
	return outside(&g, call);
}
