/* SPDX-License-Identifier: Apache-2.0 */
/* PaddlePaddle is no package of Debian's: these are built by field numbers. */
#include "support.h"

#define OP(type, more) \
	"4{1{1\"X\" 2\"x\"} 2{1\"Out\" 2\"y\"} 3\"" type "\" " more "}"
#define PROGRAM(ops)                                                           \
	"1{1=0 2=-1 3{1\"x\" 2{1=7} 3=0} 3{1\"y\" 2{1=7}} " OP("relu", "") ops \
		"} 4{1=2000000}"

static void scan(const char *text)
{
	t_scan("m.pdmodel", t_pb(text));
}

static void a_plain_program_is_clean(void **state)
{
	const struct pk_job *job = t_scan("m", t_pb(PROGRAM("")));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "paddle");
	assert_int_equal(job->explained, job->size);
}

static void operators_that_reach_out_are_said(void **state)
{
	(void)state;
	scan(PROGRAM(OP("py_func", "")));
	assert_int_equal(t_severity(PK_RULE_PADDLE_PYTHON_OPERATOR), PK_HIGH);
	scan(PROGRAM("") "1{1=1 2=0 " OP("py_func", "") "}");
	assert_int_equal(t_severity(PK_RULE_PADDLE_PYTHON_OPERATOR), PK_HIGH);
	scan(PROGRAM(OP("send", "4{1\"endpoints\" 2=5 8\"10.0.0.1:80\"}")));
	assert_int_equal(t_severity(PK_RULE_PADDLE_NETWORK_OPERATOR), PK_HIGH);
	scan(PROGRAM(OP("load", "4{1\"file_path\" 2=2 5\"w\"}")));
	assert_int_equal(t_severity(PK_RULE_PADDLE_FILE_OPERATOR), PK_MEDIUM);
	scan(PROGRAM(OP("save", "4{1\"file_path\" 2=2 5\"/etc/x\"}")));
	assert_int_equal(t_severity(PK_RULE_PADDLE_FILE_OPERATOR), PK_HIGH);
	scan(PROGRAM(OP("tensorrt_engine", "")));
	assert_int_equal(t_severity(PK_RULE_PADDLE_ENGINE), PK_LOW);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage(
		"m.pdmodel",
		t_pb(PROGRAM(OP("save", "4{1\"file_path\" 2=2 5\"/etc/x\"}"))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_program_is_clean),
		T_TEST(operators_that_reach_out_are_said),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
