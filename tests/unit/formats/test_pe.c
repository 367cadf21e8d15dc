/* SPDX-License-Identifier: Apache-2.0 */
#include "program_builder.h"
#include "support.h"

static void a_library_under_a_models_name_is_said(void **state)
{
	(void)state;
	t_scan("model.gguf", t_hex(PE_LIBRARY));
	assert_int_equal(t_severity(PK_RULE_PROGRAM_POSING), PK_HIGH);
	t_scan("setup.exe", t_hex(PE_LIBRARY));
	assert_int_equal(t_findings(), 0);
}

static void two_letters_are_no_program(void **state)
{
	(void)state;
	t_scan("model.gguf", t_hex("4d5a" ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16));
	assert_false(t_finds(PK_RULE_PROGRAM_POSING));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("model.gguf", t_hex(PE_LIBRARY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_library_under_a_models_name_is_said),
		T_TEST(two_letters_are_no_program),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
