/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

static void a_script_of_its_own_is_no_model(void **state)
{
	(void)state;
	assert_string_equal(
		t_scan("run", PK_LIT("#!/bin/sh\necho hi\n"))->reason,
		"a script, no model");
	assert_int_equal(t_findings(), 0);
	assert_string_equal(
		t_scan("run.bat", PK_LIT("@Echo Off\r\necho hi\r\n"))->reason,
		"a script, no model");
}

static void one_under_a_models_name_is_said(void **state)
{
	(void)state;
	t_scan("model.pkl", PK_LIT("#!/usr/bin/env python3\nprint(1)\n"));
	assert_int_equal(t_severity(PK_RULE_PROGRAM_POSING), PK_HIGH);
}

static void prose_is_no_script(void **state)
{
	(void)state;
	assert_string_equal(t_scan("a.txt", PK_LIT("#! this is odd\n"))->reason,
			    "plain text, no model");
	assert_string_equal(
		t_scan("a.md", PK_LIT("# Title\n#!/bin/sh\n"))->reason,
		"plain text, no model");
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("a.pt", PK_LIT("#!/bin/sh\necho\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_script_of_its_own_is_no_model),
		T_TEST(one_under_a_models_name_is_said),
		T_TEST(prose_is_no_script),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
