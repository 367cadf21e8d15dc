/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define PIECE(text) "1{1\"" text "\" 2%00000000 3=1}"
#define PIECES      PIECE("<unk>") PIECE("a") PIECE("import os")

static void a_plain_model_is_clean(void **state)
{
	const struct pk_job *job =
		t_scan("m", t_pb(PIECES "2{1\"/home/me/data.txt\"} 3{1\"nmt\" "
					"2\"\\x04\\x00\\x00\\x00abcdrest\"}"));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "sentencepiece");
	assert_int_equal(job->explained, job->size);
}

static void a_table_longer_than_its_field_is_said(void **state)
{
	(void)state;
	t_scan("m", t_pb(PIECES "3{2\"\\xff\\xff\\x00\\x00abcd\"}"));
	assert_true(t_finds(PK_RULE_SENTENCEPIECE_MALFORMED));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m", t_pb(PIECES "3{2\"\\x04\\x00\\x00\\x00abcd\"}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_model_is_clean),
		T_TEST(a_table_longer_than_its_field_is_said),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
