/* SPDX-License-Identifier: Apache-2.0 */
#include "zip_builder.h"

#define HEADER_F8 "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }"
#define HEADER_O  "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"

static const struct pk_job *scan(struct pk_span array, const char *name)
{
	struct t_zip *z = z_new();

	z_add(z, (struct t_member){ .name = name, .data = array, .method = 8 });
	return t_scan("a.npz", z_close(z));
}

static void arrays_of_numbers_are_clean(void **state)
{
	const struct pk_job *job = scan(
		PK_LIT("\x93NUMPY\1\0\x39\0" HEADER_F8 "12345678"), "x.npy");

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "numpy-npz");
}

static void an_object_array_is_found_whatever_its_name(void **state)
{
	(void)state;
	scan(PK_LIT("\x93NUMPY\1\0\x37\0" HEADER_O
		    "\x80\2cos\nsystem\nX\2\0\0\0id\x85R."),
	     "picture.png");
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(arrays_of_numbers_are_clean),
		T_TEST(an_object_array_is_found_whatever_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
