/* SPDX-License-Identifier: Apache-2.0 */
#include "zip_builder.h"

static void a_source_is_code(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "m/.data/extern_modules",
				    .data = PK_LIT("torch\n") });
	z_add(z, (struct t_member){ .name = "m/pkg/mod.py",
				    .data = PK_LIT("print('canary')\n") });
	t_scan("m.pt", z_close(z));
	assert_int_equal(t_severity(PK_RULE_TORCH_PACKAGE_SOURCE), PK_HIGH);
}

static const struct pk_job *scan_source(struct pk_span source)
{
	struct t_zip *z = z_new();

	z_add(z, (struct t_member){ .name = "m/.data/extern_modules",
				    .data = PK_LIT("torch\n") });
	z_add(z, (struct t_member){
			 .name = "m/pkg/mod.py", .data = source, .method = 8 });
	return t_scan("m.pt", z_close(z));
}

static void a_source_that_starts_programs_is_critical(void **state)
{
	(void)state;
	scan_source(PK_LIT("import os as o\no.system('echo canary')\n"));
	assert_int_equal(t_severity(PK_RULE_TORCH_PACKAGE_REACHES),
			 PK_CRITICAL);
	scan_source(PK_LIT("import os\np = os.path.join('a', 'b')\n"));
	assert_false(t_finds(PK_RULE_TORCH_PACKAGE_REACHES));
}

static void a_source_that_cannot_be_read_is_not_read_whole(void **state)
{
	(void)state;
	scan_source(PK_LIT("# coding: utf-7\nx = 1\n"));
	assert_true(t_partial());
}

static void a_function_that_a_persistent_id_calls_is_judged(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "m/.data/extern_modules",
				    .data = PK_LIT("torch\n") });
	z_add(z, (struct t_member){
			 .name = "m/model/model.pkl",
			 .data = PK_LIT("\x80\2(X\x0e\0\0\0reduce_packageK\0"
					"cos\nsystem\nX\2\0\0\0id\x85tQ.") });
	t_scan("m.pt", z_close(z));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_source_is_code),
		T_TEST(a_source_that_starts_programs_is_critical),
		T_TEST(a_source_that_cannot_be_read_is_not_read_whole),
		T_TEST(a_function_that_a_persistent_id_calls_is_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
