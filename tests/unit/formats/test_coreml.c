/* SPDX-License-Identifier: Apache-2.0 */
/* coremltools is no package of Debian's: these are built by field numbers. */
#include "support.h"

#define MODEL(kind) "1=5 2{1{1\"x\" 3{5{}}} 10{1\"y\"} 100{3\"me\"}} " kind
#define NETWORK(layers) \
	MODEL("500{ 1{1\"conv\" 2\"x\" 3\"y\" 100{1=1}} " layers "}")
#define CUSTOM "1{1\"c\" 500{10\"Evil\" 40\"a layer\"}}"

static void scan(const char *text)
{
	t_scan("m.mlmodel", t_pb(text));
}

static void a_plain_model_is_clean(void **state)
{
	const struct pk_job *job = t_scan("m", t_pb(NETWORK("")));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "coreml");
	assert_int_equal(job->explained, job->size);
}

static void classes_of_the_host_are_said_wherever_they_stand(void **state)
{
	static const char *const places[] = {
		NETWORK(CUSTOM),
		NETWORK("1{1\"b\" 605{2{" CUSTOM "}}}"),
		NETWORK("1{1\"l\" 615{4{" CUSTOM "}}}"),
		MODEL("403{" CUSTOM "}"),
		MODEL("555{10\"Evil\"}"),
		MODEL("202{1{" NETWORK(CUSTOM) "}}"),
		MODEL("200{1{1{" MODEL("555{10\"Evil\"}") "}}}"),
		"500{" CUSTOM "} 2{1{1\"x\"}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		scan(places[i]);
		assert_int_equal(t_severity(PK_RULE_COREML_CUSTOM_CLASS),
				 PK_HIGH);
	}
}

static void paths_are_checked(void **state)
{
#define WEIGHTS(path)                                                \
	MODEL("502{1=1 2{1\"main\" 2{3{1\"CoreML6\" 2{3{1\"const\" " \
	      "5{1\"val\" 2{5{1\"" path "\" 2=64}}}}}}}}}")
	(void)state;
	scan(WEIGHTS("@model_path/weights/weight.bin"));
	assert_int_equal(t_findings(), 0);
	scan(WEIGHTS("@model_path/../../secret"));
	assert_int_equal(t_severity(PK_RULE_COREML_EXTERNAL_PATH), PK_HIGH);
	scan(WEIGHTS("/etc/passwd"));
	assert_int_equal(t_severity(PK_RULE_COREML_EXTERNAL_PATH), PK_HIGH);
	scan(MODEL("556{1{1{1\"other\"} 2{1\"$BUNDLE_MAIN:/tmp\"}}}"));
	assert_int_equal(t_severity(PK_RULE_COREML_EXTERNAL_PATH), PK_HIGH);
	scan(MODEL("556{1{1{1\"other\"} 2{1\"$BUNDLE_MAIN\"}}}"));
	assert_int_equal(t_severity(PK_RULE_COREML_EXTERNAL_PATH), -1);
	assert_int_equal(t_severity(PK_RULE_COREML_LINKED_MODEL), PK_LOW);
}

static void a_damaged_model_is_no_clean_one(void **state)
{
	const struct pk_span whole = t_pb(NETWORK(CUSTOM));
	const struct pk_job *job =
		t_scan("m", (struct pk_span){ whole.p, whole.len - 2 });

	(void)state;
	assert_true(t_finds(PK_RULE_COREML_MALFORMED));
	assert_true(job->facts & PK_FACT_REFUSED);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m.mlmodel", t_pb(NETWORK(CUSTOM)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_model_is_clean),
		T_TEST(classes_of_the_host_are_said_wherever_they_stand),
		T_TEST(paths_are_checked),
		T_TEST(a_damaged_model_is_no_clean_one),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
