/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define MODEL(values)                                                 \
	"tree\nversion=v3\nnum_class=1\nobjective=binary sigmoid:1\n" \
	"tree_sizes=100\n\nTree=0\nnum_leaves=3\nnum_cat=0\n"         \
	"split_feature=1 2\nleft_child=1 -1\nright_child=-2 -3\n"     \
	"leaf_value=" values "\n\n\nend of trees\n\nparameters:\n"    \
	"[leaf_value: 1]\nend of parameters\n\npandas_categorical:null\n"

static const struct pk_job *scan(const char *text)
{
	return t_scan("m.txt",
		      (struct pk_span){ (const uint8_t *)text, strlen(text) });
}

static void a_model_is_clean(void **state)
{
	const struct pk_job *job = scan(MODEL("0.1 -0.2 1e-3"));

	(void)state;
	assert_string_equal(job->primary->name, "lightgbm");
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->explained, job->size);
}

static void a_list_that_is_too_long_is_said(void **state)
{
	(void)state;
	scan(MODEL("0.1 -0.2 1e-3 4 5"));
	assert_true(t_finds(PK_RULE_LIGHTGBM_MALFORMED));
	assert_true(t_partial());
}

static void other_text_is_no_model(void **state)
{
	(void)state;
	assert_null(scan("tree\nof life\n")->primary);
}

static void survives_damage(void **state)
{
	static const char text[] = MODEL("0.1 -0.2 1e-3");

	(void)state;
	t_survives_damage("m.txt", (struct pk_span){ (const uint8_t *)text,
						     sizeof(text) - 1 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_model_is_clean),
		T_TEST(a_list_that_is_too_long_is_said),
		T_TEST(other_text_is_no_model),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
