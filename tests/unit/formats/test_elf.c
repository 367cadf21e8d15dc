/* SPDX-License-Identifier: Apache-2.0 */
#include "program_builder.h"
#include "support.h"

static struct pk_span library(void)
{
	return t_hex(ELF_LIBRARY);
}

static void a_program_of_its_own_is_no_model(void **state)
{
	const struct pk_job *job = t_scan("libfoo.so", library());

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_null(job->primary);
	assert_string_equal(job->reason, "a native program, no model");
}

static void one_under_a_models_name_is_said(void **state)
{
	(void)state;
	t_scan("model.onnx", library());
	assert_int_equal(t_severity(PK_RULE_PROGRAM_POSING), PK_HIGH);
}

static void big_endian_and_32_bits_are_read(void **state)
{
	(void)state;
	t_scan("a.pt", t_hex("7f454c46 01 02 01 00 0000000000000000"
			     "0002 0014 00000001 00000000 00000034 00000000"
			     "00000000 0034 0020 0001 0028 0000 0000"
			     "00000001 00000000 00000000 00000000 00000054"
			     "00000054 00000005 00001000"));
	assert_true(t_finds(PK_RULE_PROGRAM_POSING));
}

static void four_letters_are_no_program(void **state)
{
	(void)state;
	t_scan("model.safetensors",
	       t_hex("7f454c46 0201010000000000000000000000000000000000"));
	assert_false(t_finds(PK_RULE_PROGRAM_POSING));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("model.onnx", library());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_program_of_its_own_is_no_model),
		T_TEST(one_under_a_models_name_is_said),
		T_TEST(big_endian_and_32_bits_are_read),
		T_TEST(four_letters_are_no_program),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
