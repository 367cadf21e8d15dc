/* SPDX-License-Identifier: Apache-2.0 */
#include "program_builder.h"
#include "support.h"

static void a_library_under_a_models_name_is_said(void **state)
{
	(void)state;
	t_scan("model.keras", t_hex(MACHO_LIBRARY));
	assert_int_equal(t_severity(PK_RULE_PROGRAM_POSING), PK_HIGH);
}

static void a_fat_file_is_read(void **state)
{
	(void)state;
	t_scan("model.keras",
	       t_hex("cafebabe 00000001 01000007 00000003 0000001c 00000068"
		     "00000002" MACHO_LIBRARY));
	assert_true(t_finds(PK_RULE_PROGRAM_POSING));
}

static void a_java_class_is_none(void **state)
{
	(void)state;
	t_scan("model.keras", t_hex("cafebabe 00000034" ZEROS_16 ZEROS_16));
	assert_false(t_finds(PK_RULE_PROGRAM_POSING));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("model.keras", t_hex(MACHO_LIBRARY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_library_under_a_models_name_is_said),
		T_TEST(a_fat_file_is_read),
		T_TEST(a_java_class_is_none),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
