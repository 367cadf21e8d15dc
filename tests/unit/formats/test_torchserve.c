/* SPDX-License-Identifier: Apache-2.0 */
#include "zip_builder.h"

static struct t_zip *archive(const char *manifest, const char *handler)
{
	struct t_zip *z = z_new();

	z_add(z, (struct t_member){ .name = "MAR-INF/MANIFEST.json",
				    .data = z_text(manifest) });
	z_add(z, (struct t_member){ .name = "handler.py",
				    .data = z_text(handler),
				    .method = 8 });
	return z;
}

#define MANIFEST(handler)                                         \
	"{\"runtime\":\"python\",\"model\":{\"modelName\":\"a\"," \
	"\"handler\":\"" handler "\",\"serializedFile\":\"model.pt\"}}"
#define HARMLESS "import os\nP = os.path.join('a', 'b')\n"

static void a_handler_of_its_own_is_medium(void **state)
{
	const struct pk_job *job = t_scan(
		"m.mar", z_close(archive(MANIFEST("handler.py"), HARMLESS)));

	(void)state;
	assert_string_equal(job->primary->name, "torchserve");
	assert_int_equal(t_severity(PK_RULE_TORCHSERVE_HANDLER), PK_MEDIUM);
	assert_int_equal(job->worst, PK_MEDIUM);
	assert_false(t_partial());
}

static void a_handler_of_the_server_is_nothing(void **state)
{
	const struct pk_job *job = t_scan(
		"m.mar",
		z_close(archive(MANIFEST("image_classifier"), HARMLESS)));

	(void)state;
	assert_int_equal(job->worst, -1);
}

static void a_handler_without_a_suffix_is_a_module(void **state)
{
	(void)state;
	t_scan("m.mar", z_close(archive(MANIFEST("handler"), HARMLESS)));
	assert_int_equal(t_severity(PK_RULE_TORCHSERVE_HANDLER), PK_MEDIUM);
}

static void a_source_that_starts_programs_is_critical(void **state)
{
	(void)state;
	t_scan("m.mar",
	       z_close(archive(
		       MANIFEST("handler.py:serve"),
		       "from subprocess import run as r\nr(['id'])\n")));
	assert_int_equal(t_severity(PK_RULE_TORCHSERVE_REACHES), PK_CRITICAL);
}

static void a_path_that_leads_elsewhere_is_high(void **state)
{
	(void)state;
	t_scan("m.mar",
	       z_close(archive(MANIFEST("../../x/handler.py"), HARMLESS)));
	assert_int_equal(t_severity(PK_RULE_TORCHSERVE_PATH), PK_HIGH);
}

static void requirements_from_elsewhere_are_said(void **state)
{
	struct t_zip *z = archive(MANIFEST("handler.py"), HARMLESS);

	(void)state;
	z_add(z, (struct t_member){
			 .name = "requirements.txt",
			 .data = PK_LIT("numpy==1.24\n# git+https\n"
					"--index-url http://host/simple\n") });
	t_scan("m.mar", z_close(z));
	assert_true(t_finds(PK_RULE_TORCHSERVE_REQUIREMENTS));
	z = archive(MANIFEST("handler.py"), HARMLESS);
	z_add(z, (struct t_member){ .name = "requirements.txt",
				    .data = PK_LIT("numpy==1.24\n") });
	t_scan("m.mar", z_close(z));
	assert_false(t_finds(PK_RULE_TORCHSERVE_REQUIREMENTS));
}

static void a_tag_in_its_yaml_is_critical(void **state)
{
	struct t_zip *z = archive(MANIFEST("handler.py"), HARMLESS);

	(void)state;
	z_add(z, (struct t_member){
			 .name = "model-config.yaml",
			 .data = PK_LIT("a: !!javax.script.ScriptEngineManager "
					"[!!java.net.URLClassLoader []]\n") });
	t_scan("m.mar", z_close(z));
	assert_int_equal(t_severity(PK_RULE_CONFIG_YAML_TAG), PK_CRITICAL);
}

static void a_broken_manifest_is_not_clean(void **state)
{
	(void)state;
	t_scan("m.mar", z_close(archive("{\"model\":", HARMLESS)));
	assert_true(t_finds(PK_RULE_TORCHSERVE_MALFORMED));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m.mar",
			  z_close(archive(MANIFEST("handler.py"), HARMLESS)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_handler_of_its_own_is_medium),
		T_TEST(a_handler_of_the_server_is_nothing),
		T_TEST(a_handler_without_a_suffix_is_a_module),
		T_TEST(a_source_that_starts_programs_is_critical),
		T_TEST(a_path_that_leads_elsewhere_is_high),
		T_TEST(requirements_from_elsewhere_are_said),
		T_TEST(a_tag_in_its_yaml_is_critical),
		T_TEST(a_broken_manifest_is_not_clean),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
