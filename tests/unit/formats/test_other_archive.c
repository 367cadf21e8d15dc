/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

static void what_is_not_read_is_never_clean(void **state)
{
	static uint8_t iso[40000];

	(void)state;
	t_scan("a.rar", PK_LIT("Rar!\x1a\x07\x01\0 and so on"));
	assert_true(t_finds(PK_RULE_ARCHIVE_NOT_ANALYSED));
	assert_true(t_partial());
	memcpy(iso + 32769, "CD001", 5);
	t_scan("a.iso", (struct pk_span){ iso, sizeof(iso) });
	assert_true(t_finds(PK_RULE_ARCHIVE_NOT_ANALYSED));
	t_scan("a", PK_LIT("\x1f\x9d\x90 and so on"));
	assert_true(t_finds(PK_RULE_ARCHIVE_NOT_ANALYSED));
}

static void text_and_numbers_are_none_of_these(void **state)
{
	(void)state;
	t_scan("a.txt", PK_LIT("070701 is a number, no archive; there are "
			       "many such numbers in this world of ours"));
	assert_int_equal(t_findings(), 0);
	t_scan("a.txt", PK_LIT("Rare!"));
	assert_int_equal(t_findings(), 0);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("a", PK_LIT("hsqsfoo"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(what_is_not_read_is_never_clean),
		T_TEST(text_and_numbers_are_none_of_these),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
