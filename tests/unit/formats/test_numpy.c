/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define B(s) ((struct pk_span){ (const uint8_t *)(s), sizeof(s) - 1 })

#define HEADER_F8 "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }"
#define HEADER_O  "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
#define HEADER_DEEP                                              \
	"{'descr': [('a', '<i4'), ('b', [('c', '|O')], (2,))], " \
	"'fortran_order': False, 'shape': (1,), }"

static void an_array_of_numbers_is_clean(void **state)
{
	const struct pk_job *job =
		t_scan("a.npy", B("\x93NUMPY\1\0\x39\0" HEADER_F8 "12345678"));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->explained, job->size);
	assert_string_equal(job->primary->name, "numpy");
}

static void an_object_array_is_a_pickle(void **state)
{
	(void)state;
	t_scan("a.npy", B("\x93NUMPY\1\0\x37\0" HEADER_O
			  "\x80\2cos\nsystem\nX\2\0\0\0id\x85R."));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void an_object_deep_in_the_fields_is_seen(void **state)
{
	(void)state;
	t_scan("a.npy", B("\x93NUMPY\2\0\x5e\0\0\0" HEADER_DEEP
			  "\x80\2cos\nsystem\nX\2\0\0\0id\x85R."));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void a_header_in_another_spelling_is_not_clean(void **state)
{
	(void)state;
	t_scan("a.npy", B("\x93NUMPY\1\0\x1d\0{'descr': 'O'  # a comment  \n}"
			  "\x80\2cos\nsystem\nX\2\0\0\0id\x85R."));
	assert_true(t_finds(PK_RULE_NUMPY_MALFORMED));
	assert_true(t_partial());
}

static void an_array_longer_than_the_file_is_not_clean(void **state)
{
	(void)state;
	t_scan("a.npy", B("\x93NUMPY\1\0\x39\0" HEADER_F8 "1234"));
	assert_true(t_finds(PK_RULE_NUMPY_MALFORMED));
	assert_true(t_partial());
}

static void bytes_behind_the_array_are_said(void **state)
{
	(void)state;
	t_scan("a.npy", B("\x93NUMPY\1\0\x39\0" HEADER_F8 "12345678 and more"));
	assert_true(t_finds(PK_RULE_FILE_UNEXPLAINED_BYTES));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("a.npy",
			  B("\x93NUMPY\2\0\x5e\0\0\0" HEADER_DEEP "\x80\2N."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(an_array_of_numbers_is_clean),
		T_TEST(an_object_array_is_a_pickle),
		T_TEST(an_object_deep_in_the_fields_is_seen),
		T_TEST(a_header_in_another_spelling_is_not_clean),
		T_TEST(an_array_longer_than_the_file_is_not_clean),
		T_TEST(bytes_behind_the_array_are_said),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
