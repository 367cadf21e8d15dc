/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define GRAPH(nodes)                                                 \
	"" nodes " 1{1\"x\" 2\"Placeholder\" 5{1\"dtype\" 2{6=1}}} " \
	"1{1\"y\" 2\"Relu\" 3\"x\"} 4{1=27}"

static void a_plain_graph_is_clean(void **state)
{
	const struct pk_job *job = t_scan("m", t_pb(GRAPH("")));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "tensorflow-graph");
	assert_int_equal(job->explained, job->size);
}

static void an_operator_that_reaches_out_is_said(void **state)
{
	(void)state;
	t_scan("m", t_pb(GRAPH("1{1\"r\" 2\"ReadFile\" 3\"x\"}")));
	assert_int_equal(t_severity(PK_RULE_TENSORFLOW_FILE_OPERATOR), PK_HIGH);
}

static void other_messages_are_left_alone(void **state)
{
	static const char *const others[] = {
		"1{1\"<unk>\" 2%00000000 3=2} 1{1\"a\" 2%00000000}",
		"1\"net\" 100{1\"a\" 2\"Input\" 4\"x\"}",
		"1{1=0 2=-1 3{1\"x\" 2{1=9}}}",
		"1=4 2=1 8\"w\" 9*16",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const struct pk_job *job = t_scan("m", t_pb(others[i]));

		assert_true(!job->primary || strcmp(job->primary->name,
						    "tensorflow-graph") != 0);
	}
}

static void the_text_form_is_read_too(void **state)
{
	const struct pk_job *job = t_scan(
		"graph.pbtxt",
		PK_LIT("# remark\nnode { name: \"x\" op: \"Placeholder\" }\n"
		       "node { name: 'r' op: 'Read\\106ile' input: 'x' }\n"
		       "versions { producer: 27 }\n"));

	(void)state;
	assert_int_equal(t_severity(PK_RULE_TENSORFLOW_FILE_OPERATOR), PK_HIGH);
	assert_string_equal(job->primary->name, "tensorflow-graph");
	/* Another program's text of such a look. */
	job = t_scan("g.pbtxt", PK_LIT("node { calculator: \"Pass\" }\n"));
	assert_null(job->primary);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m.pb",
			  t_pb(GRAPH("1{1\"r\" 2\"PyFunc\"} 2{1{3{2\"A\"}}}")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_graph_is_clean),
		T_TEST(an_operator_that_reaches_out_is_said),
		T_TEST(other_messages_are_left_alone),
		T_TEST(the_text_form_is_read_too),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
