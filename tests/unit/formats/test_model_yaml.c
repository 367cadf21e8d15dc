/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define B(s) PK_LIT(s)

static const struct pk_job *scan(struct pk_span text)
{
	return t_scan("MLmodel", text);
}

static void an_ordinary_mlflow_model_is_clean(void **state)
{
	const struct pk_job *job = scan(B("artifact_path: model\n"
					  "flavors:\n"
					  "  python_function:\n"
					  "    loader_module: mlflow.sklearn\n"
					  "    model_path: model.pkl\n"
					  "  sklearn:\n"
					  "    code: null\n"
					  "    pickled_model: model.pkl\n"
					  "mlflow_version: 2.13.0\n"));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "model-yaml");
}

static void python_tags_are_judged(void **state)
{
	(void)state;
	scan(B("a: !!python/object/apply:os.system [echo]\n"));
	assert_int_equal(t_severity(PK_RULE_CONFIG_YAML_TAG), PK_CRITICAL);
	scan(B("%TAG !p! tag:yaml.org,2002:python/\n---\n"
	       "a: !p!object/apply:os.system [echo]\n"));
	assert_int_equal(t_severity(PK_RULE_CONFIG_YAML_TAG), PK_CRITICAL);
	scan(B("!<tag:yaml.org,2002:python/name:os.system> ''\n"));
	assert_int_equal(t_severity(PK_RULE_CONFIG_YAML_TAG), PK_CRITICAL);
	scan(B("a: 1\n---\n!!python/object/apply:os.system [x]\n--- [\n"));
	assert_int_equal(t_severity(PK_RULE_CONFIG_YAML_TAG), PK_CRITICAL);
	assert_true(t_partial());
}

static void modules_and_code_are_said(void **state)
{
	(void)state;
	scan(B("flavors: {python_function: {loader_module: evil}}\n"));
	assert_int_equal(t_severity(PK_RULE_REPO_LOADER_MODULE), PK_HIGH);
	scan(B("flavors: {python_function: {loader_module: mlflow.pyfunc, "
	       "code: code}}\n"));
	assert_int_equal(t_severity(PK_RULE_REPO_CODE_PATH), PK_MEDIUM);
	scan(B("flavors: {python_function: {loader_module: mlflow.pyfunc, "
	       "model_code_path: m.py}}\n"));
	assert_true(t_finds(PK_RULE_REPO_REMOTE_CODE));
	scan(B("model:\n  _target_: subprocess.run\n  args: [ls]\n"));
	assert_int_equal(t_severity(PK_RULE_CONFIG_TARGET), PK_CRITICAL);
	scan(B("flavors:\n  sklearn:\n    pickled_model: ../../x.pkl\n"));
	assert_int_equal(t_severity(PK_RULE_REPO_PATH), PK_HIGH);
}

static void ordinary_hydra_is_not_blocked(void **state)
{
	(void)state;
	scan(B("optimizer:\n  _target_: torch.optim.Adam\n  lr: 0.001\n"));
	assert_int_equal(t_findings(), 0);
	scan(B("model:\n  _target_: src.models.net.Net\n"));
	assert_int_equal(t_severity(PK_RULE_CONFIG_TARGET), PK_MEDIUM);
}

static void other_text_is_none_of_ours(void **state)
{
	static const char *const texts[] = {
		"name: build\non: push\njobs:\n  a:\n    code: x\n",
		"# Title\n\nUse: `_target_`. It is: this.\n",
		"---\nlicense: mit\ntags:\n- x\n---\n# Model\n: a\n",
		"import os\nos.system('x')\n",
		"type: os.system\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_null(scan((struct pk_span){ (const uint8_t *)texts[i],
						   strlen(texts[i]) })
				    ->primary);
		assert_int_equal(t_findings(), 0);
	}
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("x.yaml",
			  B("a: &x !!python/tuple [1]\nflavors: {p: *x}\n"
			    "loader_module: mlflow\n_target_: a.b\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(an_ordinary_mlflow_model_is_clean),
		T_TEST(python_tags_are_judged),
		T_TEST(modules_and_code_are_said),
		T_TEST(ordinary_hydra_is_not_blocked),
		T_TEST(other_text_is_none_of_ours),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
