/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "policy/policy.h"

static struct pk_format pickle = { .name = "pickle", .risk = PK_RISK_CODE };
static struct pk_format tensors = { .name = "tensors" };

/* What a policy, with a threshold or not, does with such a file. */
static enum pk_action act(const char *policy, const char *fail_on,
			  enum pk_verdict verdict, int worst,
			  struct pk_format *format)
{
	struct pk_policy p = *pk_policy_builtin(policy);
	struct pk_result r = { .verdict = verdict };

	r.job.worst = worst;
	r.job.formats[0] = format;
	r.job.format_count = format ? 1 : 0;
	if (fail_on)
		pk_policy_fail_on(&p, pk_threshold_by_name(fail_on));
	pk_policy_apply(&p, &r);
	assert_int_equal(r.action == PK_ACTION_BLOCK, r.action_why != NULL);
	return r.action;
}

static void standard_blocks_what_is_bad_or_unread(void **state)
{
	(void)state;
	assert_int_equal(
		act("standard", NULL, PK_MALICIOUS, PK_CRITICAL, &pickle),
		PK_ACTION_BLOCK);
	assert_int_equal(act("standard", NULL, PK_SUSPICIOUS, PK_HIGH, NULL),
			 PK_ACTION_BLOCK);
	assert_int_equal(act("standard", NULL, PK_ERROR, -1, &tensors),
			 PK_ACTION_BLOCK);
	assert_int_equal(act("standard", NULL, PK_UNKNOWN, PK_MEDIUM, &pickle),
			 PK_ACTION_WARN);
	assert_int_equal(act("standard", NULL, PK_CLEAN, PK_LOW, &pickle),
			 PK_ACTION_PASS);
	assert_int_equal(act("standard", NULL, PK_SKIPPED, -1, NULL),
			 PK_ACTION_SKIP);
}

static void strict_admits_no_format_that_carries_code(void **state)
{
	(void)state;
	assert_int_equal(act("strict", NULL, PK_CLEAN, -1, &pickle),
			 PK_ACTION_BLOCK);
	assert_int_equal(act("strict", NULL, PK_CLEAN, PK_LOW, &tensors),
			 PK_ACTION_PASS);
	assert_int_equal(act("strict", NULL, PK_UNKNOWN, PK_MEDIUM, &tensors),
			 PK_ACTION_BLOCK);
	assert_int_equal(act("strict", NULL, PK_ERROR, -1, &tensors),
			 PK_ACTION_BLOCK);
	assert_int_equal(act("strict", NULL, PK_SKIPPED, -1, NULL),
			 PK_ACTION_SKIP);
}

static void warn_blocks_nothing(void **state)
{
	(void)state;
	assert_int_equal(act("warn", NULL, PK_MALICIOUS, PK_CRITICAL, &pickle),
			 PK_ACTION_WARN);
	assert_int_equal(act("warn", NULL, PK_ERROR, -1, &pickle),
			 PK_ACTION_WARN);
	assert_int_equal(
		act("strict", "never", PK_MALICIOUS, PK_CRITICAL, &pickle),
		PK_ACTION_WARN);
}

static void a_threshold_replaces_the_policys(void **state)
{
	(void)state;
	assert_int_equal(
		act("standard", "critical", PK_SUSPICIOUS, PK_HIGH, &pickle),
		PK_ACTION_WARN);
	assert_int_equal(act("standard", "critical", PK_ERROR, -1, &pickle),
			 PK_ACTION_BLOCK);
	assert_int_equal(act("standard", "low", PK_CLEAN, PK_LOW, &pickle),
			 PK_ACTION_BLOCK);
	assert_int_equal(act("warn", "medium", PK_UNKNOWN, PK_MEDIUM, &pickle),
			 PK_ACTION_BLOCK);
}

static void names_that_do_not_exist_are_refused(void **state)
{
	(void)state;
	assert_null(pk_policy_builtin("Strict"));
	assert_int_equal(pk_threshold_by_name("info"), -1);
	assert_int_equal(pk_threshold_by_name("never"), PK_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standard_blocks_what_is_bad_or_unread),
		cmocka_unit_test(strict_admits_no_format_that_carries_code),
		cmocka_unit_test(warn_blocks_nothing),
		cmocka_unit_test(a_threshold_replaces_the_policys),
		cmocka_unit_test(names_that_do_not_exist_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
