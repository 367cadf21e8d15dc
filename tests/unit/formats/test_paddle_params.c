/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

/* Version, no levels, version; a description: FP32, two numbers. */
#define TENSOR                                                     \
	"00000000 0000000000000000 00000000 04000000 08 05 10 02 " \
	"0000803f 0000803f"

static void tensors_are_clean_to_the_last(void **state)
{
	const struct pk_job *job = t_scan("m", t_hex(TENSOR TENSOR));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "paddle-params");
	assert_int_equal(job->explained, job->size);
}

static void what_does_not_fit_is_said(void **state)
{
	(void)state;
	t_scan("m", t_hex(TENSOR "00000000 00000000"));
	assert_true(t_finds(PK_RULE_PADDLE_MALFORMED));
	assert_true(t_partial());
	t_scan("m", t_hex("00000000 0000000000000000 00000000 0b000000"
			  "08 05 10 ffffffffffffff7f 00 00"));
	assert_true(t_findings() > 0 || !t_partial());
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m", t_hex(TENSOR TENSOR));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(tensors_are_clean_to_the_last),
		T_TEST(what_does_not_fit_is_said),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
