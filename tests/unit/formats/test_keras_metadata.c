/* SPDX-License-Identifier: Apache-2.0 */
#include "lambdas.h"
#include "support.h"

#define LAYER(config)                                             \
	"1{2=1 3\"root.layer-0\" 4\"_tf_keras_layer\" 5\"" config \
	"\" 6{1=1 2=1}}"
#define DENSE "{\\\"class_name\\\": \\\"Dense\\\", \\\"config\\\": {}}"

static void plain_layers_are_clean(void **state)
{
	const struct pk_job *job =
		t_scan("keras_metadata.pb", t_pb(LAYER(DENSE) LAYER(DENSE)));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "keras-metadata");
	assert_int_equal(job->explained, job->size);
}

/* As Keras 2 writes it into SavedModels: a tuple, spelled out. */
#define LAMBDA(code)                                                              \
	"{\\\"class_name\\\": \\\"Lambda\\\", \\\"config\\\": {\\\"name\\\": "    \
	"\\\"l\\\", \\\"function\\\": {\\\"class_name\\\": \\\"__tuple__\\\", "   \
	"\\\"items\\\": [\\\"" code "\\\\n\\\", null, null]}, "                   \
	"\\\"function_type\\\": \\\"lambda\\\", \\\"module\\\": \\\"__main__\\\"" \
	"}}"

static void a_lambda_layer_is_code_by_value(void **state)
{
	(void)state;
	t_scan("keras_metadata.pb",
	       t_pb(LAYER(DENSE) LAYER(LAMBDA(T_LAMBDA_PLAIN))));
	assert_int_equal(t_severity(PK_RULE_KERAS_LAMBDA), PK_HIGH);
	t_scan("keras_metadata.pb",
	       t_pb(LAYER(DENSE) LAYER(LAMBDA(T_LAMBDA_EVIL))));
	assert_int_equal(t_severity(PK_RULE_KERAS_LAMBDA), PK_CRITICAL);
}

/* Before there was keras_metadata.pb it stood in the object graph. */
static void so_it_is_in_an_old_saved_model(void **state)
{
	(void)state;
	t_scan("saved_model.pb",
	       t_pb("1=1 2{1{4\"serve\"} 2{1{1\"x\" 2\"Placeholder\"}} "
		    "7{1{4{1\"_tf_keras_layer\" 2{1=1} 3\"" LAMBDA(
			    T_LAMBDA_EVIL) "\"}}}}"));
	assert_int_equal(t_severity(PK_RULE_KERAS_LAMBDA), PK_CRITICAL);
}

static void a_damaged_file_is_no_clean_one(void **state)
{
	const struct pk_span whole = t_pb(LAYER(DENSE) LAYER(DENSE));

	(void)state;
	t_scan("m", (struct pk_span){ whole.p, whole.len - 2 });
	assert_true(t_finds(PK_RULE_TENSORFLOW_MALFORMED));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m", t_pb(LAYER(DENSE)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(plain_layers_are_clean),
		T_TEST(a_lambda_layer_is_code_by_value),
		T_TEST(so_it_is_in_an_old_saved_model),
		T_TEST(a_damaged_file_is_no_clean_one),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
