/* SPDX-License-Identifier: Apache-2.0 */
#include "lambdas.h"
#include "support.h"

#define PLAIN T_LAMBDA_PLAIN
#define EVIL  T_LAMBDA_EVIL

/* Quotes are written as ' to be read more easily. */
static const struct pk_job *scan(const char *text)
{
	static char json[1 << 14];
	size_t n = strlen(text);

	assert_true(n < sizeof(json));
	for (size_t i = 0; i < n; i++)
		json[i] = text[i] == '\'' ? '"' : text[i];
	return t_scan("config.json",
		      (struct pk_span){ (const uint8_t *)json, n });
}

#define SEQUENTIAL(layer)                                                   \
	"{'module': 'keras', 'class_name': 'Sequential', 'config': "        \
	"{'layers': [{'module': 'keras.layers', 'class_name': "             \
	"'InputLayer', 'config': {'dtype': 'float32'}, 'registered_name': " \
	"null}, " layer "]}, 'registered_name': null}"
#define LAYER(module, class, config)                      \
	"{'module': '" module                             \
	"', 'class_name': '" class "', 'config': " config \
				   ", 'registered_name': null}"

static const char *const ordinary[] = {
	SEQUENTIAL(LAYER("keras.layers", "Dense",
			 "{'units': 3, 'activation': 'relu', "
			 "'kernel_initializer': " LAYER("keras.initializers",
							"GlorotUniform",
							"{'seed': null}") "}")),
	SEQUENTIAL(LAYER("keras.layers", "StringLookup",
			 "{'vocabulary': ['a', 'b'], 'vocabulary_size': 2}")),
	SEQUENTIAL(LAYER("keras.layers", "TextVectorization",
			 "{'vocabulary': null, 'standardize': "
			 "'lower_and_strip_punctuation'}")),
	SEQUENTIAL(LAYER(
		"keras.layers", "Activation",
		"{'activation': " LAYER("builtins", "function", "'relu'") "}")),
	SEQUENTIAL("{'class_name': 'TFOpLambda', 'config': {'name': 'a', "
		   "'function': 'math.add'}}"),
	SEQUENTIAL("{'class_name': 'Custom>Mine', 'config': {}}"),
	"{'class_name': 'Model', 'config': {'name': 'system', 'layers': "
	"[{'class_name': 'Dense', 'config': {'name': 'eval'}}]}, "
	"'keras_version': '2.2.4'}",
};

static void ordinary_models_are_silent(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++) {
		const struct pk_job *job = scan(ordinary[i]);

		if (job->finding_count)
			print_message("%s\n", job->findings->message);
		assert_non_null(job->primary);
		assert_string_equal(job->primary->name, "keras-json");
		assert_int_equal(job->finding_count, 0);
		t_teardown(NULL);
	}
}

static const struct {
	const char *config;
	enum pk_rule rule;
	enum pk_severity severity;
} cases[] = {
	{ SEQUENTIAL(LAYER("keras.layers", "Lambda",
			   "{'function': {'class_name': '__lambda__', "
			   "'config': {'code': '" PLAIN "'}}}")),
	  PK_RULE_KERAS_LAMBDA, PK_HIGH },
	{ SEQUENTIAL(LAYER("keras.layers", "Lambda",
			   "{'function': {'class_name': '__lambda__', "
			   "'config': {'code': '" EVIL "'}}}")),
	  PK_RULE_KERAS_LAMBDA, PK_CRITICAL },
	{ SEQUENTIAL("{'class_name': 'Lambda', 'config': {'function': ['" EVIL
		     "\\n', null, null], 'function_type': 'lambda'}}"),
	  PK_RULE_KERAS_LAMBDA, PK_CRITICAL },
	{ SEQUENTIAL("{'class_name': 'Lambda', 'config': {'function': "
		     "{'class_name': '__tuple__', 'items': ['" EVIL
		     "', null, null]}}}"),
	  PK_RULE_KERAS_LAMBDA, PK_CRITICAL },
	{ SEQUENTIAL("{'class_name': 'Lambda', 'config': {'function': "
		     "'mine', 'output_shape': ['" EVIL "', null, null]}}"),
	  PK_RULE_KERAS_LAMBDA, PK_CRITICAL },
	{ SEQUENTIAL("{'class_name': 'TimeDistributed', 'config': {'layer': "
		     "{'class_name': 'Lambda', 'config': {'function': ['" PLAIN
		     "']}}}}"),
	  PK_RULE_KERAS_LAMBDA, PK_HIGH },
	{ SEQUENTIAL(LAYER("os", "function", "'system'")),
	  PK_RULE_KERAS_DANGEROUS_FUNCTION, PK_CRITICAL },
	{ SEQUENTIAL(LAYER("builtins", "function", "'exec'")),
	  PK_RULE_KERAS_DANGEROUS_FUNCTION, PK_CRITICAL },
	{ SEQUENTIAL(LAYER("builtins", "eval", "{}")),
	  PK_RULE_KERAS_DANGEROUS_FUNCTION, PK_CRITICAL },
	{ SEQUENTIAL(LAYER("subprocess", "Popen", "{'args': 'echo'}")),
	  PK_RULE_KERAS_DANGEROUS_FUNCTION, PK_CRITICAL },
	{ SEQUENTIAL(LAYER("keras.utils", "function", "'get_file'")),
	  PK_RULE_KERAS_DANGEROUS_FUNCTION, PK_CRITICAL },
	{ SEQUENTIAL(LAYER("keras.config", "function",
			   "'enable_unsafe_deserialization'")),
	  PK_RULE_KERAS_DANGEROUS_FUNCTION, PK_CRITICAL },
	{ SEQUENTIAL(LAYER("keras.models", "function", "'load_model'")),
	  PK_RULE_KERAS_DANGEROUS_FUNCTION, PK_HIGH },
	{ SEQUENTIAL(LAYER("keras.src.saving.saving_lib", "function", "'x'")),
	  PK_RULE_KERAS_DANGEROUS_FUNCTION, PK_HIGH },
	{ SEQUENTIAL("{'class_name': 'TFOpLambda', 'config': {'function': "
		     "'io.read_file'}}"),
	  PK_RULE_KERAS_DANGEROUS_FUNCTION, PK_HIGH },
	{ SEQUENTIAL(LAYER("keras_evil", "Dense", "{}")),
	  PK_RULE_KERAS_CUSTOM_OBJECT, PK_MEDIUM },
	{ SEQUENTIAL(LAYER("keras.layers", "StringLookup",
			   "{'vocabulary': '/etc/passwd'}")),
	  PK_RULE_KERAS_READS_FILE, PK_HIGH },
	{ SEQUENTIAL(LAYER("keras_hub.models", "PARSeqTokenizer",
			   "{'vocabulary': '/etc/passwd'}")),
	  PK_RULE_KERAS_READS_FILE, PK_HIGH },
	{ SEQUENTIAL(LAYER("keras.layers", "TFSMLayer",
			   "{'filepath': 'http://192.0.2.1/m'}")),
	  PK_RULE_KERAS_READS_FILE, PK_HIGH },
	{ SEQUENTIAL(LAYER("tensorflow_hub.keras_layer", "KerasLayer",
			   "{'handle': 'https://tfhub.dev/x/1'}")),
	  PK_RULE_KERAS_READS_FILE, PK_HIGH },
	{ SEQUENTIAL(LAYER("keras.layers", "TorchModuleWrapper",
			   "{'module': 'Y29zCnN5c3RlbQooUydlY2hvIHBpY2tldCcK"
			   "dFIu'}")),
	  PK_RULE_PICKLE_DANGEROUS_CALL, PK_CRITICAL },
	{ SEQUENTIAL(LAYER("keras.layers", "JaxLayer", "{}")),
	  PK_RULE_KERAS_WRAPS_CODE, PK_MEDIUM },
	{ SEQUENTIAL("{'class_name': 'Dense', 'class_name': 'Lambda', "
		     "'config': {}}"),
	  PK_RULE_KERAS_DUPLICATE_KEY, PK_HIGH },
	{ SEQUENTIAL("{'class_name': 'Dense', 'config': {'function': ['" EVIL
		     "']}, 'class_name': 'Lambda'}"),
	  PK_RULE_KERAS_LAMBDA, PK_CRITICAL },
	{ SEQUENTIAL("{'class_name': 'Lambda', 'config': {'function': ['" EVIL
		     "']}, 'class_name': 'Dense'}"),
	  PK_RULE_KERAS_LAMBDA, PK_CRITICAL },
	{ SEQUENTIAL("{'class\\u005fname': 'Dense', 'config': {}}"),
	  PK_RULE_KERAS_ESCAPED_KEY, PK_HIGH },
	{ SEQUENTIAL("{'class_name': 'Lambda', 'config': {'function': 'f', "
		     "'fn_module': 'os'}}"),
	  PK_RULE_KERAS_DANGEROUS_FUNCTION, PK_CRITICAL },
	{ "{'modelTopology': {'model_config': {'class_name': 'Lambda', "
	  "'config': {'function': ['" EVIL "']}}}}",
	  PK_RULE_KERAS_LAMBDA, PK_CRITICAL },
};

static void what_loaders_would_import_call_or_read_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scan(cases[i].config);
		if (t_severity(cases[i].rule) != (int)cases[i].severity)
			print_message("%s\n", cases[i].config);
		assert_int_equal(t_severity(cases[i].rule),
				 (int)cases[i].severity);
		t_teardown(NULL);
	}
}

static void other_json_is_no_model(void **state)
{
	(void)state;
	assert_null(scan("{'model_type': 'bert', 'vocab_size': 3}")->primary);
	t_teardown(NULL);
	assert_null(scan("{'class_name': 3, 'config': {}}")->primary);
	t_teardown(NULL);
	assert_null(scan("{'class_name': 'a'")->primary);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("config.json",
			  PK_LIT("{\"class_name\":\"Lambda\",\"config\":{"
				 "\"function\":[\"" EVIL "\"]}}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(ordinary_models_are_silent),
		T_TEST(what_loaders_would_import_call_or_read_is_found),
		T_TEST(other_json_is_no_model),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
