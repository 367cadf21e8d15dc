/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define LFS                                                             \
	"version https://git-lfs.github.com/spec/v1\n"                  \
	"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5" \
	"e2ca24d17e2393\nsize 12345\n"
#define DVC \
	"outs:\n- md5: a304afb96060aad90176268345e10355\n  size: 7\n  path: m.pt\n"

static void a_pointer_is_never_clean(void **state)
{
	const struct pk_job *job = t_scan("m.safetensors", PK_LIT(LFS));

	(void)state;
	assert_int_equal(t_severity(PK_RULE_REPO_POINTER), PK_MEDIUM);
	assert_string_equal(job->primary->name, "pointer");
	assert_non_null(strstr(job->findings->message, "12345"));
	assert_false(t_finds(PK_RULE_FILE_UNRECOGNISED));
	t_scan("m.pt.dvc", PK_LIT(DVC));
	assert_int_equal(t_severity(PK_RULE_REPO_POINTER), PK_MEDIUM);
}

static void other_text_is_none(void **state)
{
	(void)state;
	assert_null(
		t_scan("README", PK_LIT("version https://git-lfs.github.com"
					"/spec/v1 is what a pointer says\n"))
			->primary);
	assert_null(t_scan("a.yaml", PK_LIT("outs:\n- a\n- b\n"))->primary);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m.pt", PK_LIT(LFS));
	t_survives_damage("m.dvc", PK_LIT(DVC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_pointer_is_never_clean),
		T_TEST(other_text_is_none),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
