/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define V1 "03000000 562031" /* "V 1" */
/* A table { [1] = a double tensor of two }. */
#define TENSOR                                                                \
	"03000000 01000000 01000000" /* table 1, one pair */                  \
	"01000000 000000000000f03f"  /* 1.0 */                                \
	"04000000 02000000 " V1                                               \
	"12000000 746f7263682e446f75626c6554656e736f72" /* DoubleTensor */    \
	"01000000 0200000000000000 0100000000000000 0100000000000000"         \
	"04000000 03000000 " V1                                               \
	"13000000 746f7263682e446f75626c6553746f72616765" /* DoubleStorage */ \
	"0200000000000000 0000000000000000 0000000000000000"

static void a_tensor_is_clean(void **state)
{
	const struct pk_job *job = t_scan("m.t7", t_hex(TENSOR));

	(void)state;
	assert_string_equal(job->primary->name, "torch7");
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->explained, job->size);
	assert_false(t_partial());
}

static void a_function_is_code(void **state)
{
	(void)state;
	/* function 1, 8 bytes of LuaJIT, no upvalues */
	t_scan("m.t7",
	       t_hex("08000000 01000000 08000000 1b4c4a0100000000 00000000"));
	assert_int_equal(t_severity(PK_RULE_TORCH7_FUNCTION), PK_HIGH);
	/* the old kind, within a table */
	t_scan("m.t7", t_hex("03000000 01000000 01000000"
			     "01000000 000000000000f03f"
			     "06000000 08000000 1b4c4a0100000000 00000000"));
	assert_int_equal(t_severity(PK_RULE_TORCH7_FUNCTION), PK_HIGH);
}

static void a_function_that_names_a_shell_is_critical(void **state)
{
	(void)state;
	/* LuaJIT: 7 + 5 stands before "execute" */
	t_scan("m.t7", t_hex("08000000 01000000 0d000000"
			     "1b4c4a0100 0c65786563757465 00000000"));
	assert_int_equal(t_severity(PK_RULE_TORCH7_FUNCTION), PK_CRITICAL);
	/* Lua 5.1: length with its NUL */
	t_scan("m.t7", t_hex("08000000 01000000 16000000"
			     "1b4c756151 04 0800000000000000 6578656375746500"
			     "00000000"));
	assert_int_equal(t_severity(PK_RULE_TORCH7_FUNCTION), PK_CRITICAL);
}

static void text_mode_is_read_too(void **state)
{
	static const char clean[] =
		"4\n1\n3\nV 1\n13\nnn.Sequential\n3\n2\n1\n2\n4\nname\n5\n1\n";
	static const char code[] =
		"3\n1\n1\n2\n1\na\n6\n16\nos.execute('x') \n0\n";
	const struct pk_job *job =
		t_scan("m.t7", (struct pk_span){ (const uint8_t *)clean,
						 sizeof(clean) - 1 });

	(void)state;
	assert_string_equal(job->primary->name, "torch7");
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->explained, job->size);
	t_scan("m.t7",
	       (struct pk_span){ (const uint8_t *)code, sizeof(code) - 1 });
	assert_int_equal(t_severity(PK_RULE_TORCH7_FUNCTION), PK_CRITICAL);
}

static void numbers_in_a_text_are_no_objects(void **state)
{
	static const char list[] = "3\n1\n4\n1\n5\n9\n2\n6\n";
	const struct pk_job *job =
		t_scan("pi.txt", (struct pk_span){ (const uint8_t *)list,
						   sizeof(list) - 1 });

	(void)state;
	assert_null(job->primary);
}

static void a_foreign_class_is_told(void **state)
{
	(void)state;
	t_scan("m.t7",
	       t_hex("04000000 01000000 " V1 "05000000 612e422e43 00000000"));
	assert_int_equal(t_severity(PK_RULE_TORCH7_CLASS), PK_LOW);
}

static void a_forged_count_is_a_finding(void **state)
{
	(void)state;
	t_scan("m.t7", t_hex("04000000 01000000 " V1
			     "13000000 746f7263682e446f75626c6553746f72616765"
			     "ffffffffffffff0f"));
	assert_true(t_finds(PK_RULE_TORCH7_MALFORMED));
	assert_true(t_partial());
	t_scan("m.t7", t_hex("04000000 01000000 " V1
			     "05000000 6e6e2e4142 03000000 02000000 ffffff7f"));
	assert_true(t_finds(PK_RULE_TORCH7_MALFORMED));
}

static void survives_damage(void **state)
{
	static const char text[] =
		"4\n1\n3\nV 1\n18\ntorch.DoubleTensor\n1\n2\n1\n1\n4\n2\n3\n"
		"V 1\n19\ntorch.DoubleStorage\n2\n1.5 2\n";

	(void)state;
	t_survives_damage("m.t7", t_hex(TENSOR));
	t_survives_damage("m.t7", (struct pk_span){ (const uint8_t *)text,
						    sizeof(text) - 1 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_tensor_is_clean),
		T_TEST(a_function_is_code),
		T_TEST(a_function_that_names_a_shell_is_critical),
		T_TEST(text_mode_is_read_too),
		T_TEST(numbers_in_a_text_are_no_objects),
		T_TEST(a_foreign_class_is_told),
		T_TEST(a_forged_count_is_a_finding),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
