/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define NSPKG                                                      \
	"import sys, types, os;p = os.path.join(sys.path[0], 'a')" \
	"; m = types.ModuleType('a')\n"

static const struct pk_job *scan(const char *name, const char *text)
{
	return t_scan(name,
		      (struct pk_span){ (const uint8_t *)text, strlen(text) });
}

static void folders_are_clean(void **state)
{
	const struct pk_job *job =
		scan("easy-install.pth", "# remark\n\n./foo-1.0-py3.11.egg\n"
					 "/usr/lib/python3/dist-packages/x\n");

	(void)state;
	assert_string_equal(job->primary->name, "python-path-configuration");
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
}

static void lines_that_python_runs_are_low(void **state)
{
	(void)state;
	scan("a-nspkg.pth", NSPKG);
	assert_int_equal(t_severity(PK_RULE_PROGRAM_START_UP_LINE), PK_LOW);
	assert_int_equal(t_findings(), 1);
}

static void other_text_stays_unrecognised(void **state)
{
	(void)state;
	scan("model.pth", "this is not a model\n");
	assert_true(t_finds(PK_RULE_FILE_UNRECOGNISED));
	scan("model.pth", "version https://git.example/spec/v1\noid 1\n");
	assert_true(t_finds(PK_RULE_FILE_UNRECOGNISED));
	/* Its suffix is what it goes by for Python. */
	scan("model.pt", NSPKG);
	assert_true(t_finds(PK_RULE_FILE_UNRECOGNISED));
}

static void a_pickle_of_text_is_still_one(void **state)
{
	(void)state;
	scan("model.pth", "cposix\nsystem\n(S'echo'\ntR.");
	assert_int_equal(t_severity(PK_RULE_PICKLE_DANGEROUS_CALL),
			 PK_CRITICAL);
	/* One in which every line is a path, too. */
	scan("model.pth", "cposix\nsystem\n.");
	assert_non_null(t_import("posix", "system"));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("a.pth", PK_LIT("./a\n" NSPKG));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(folders_are_clean),
		T_TEST(lines_that_python_runs_are_low),
		T_TEST(other_text_stays_unrecognised),
		T_TEST(a_pickle_of_text_is_still_one),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
