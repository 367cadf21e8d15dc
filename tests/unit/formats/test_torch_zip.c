/* SPDX-License-Identifier: Apache-2.0 */
#include "zip_builder.h"

#define STATE_DICT PK_LIT("\x80\2ccollections\nOrderedDict\n)R.")
#define PAYLOAD    PK_LIT("\x80\2cos\nsystem\nX\2\0\0\0id\x85R.")

static void scan(const char *pickle_name, struct pk_span pickle,
		 const char *other)
{
	struct t_zip *z = z_new();

	z_add(z, (struct t_member){ .name = pickle_name, .data = pickle });
	z_add(z, (struct t_member){ .name = other, .data = PK_LIT("3\n") });
	t_scan("m.pt", z_close(z));
}

static void a_checkpoint_is_clean_and_named(void **state)
{
	struct t_zip *z = z_new();
	const struct pk_job *job;

	(void)state;
	z_add(z, (struct t_member){ .name = "m/data.pkl", .data = STATE_DICT });
	z_add(z, (struct t_member){ .name = "m/data/0",
				    .data = PK_LIT("\x80\2.raw tensor") });
	z_add(z,
	      (struct t_member){ .name = "m/version", .data = PK_LIT("3\n") });
	job = t_scan("m.pt", z_close(z));
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
	assert_string_equal(job->primary->name, "pytorch-zip");
}

static void a_payload_in_the_pickle_is_found(void **state)
{
	(void)state;
	scan("m/data.pkl", PAYLOAD, "m/version");
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void case_does_not_hide_the_pickle(void **state)
{
	(void)state;
	scan("m/DATA.PKL", PAYLOAD, "m/version");
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void a_member_outside_the_root_is_said_and_read(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "m/data.pkl", .data = STATE_DICT });
	z_add(z, (struct t_member){ .name = "x/y", .data = PAYLOAD });
	t_scan("m.pt", z_close(z));
	assert_true(t_finds(PK_RULE_TORCH_OUTSIDE_ROOT));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_checkpoint_is_clean_and_named),
		T_TEST(a_payload_in_the_pickle_is_found),
		T_TEST(case_does_not_hide_the_pickle),
		T_TEST(a_member_outside_the_root_is_said_and_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
