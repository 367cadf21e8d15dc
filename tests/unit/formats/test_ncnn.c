/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define PLAIN                        \
	"7767517\n2 2\n"             \
	"Input  data 0 1 data 0=4\n" \
	"ReLU   relu 1 1 data out\n"

static void a_plain_network_is_clean(void **state)
{
	const struct pk_job *job = t_scan("a.param", PK_LIT(PLAIN));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "ncnn");
	assert_int_equal(job->explained, job->size);
}

static void fewer_layers_than_said_are_refused(void **state)
{
	(void)state;
	t_scan("a.param", PK_LIT("7767517\n99 2\nInput data 0 1 data\n"));
	assert_true(t_finds(PK_RULE_NCNN_MALFORMED));
}

static void a_number_alone_is_none(void **state)
{
	(void)state;
	assert_null(t_scan("a.txt", PK_LIT("7767517\nis a number\n"))->primary);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("a.param", PK_LIT(PLAIN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_network_is_clean),
		T_TEST(fewer_layers_than_said_are_refused),
		T_TEST(a_number_alone_is_none),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
