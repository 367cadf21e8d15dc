/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define MLFLOW(line)                                \
	"channels:\n- conda-forge\ndependencies:\n" \
	"- python=3.11.7\n- pip<=24\n- pip:\n"      \
	"  - mlflow==2.9\n  - " line "\nname: mlflow-env\n"

static void an_address_in_the_pip_section_is_said(void **state)
{
	const struct pk_job *job =
		t_scan("conda.yaml", PK_LIT(MLFLOW("git+https://a.example/b")));

	(void)state;
	assert_string_equal(job->primary->name, "conda-environment");
	assert_int_equal(t_severity(PK_RULE_REPO_REQUIREMENT), PK_LOW);
}

static void another_index_is_medium(void **state)
{
	(void)state;
	t_scan("conda.yaml",
	       PK_LIT(MLFLOW("--extra-index-url https://a.example/simple")));
	assert_int_equal(t_severity(PK_RULE_REPO_PACKAGE_INDEX), PK_MEDIUM);
	t_scan("conda.yaml", PK_LIT("channels: ['https://a.example/conda']\n"
				    "dependencies: [python]\n"));
	assert_int_equal(t_severity(PK_RULE_REPO_PACKAGE_INDEX), PK_MEDIUM);
	t_scan("python_env.yaml",
	       PK_LIT("python: 3.11\nbuild_dependencies: [pip]\n"
		      "dependencies: ['a @ https://a.example/a.whl']\n"));
	assert_int_equal(t_severity(PK_RULE_REPO_REQUIREMENT), PK_LOW);
}

static void an_ordinary_environment_is_no_model(void **state)
{
	(void)state;
	assert_null(
		t_scan("conda.yaml", PK_LIT(MLFLOW("torch==2.1")))->primary);
	assert_int_equal(t_findings(), 0);
	assert_null(t_scan("Chart.yaml",
			   PK_LIT("dependencies:\n- name: a\n"
				  "  repository: https://a.example/charts\n"))
			    ->primary);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("conda.yaml", PK_LIT(MLFLOW("git+https://a/b")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(an_address_in_the_pip_section_is_said),
		T_TEST(another_index_is_medium),
		T_TEST(an_ordinary_environment_is_no_model),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
