/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

/* A root table without fields. */
#define PLAIN                                 \
	"45444c32 00000000 1000000000000000 " \
	"08000000 04000400 04000000 00000000"

static void a_plain_model_is_clean(void **state)
{
	const struct pk_job *job = t_scan("a.espdl", t_hex(PLAIN));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "esp-dl");
	assert_int_equal(job->explained, job->size);
}

static void what_is_cut_or_encrypted_is_said(void **state)
{
	(void)state;
	t_scan("a.espdl", t_hex("45444c32 00000000 ff00000000000000 00000000"));
	assert_true(t_finds(PK_RULE_ESPDL_MALFORMED));
	t_scan("a.espdl", t_hex("45444c32 01000000 0400000000000000 00000000"));
	assert_true(t_finds(PK_RULE_ESPDL_ENCRYPTED));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("a.espdl", t_hex(PLAIN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_model_is_clean),
		T_TEST(what_is_cut_or_encrypted_is_said),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
