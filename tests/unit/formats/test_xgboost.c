/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

static const struct pk_job *scan_text(const char *text)
{
	return t_scan("m.json",
		      (struct pk_span){ (const uint8_t *)text, strlen(text) });
}

#define JSON(left, right)                                                   \
	"{\"learner\":{\"attributes\":{},\"gradient_booster\":{\"model\":"  \
	"{\"trees\":[{\"left_children\":" left ",\"right_children\":" right \
	",\"tree_param\":{\"num_nodes\":\"3\"}}]}}},\"version\":[1,6,2]}"

static void a_model_in_json_is_clean(void **state)
{
	const struct pk_job *job = scan_text(JSON("[1,-1,-1]", "[2,-1,-1]"));

	(void)state;
	assert_string_equal(job->primary->name, "xgboost");
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->explained, job->size);
}

static void a_child_outside_its_tree_is_said(void **state)
{
	(void)state;
	scan_text(JSON("[7,-1,-1]", "[2,-1,-1]"));
	assert_true(t_finds(PK_RULE_XGBOOST_TREE));
	scan_text(JSON("[1,-1,-1]", "[2,-1]"));
	assert_true(t_finds(PK_RULE_XGBOOST_TREE));
	assert_true(t_partial());
}

static void other_json_is_another_format(void **state)
{
	const struct pk_job *job = scan_text("{\"a\": {\"learner\": 1}}");

	(void)state;
	assert_true(!job->primary ||
		    strcmp(job->primary->name, "xgboost") != 0);
}

/* {"learner":{"left_children":[$l#L 2 | 1, -1]}} */
#define UBJ(child)                                           \
	"7b 4c 0000000000000007 6c6561726e6572 7b"           \
	"4c 000000000000000d 6c6566745f6368696c6472656e"     \
	"5b 24 6c 23 4c 0000000000000002 " child " ffffffff" \
	"4c 0000000000000001 61 5b 23 69 02 5a 53 69 01 62 7d 7d"

static void a_model_in_ubjson_is_clean(void **state)
{
	const struct pk_job *job = t_scan("m.ubj", t_hex(UBJ("00000001")));

	(void)state;
	assert_string_equal(job->primary->name, "xgboost");
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->explained, job->size);
	t_scan("m.ubj", t_hex(UBJ("00000009")));
	assert_true(t_finds(PK_RULE_XGBOOST_TREE));
}

static void forged_counts_are_findings(void **state)
{
	(void)state;
	t_scan("m.ubj", t_hex("7b 4c 0000000000000007 6c6561726e6572 7b"
			      "4c 0000000000000001 61"
			      "5b 24 6c 23 4c 7fffffffffffffff"));
	assert_true(t_finds(PK_RULE_XGBOOST_MALFORMED));
	assert_true(t_partial());
	t_scan("m.ubj", t_hex("7b 4c 0000000000000007 6c6561726e6572 7b"
			      "4c 0000000000000001 61"
			      "5b 24 5a 23 4c 7fffffffffffffff"));
	assert_true(t_finds(PK_RULE_XGBOOST_MALFORMED));
}

static struct pk_span binary(uint32_t child)
{
	static uint8_t b[1024];
	size_t n = 136;

	memset(b, 0, sizeof(b));
	b[3] = 0x3f;
	b[n] = 10;
	memcpy(b + n + 8, "reg:linear", 10);
	n += 18;
	b[n] = 6;
	memcpy(b + n + 8, "gbtree", 6);
	n += 14;
	b[n] = 1; /* tree */
	n += 160;
	b[n + 4] = 1; /* node */
	n += 148;
	memcpy(b + n + 4, &child, 4);
	memset(b + n + 8, 0xff, 4);
	n += 20 + 16 + 4;
	return (struct pk_span){ b, n };
}

static void a_model_in_binary_is_clean(void **state)
{
	const struct pk_job *job = t_scan("m.model", binary(UINT32_MAX));

	(void)state;
	assert_string_equal(job->primary->name, "xgboost");
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->explained, job->size);
	t_scan("m.model", binary(5));
	assert_true(t_finds(PK_RULE_XGBOOST_TREE));
}

static void survives_damage(void **state)
{
	static const char json[] = JSON("[1,-1,-1]", "[2,-1,-1]");

	(void)state;
	t_survives_damage("m.ubj", t_hex(UBJ("00000001")));
	t_survives_damage("m.model", binary(UINT32_MAX));
	t_survives_damage("m.json", (struct pk_span){ (const uint8_t *)json,
						      sizeof(json) - 1 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_model_in_json_is_clean),
		T_TEST(a_child_outside_its_tree_is_said),
		T_TEST(other_json_is_another_format),
		T_TEST(a_model_in_ubjson_is_clean),
		T_TEST(forged_counts_are_findings),
		T_TEST(a_model_in_binary_is_clean),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
