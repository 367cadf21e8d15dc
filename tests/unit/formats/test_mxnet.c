/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define SYMBOL(nodes)                                                           \
	"{\"nodes\": [{\"op\": \"null\", \"name\": \"data\", \"inputs\": []}, " \
	"{\"op\": \"FullyConnected\", \"name\": \"fc\", \"attrs\": "            \
	"{\"num_hidden\": \"1\"}, \"inputs\": [[0, 0, 0]]}" nodes               \
	"], \"arg_nodes\": [0], \"heads\": [[1, 0, 0]]}\n"

static const struct pk_job *scan(const char *text)
{
	return t_scan("m-symbol.json",
		      (struct pk_span){ (const uint8_t *)text, strlen(text) });
}

static void a_plain_symbol_is_clean(void **state)
{
	const struct pk_job *job = scan(SYMBOL(""));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "mxnet");
}

static void operators_that_reach_out_are_said(void **state)
{
	(void)state;
	scan(SYMBOL(",{\"op\": \"_Native\", \"name\": \"n\", \"attrs\": "
		    "{\"info\": \"0x4141\"}}"));
	assert_int_equal(t_severity(PK_RULE_MXNET_RAW_POINTER), PK_CRITICAL);
	scan(SYMBOL(",{\"op\": \"Custom\", \"name\": \"n\", \"attrs\": "
		    "{\"op_type\": \"mine\"}}"));
	assert_int_equal(t_severity(PK_RULE_MXNET_HOST_CALLABLE), PK_MEDIUM);
	scan(SYMBOL(",{\"op\": \"x\", \"name\": \"n\", \"param\": "
		    "{\"library\": \"lib/evil.so\"}}"));
	assert_int_equal(t_severity(PK_RULE_MXNET_LIBRARY), PK_HIGH);
	/* In a subgraph; a key spelled with an escape; the first of two. */
	scan(SYMBOL(",{\"op\": \"_foreach\", \"name\": \"n\", \"subgraphs\": "
		    "[{\"nodes\": [{\"\\u006fp\": \"_NDArray\"}]}]}"));
	assert_int_equal(t_severity(PK_RULE_MXNET_RAW_POINTER), PK_CRITICAL);
	scan(SYMBOL(",{\"op\": \"_Native\", \"op\": \"relu\"}"));
	assert_int_equal(t_severity(PK_RULE_MXNET_RAW_POINTER), PK_CRITICAL);
}

static void other_json_is_left_alone(void **state)
{
	(void)state;
	assert_null(scan("{\"nodes\": [1, 2]}")->primary);
	assert_null(scan("{\"name\": \"op\"}")->primary);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m", PK_LIT(SYMBOL(",{\"op\": \"_Native\"}")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_symbol_is_clean),
		T_TEST(operators_that_reach_out_are_said),
		T_TEST(other_json_is_left_alone),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
