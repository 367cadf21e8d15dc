/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

static void a_whisper_model_is_known_and_low(void **state)
{
	const struct pk_job *job = t_scan(
		"ggml-tiny.bin", t_hex("6c6d6767 0a000000 800c0000 08000000 "
				       "02000000 01000000 10000000 00000000"));

	(void)state;
	assert_string_equal(job->primary->name, "ggml");
	assert_int_equal(t_findings(), 1);
	assert_int_equal(t_severity(PK_RULE_GGUF_LEGACY), PK_LOW);
	assert_false(t_partial());
}

static void a_version_is_wanted_where_there_is_one(void **state)
{
	(void)state;
	assert_non_null(t_scan("a", t_hex("746a6767 03000000 007d0000 00100000 "
					  "00010000 20000000 20000000"))
				->primary);
	t_teardown(NULL);
	assert_null(t_scan("a", t_hex("746a6767 ff000000 007d0000 00100000 "
				      "00010000 20000000 20000000"))
			    ->primary);
}

static void prose_about_it_is_not_one(void **state)
{
	static const char text[] = "GGML is a tensor library for machine "
				   "learning.\n";

	(void)state;
	assert_null(t_scan("README", (struct pk_span){ (const uint8_t *)text,
						       sizeof(text) - 1 })
			    ->primary);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("a", t_hex("746a6767 03000000 007d0000 00100000 "
				     "00010000 20000000 20000000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_whisper_model_is_known_and_low),
		T_TEST(a_version_is_wanted_where_there_is_one),
		T_TEST(prose_about_it_is_not_one),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
