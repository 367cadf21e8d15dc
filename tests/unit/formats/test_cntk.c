/* SPDX-License-Identifier: Apache-2.0 */
/* CNTK is no package of Debian's: these are built by field numbers. */
#include "support.h"

#define TEXT(key, text) "2{1\"" key "\" 2{1=1 2=6 8\"" text "\"}}"
#define MODEL(more)                              \
	"1=1 " TEXT("type", "CompositeFunction") \
		TEXT("uid", "f1") "2{1\"version\" 2{1=1 2=3 5=1}} " more
#define WITHIN(pairs) \
	"2{1\"primitive_functions\" 2{1=1 2=10 11{1{12{1=1 " pairs "}}}}}"

static void a_plain_model_is_clean(void **state)
{
	const struct pk_job *job =
		t_scan("m", t_pb(MODEL(WITHIN(TEXT("uid", "Times3")))));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "cntk");
	assert_int_equal(job->explained, job->size);
}

static void functions_in_python_are_said(void **state)
{
	(void)state;
	t_scan("m", t_pb(MODEL(WITHIN(TEXT("module", "my.layers")
					      TEXT("class", "Mine")))));
	assert_int_equal(t_severity(PK_RULE_CNTK_PYTHON_FUNCTION), PK_HIGH);
	t_scan("m", t_pb(MODEL(WITHIN(TEXT("class", "system")
					      TEXT("module", "os")))));
	assert_int_equal(t_severity(PK_RULE_CNTK_PYTHON_FUNCTION), PK_CRITICAL);
	t_scan("m", t_pb(MODEL(TEXT("native_user_function", "lib.so"))));
	assert_int_equal(t_severity(PK_RULE_CNTK_NATIVE_FUNCTION), PK_HIGH);
}

static void the_first_version_is_recognised(void **state)
{
	const struct pk_job *job = t_scan(
		"m.dnn", t_hex("42004300 4e000000 42005600 65007200 73006900"
			       "6f006e00 0000 01000000"));

	(void)state;
	assert_string_equal(job->primary->name, "cntk");
	assert_true(t_finds(PK_RULE_CNTK_NOT_ANALYSED));
}

static void a_damaged_model_is_no_clean_one(void **state)
{
	const struct pk_span whole = t_pb(MODEL(""));

	(void)state;
	t_scan("m", (struct pk_span){ whole.p, whole.len - 1 });
	assert_true(t_finds(PK_RULE_CNTK_MALFORMED));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m", t_pb(MODEL(WITHIN(TEXT("module", "os") TEXT(
				       "class", "system")))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_model_is_clean),
		T_TEST(functions_in_python_are_said),
		T_TEST(the_first_version_is_recognised),
		T_TEST(a_damaged_model_is_no_clean_one),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
