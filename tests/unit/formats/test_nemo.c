/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "support.h"

static uint8_t file[8192];
static size_t size;

static void add(const char *name, const char *data)
{
	uint8_t *h = file + size;
	unsigned sum = 0;

	(void)snprintf((char *)h, 100, "%s", name);
	(void)snprintf((char *)h + 100, 8, "0000644");
	(void)snprintf((char *)h + 124, 12, "%011o", (unsigned)strlen(data));
	h[156] = '0';
	memcpy(h + 257, "ustar\00000", 8);
	memset(h + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += h[i];
	(void)snprintf((char *)h + 148, 8, "%06o", sum);
	memcpy(h + 512, data, strlen(data));
	size += 512 + (strlen(data) + 511) / 512 * 512;
}

static const struct pk_job *scan(const char *yaml)
{
	memset(file, 0, sizeof(file));
	size = 0;
	add("./model_config.yaml", yaml);
	return t_scan("m.nemo", (struct pk_span){ file, size + 1024 });
}

static void a_model_of_its_own_classes_is_clean(void **state)
{
	const struct pk_job *job = scan(
		"target: nemo.collections.asr.models.EncDecCTCModel\n"
		"encoder:\n"
		"  _target_: nemo.collections.asr.modules.ConvASREncoder\n"
		"  cls: \"a.b\"\n"
		"optim:\n  name: adam\n  sched: {_target_: torch.optim.Adam}\n"
		"exp: {_target_: nemo.utils.exp_manager.ExpManager}\n"
		"labels: [os.system, \"__import__\"]\n");

	(void)state;
	assert_string_equal(job->primary->name, "nemo");
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
}

static void a_dangerous_target_is_critical(void **state)
{
	static const char *const cases[] = {
		"a: {_target_: os.system, command: id}\n",
		"a:\n- b:\n  - \"_target_\": \"subproc\\x65ss.run\"\n",
		"x: &y {_target_: builtins.eval}\nz: *y\n",
		"target: os.system\n",
		"a: 1\n---\nb: {_target_: posix.system}\n",
		"a: {_target_: torch.hub.load, repo: x}\n",
		"a: {_target_: nemo.os.system, repo: x}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scan(cases[i]);
		if (t_severity(PK_RULE_CONFIG_TARGET) != PK_CRITICAL)
			fail_msg("%s: %d", cases[i],
				 t_severity(PK_RULE_CONFIG_TARGET));
	}
}

static void other_targets_are_graded(void **state)
{
	(void)state;
	scan("a: {_target_: mypkg.Thing}\n");
	assert_int_equal(t_severity(PK_RULE_CONFIG_TARGET), PK_MEDIUM);
	scan("a: {_target_: \"${x}.system\"}\n");
	assert_int_equal(t_severity(PK_RULE_CONFIG_TARGET), PK_HIGH);
	scan("a: {_target_: nemo.core.ModelPT.restore_from, p: x}\n");
	assert_int_equal(t_severity(PK_RULE_CONFIG_TARGET), PK_HIGH);
}

static void a_tag_that_makes_an_object_is_judged(void **state)
{
	(void)state;
	scan("a: !!python/object/apply:os.system [id]\n");
	assert_int_equal(t_severity(PK_RULE_CONFIG_YAML_TAG), PK_CRITICAL);
	scan("a: !<tag:yaml.org,2002:python/name:builtins.eval> ''\n");
	assert_int_equal(t_severity(PK_RULE_CONFIG_YAML_TAG), PK_CRITICAL);
	scan("%TAG !x! tag:yaml.org,2002:python/\n---\n"
	     "a: !x!object/new:subprocess.Popen [id]\n");
	assert_int_equal(t_severity(PK_RULE_CONFIG_YAML_TAG), PK_CRITICAL);
	scan("a: !!python/tuple [1, 2]\nb: !!float 1\n");
	assert_false(t_finds(PK_RULE_CONFIG_YAML_TAG));
}

static void what_stands_before_a_mistake_counts(void **state)
{
	(void)state;
	scan("a: {_target_: os.system}\n---\nb: [\n");
	assert_true(t_finds(PK_RULE_CONFIG_TARGET));
	assert_true(t_finds(PK_RULE_CONFIG_MALFORMED));
	assert_true(t_partial());
}

static void a_tar_without_its_configuration_is_another(void **state)
{
	const struct pk_job *job;

	(void)state;
	memset(file, 0, sizeof(file));
	size = 0;
	add("a.txt", "b");
	job = t_scan("m.tar", (struct pk_span){ file, size + 1024 });
	assert_string_equal(job->primary->name, "tar");
}

static void survives_damage(void **state)
{
	(void)state;
	scan("a: {_target_: os.system}\nb: !!python/tuple [&c 1, *c]\n");
	t_survives_damage("m.nemo", (struct pk_span){ file, 640 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_model_of_its_own_classes_is_clean),
		T_TEST(a_dangerous_target_is_critical),
		T_TEST(other_targets_are_graded),
		T_TEST(a_tag_that_makes_an_object_is_judged),
		T_TEST(what_stands_before_a_mistake_counts),
		T_TEST(a_tar_without_its_configuration_is_another),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
