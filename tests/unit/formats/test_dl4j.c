/* SPDX-License-Identifier: Apache-2.0 */
#include "zip_builder.h"

static struct pk_span model(const char *configuration)
{
	struct t_zip *z = z_new();

	z_add(z, (struct t_member){ .name = "configuration.json",
				    .data = z_text(configuration),
				    .method = 8 });
	z_add(z, (struct t_member){ .name = "coefficients.bin",
				    .data = PK_LIT("\0\5JAVAC") });
	return z_close(z);
}

static void its_own_classes_are_nothing(void **state)
{
	const struct pk_job *job = t_scan(
		"m.zip",
		model("{\"a\":[{\"@class\":\"org.nd4j.linalg.X\",\"b\":1}]}"));

	(void)state;
	assert_string_equal(job->primary->name, "dl4j");
	assert_int_equal(t_findings(), 0);
}

static void a_foreign_class_is_said(void **state)
{
	(void)state;
	t_scan("m.zip",
	       model("{\"a\":[{\"@cl\\u0061ss\":\"com.sun.rowset.X\"}]}"));
	assert_int_equal(t_severity(PK_RULE_DL4J_CLASS), PK_MEDIUM);
}

static void a_broken_configuration_is_not_clean(void **state)
{
	(void)state;
	t_scan("m.zip", model("{\"a\":"));
	assert_true(t_partial());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(its_own_classes_are_nothing),
		T_TEST(a_foreign_class_is_said),
		T_TEST(a_broken_configuration_is_not_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
