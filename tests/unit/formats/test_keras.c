/* SPDX-License-Identifier: Apache-2.0 */
#include "zip_builder.h"

#define DENSE                                                        \
	"{\"module\": \"keras.layers\", \"class_name\": \"Dense\", " \
	"\"config\": {\"units\": 1}, \"registered_name\": null}"
#define OS                                                    \
	"{\"module\": \"os\", \"class_name\": \"function\", " \
	"\"config\": \"system\", \"registered_name\": \"function\"}"

static struct t_zip *archive(struct pk_span config)
{
	struct t_zip *z = z_new();

	z_add(z, (struct t_member){ .name = "metadata.json",
				    .data = PK_LIT("{\"keras_version\": "
						   "\"3.3.3\"}") });
	z_add(z, (struct t_member){ .name = "config.json", .data = config });
	return z;
}

static void an_archive_of_built_in_layers_is_clean(void **state)
{
	const struct pk_job *job =
		t_scan("model.keras", z_close(archive(PK_LIT(DENSE))));

	(void)state;
	assert_string_equal(job->primary->name, "keras");
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
}

static void the_configuration_is_judged(void **state)
{
	(void)state;
	t_scan("model.keras", z_close(archive(PK_LIT(OS))));
	assert_int_equal(t_severity(PK_RULE_KERAS_DANGEROUS_FUNCTION),
			 PK_CRITICAL);
}

static void each_of_two_configurations_is_judged(void **state)
{
	struct t_zip *z = archive(PK_LIT(OS));

	(void)state;
	z_add(z, (struct t_member){ .name = "config.json",
				    .data = PK_LIT(DENSE) });
	t_scan("model.keras", z_close(z));
	assert_int_equal(t_severity(PK_RULE_KERAS_DANGEROUS_FUNCTION),
			 PK_CRITICAL);
}

static void pickles_beside_it_are_judged(void **state)
{
	struct t_zip *z = archive(PK_LIT(DENSE));

	(void)state;
	z_add(z, (struct t_member){
			 .name = "assets/custom_objects.pkl",
			 .data = PK_LIT("cos\nsystem\n(S'echo'\ntR.") });
	t_scan("model.keras", z_close(z));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(an_archive_of_built_in_layers_is_clean),
		T_TEST(the_configuration_is_judged),
		T_TEST(each_of_two_configurations_is_judged),
		T_TEST(pickles_beside_it_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
