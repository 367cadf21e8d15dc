/* SPDX-License-Identifier: Apache-2.0 */
#include "hdf5_builder.h"

#define MODEL(layer)                                                        \
	"{\"class_name\": \"Sequential\", \"config\": {\"layers\": [" layer \
	"]}}"
#define DENSE "{\"class_name\": \"Dense\", \"config\": {\"units\": 1}}"
#define LAMBDA                                                     \
	"{\"class_name\": \"Lambda\", \"config\": {\"function\": " \
	"[\"4wAAAA==\", null, null]}}"

static const struct pk_job *scan(const char *attribute, const char *config)
{
	h5_begin(0);
	h5_attribute("keras_version", "2.4.0");
	h5_attribute(attribute, config);
	return t_scan("model.h5", h5_end());
}

static void a_model_of_built_in_layers_is_clean(void **state)
{
	const struct pk_job *job = scan("model_config", MODEL(DENSE));

	(void)state;
	assert_string_equal(job->primary->name, "keras-h5");
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
}

static void a_lambda_layer_is_found(void **state)
{
	(void)state;
	scan("model_config", MODEL(DENSE ", " LAMBDA));
	assert_int_equal(t_severity(PK_RULE_KERAS_LAMBDA), PK_HIGH);
}

static void losses_and_metrics_are_looked_at_too(void **state)
{
	(void)state;
	scan("training_config",
	     "{\"loss\": {\"class_name\": \"function\", \"config\": "
	     "\"system\", \"module\": \"os\"}}");
	assert_int_equal(t_severity(PK_RULE_KERAS_DANGEROUS_FUNCTION),
			 PK_CRITICAL);
}

static void a_configuration_that_is_no_json_is_not_clean(void **state)
{
	(void)state;
	scan("model_config", "{\"class_name\": ");
	assert_true(t_finds(PK_RULE_KERAS_MALFORMED));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	(void)state;
	h5_begin(0);
	h5_attribute("model_config", MODEL(LAMBDA));
	t_survives_damage("model.h5", h5_end());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_model_of_built_in_layers_is_clean),
		T_TEST(a_lambda_layer_is_found),
		T_TEST(losses_and_metrics_are_looked_at_too),
		T_TEST(a_configuration_that_is_no_json_is_not_clean),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
