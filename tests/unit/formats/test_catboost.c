/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

/* A root table whose first field is a text. */
#define CORE                                                          \
	"0c000000 0600 0800 0400 0000" /* root, vtable */             \
	"08000000 04000000"            /* table: its vtable, field */ \
	"02000000 76310000"
#define MODEL "43424d31 1c000000 " CORE

static void a_model_is_clean(void **state)
{
	const struct pk_job *job = t_scan("m.cbm", t_hex(MODEL));

	(void)state;
	assert_string_equal(job->primary->name, "catboost");
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->explained, job->size);
	t_scan("m.cbm", t_hex(MODEL "01000000 02000000 aabb"));
	assert_int_equal(t_findings(), 0);
}

static void forged_sizes_are_findings(void **state)
{
	(void)state;
	t_scan("m.cbm", t_hex("43424d31 ffffffff " CORE));
	assert_true(t_finds(PK_RULE_CATBOOST_MALFORMED));
	assert_true(t_partial());
	t_scan("m.cbm", t_hex(MODEL "ffffffff 02000000 aabb"));
	assert_true(t_finds(PK_RULE_CATBOOST_MALFORMED));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m.cbm", t_hex(MODEL "01000000 02000000 aabb"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_model_is_clean),
		T_TEST(forged_sizes_are_findings),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
