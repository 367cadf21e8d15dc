/* SPDX-License-Identifier: Apache-2.0 */
#include "zip_builder.h"

static const struct pk_job *scan(const char *schema)
{
	struct t_zip *z = z_new();

	z_add(z, (struct t_member){ .name = "schema.json",
				    .data = z_text(schema),
				    .method = 8 });
	return t_scan("m.skops", z_close(z));
}

#define STR                                                   \
	"{\"__class__\":\"str\",\"__module__\":\"builtins\"," \
	"\"__loader__\":\"JsonNode\",\"content\":\"\\\"a\\\"\"}"
#define TREE                                                        \
	"{\"__class__\":\"DecisionTreeClassifier\","                \
	"\"__module__\":\"sklearn.tree._classes\","                 \
	"\"__loader__\":\"ObjectNode\",\"content\":{\"__class__\":" \
	"\"dict\",\"__module__\":\"builtins\",\"__loader__\":"      \
	"\"DictNode\",\"content\":{\"criterion\":" STR "},"         \
	"\"key_types\":[]},\"protocol\":2}"

static void a_model_of_scikit_learn_is_clean(void **state)
{
	const struct pk_job *job = scan(TREE);

	(void)state;
	assert_string_equal(job->primary->name, "skops");
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
}

static void a_dangerous_type_is_critical(void **state)
{
	(void)state;
	scan("{\"__class__\":\"system\",\"__module__\":\"os\","
	     "\"__loader__\":\"FunctionNode\"}");
	assert_int_equal(t_severity(PK_RULE_SKOPS_DANGEROUS), PK_CRITICAL);
	assert_non_null(t_import("os", "system"));
	scan("{\"a\":[{\"x\":{\"__class__\":\"ufunc\",\"__module__\":"
	     "\"numpy\",\"__loader__\":\"FunctionNode\",\"content\":"
	     "{\"module_path\":\"os\",\"function\":\"\\u0073ystem\"}}}]}");
	assert_int_equal(t_severity(PK_RULE_SKOPS_DANGEROUS), PK_CRITICAL);
}

static void a_type_that_nobody_knows_is_medium(void **state)
{
	(void)state;
	scan("{\"__class__\":\"Thing\",\"__module__\":\"mypkg\","
	     "\"__loader__\":\"ObjectNode\"}");
	assert_int_equal(t_severity(PK_RULE_SKOPS_TYPE), PK_MEDIUM);
}

static void an_operator_that_calls_is_critical(void **state)
{
	(void)state;
	scan("{\"__class__\":\"call\",\"__module__\":\"operator\","
	     "\"__loader__\":\"OperatorFuncNode\",\"attrs\":" STR "}");
	assert_int_equal(t_severity(PK_RULE_SKOPS_OPERATOR), PK_CRITICAL);
	scan("{\"__class__\":\"itemgetter\",\"__module__\":\"operator\","
	     "\"__loader__\":\"OperatorFuncNode\",\"attrs\":" STR "}");
	assert_int_equal(t_severity(PK_RULE_SKOPS_OPERATOR), PK_LOW);
}

static void a_method_of_another_class_is_high(void **state)
{
	(void)state;
	scan("{\"__class__\":\"Pipeline\",\"__module__\":\"sklearn.pipeline\","
	     "\"__loader__\":\"MethodNode\",\"content\":{\"func\":\"fit\","
	     "\"obj\":{\"__class__\":\"Other\",\"__module__\":\"mypkg\","
	     "\"__loader__\":\"ObjectNode\"}}}");
	assert_int_equal(t_severity(PK_RULE_SKOPS_METHOD), PK_HIGH);
	scan("{\"__class__\":\"Pipeline\",\"__module__\":\"sklearn.pipeline\","
	     "\"__loader__\":\"MethodNode\",\"content\":{\"func\":"
	     "\"__globals__\",\"obj\":" TREE "}}");
	assert_int_equal(t_severity(PK_RULE_SKOPS_METHOD), PK_CRITICAL);
}

static void a_name_that_stands_twice_is_said(void **state)
{
	(void)state;
	scan("{\"__class__\":\"system\",\"__class__\":\"str\","
	     "\"__module__\":\"os\",\"__loader__\":\"ObjectNode\"}");
	assert_true(t_finds(PK_RULE_SKOPS_MALFORMED));
}

static void a_broken_schema_is_not_clean(void **state)
{
	(void)state;
	scan("{\"__class__\":\"Thing\",\"__loader__\":");
	assert_true(t_finds(PK_RULE_SKOPS_MALFORMED));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z,
	      (struct t_member){ .name = "schema.json", .data = z_text(TREE) });
	t_survives_damage("m.skops", z_close(z));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_model_of_scikit_learn_is_clean),
		T_TEST(a_dangerous_type_is_critical),
		T_TEST(a_type_that_nobody_knows_is_medium),
		T_TEST(an_operator_that_calls_is_critical),
		T_TEST(a_method_of_another_class_is_high),
		T_TEST(a_name_that_stands_twice_is_said),
		T_TEST(a_broken_schema_is_not_clean),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
