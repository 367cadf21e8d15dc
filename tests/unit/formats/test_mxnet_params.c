/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define HEAD "1201000000000000 0000000000000000 0100000000000000"
/* Dense, one dimension of two, on the processor, floats. */
#define ARRAY                                                            \
	"c9fa93f9 00000000 01000000 0200000000000000 01000000 00000000 " \
	"00000000 0000803f 0000803f"
#define NAMES "0100000000000000 0100000000000000 77"

static void parameters_are_clean_to_the_last(void **state)
{
	const struct pk_job *job = t_scan("m", t_hex(HEAD ARRAY NAMES));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "mxnet-params");
	assert_int_equal(job->explained, job->size);
}

static void forged_counts_are_survived(void **state)
{
	(void)state;
	t_scan("m", t_hex(HEAD ARRAY "ffffffffffffffff 0100000000000000 77"));
	assert_true(t_finds(PK_RULE_MXNET_MALFORMED));
	assert_true(t_partial());
	t_scan("m", t_hex(HEAD "c9fa93f9 00000000 02000000 ffffffffffffffff"
			       "ffffffffffffffff 01000000 00000000 00000000"));
	assert_true(t_finds(PK_RULE_MXNET_MALFORMED));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m", t_hex(HEAD ARRAY NAMES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(parameters_are_clean_to_the_last),
		T_TEST(forged_counts_are_survived),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
