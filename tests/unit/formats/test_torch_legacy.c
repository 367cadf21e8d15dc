/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define B(s) ((struct pk_span){ (const uint8_t *)(s), sizeof(s) - 1 })

#define MAGIC   "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
#define VERSION "\x80\2M\xe9\3."
#define SYSTEM  "\x80\2}."
/* One float storage of a single element. */
#define OBJECT                                                      \
	"\x80\2(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0000" \
	"X\3\0\0\0cpuK\1NtQ."
#define KEYS    "\x80\2]X\1\0\0\0000a."
#define STORAGE "\1\0\0\0\0\0\0\0\0\0\x80\x3f"

static void a_clean_checkpoint_is_clean_to_its_last_byte(void **state)
{
	const struct pk_job *job =
		t_scan("m.pt", B(MAGIC VERSION SYSTEM OBJECT KEYS STORAGE));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
	assert_string_equal(job->primary->name, "pytorch-legacy");
	assert_int_equal(job->explained, job->size);
}

static void the_magic_number_itself_may_run_code(void **state)
{
	(void)state;
	t_scan("m.pt", B("\x80\2cos\nsystem\nX\2\0\0\0id\x85R0\x8a\x0a\x6c\xfc"
			 "\x9c\x46\xf9\x20\x6a\xa8\x50\x19." VERSION));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void the_fifth_pickle_is_read_too(void **state)
{
	(void)state;
	t_scan("m.pt", B(MAGIC VERSION SYSTEM OBJECT
			 "\x80\2cos\nsystem\nX\2\0\0\0id\x85R." STORAGE));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void missing_tensor_bytes_are_not_clean(void **state)
{
	(void)state;
	t_scan("m.pt", B(MAGIC VERSION SYSTEM OBJECT KEYS "\1\0"));
	assert_true(t_finds(PK_RULE_TORCH_STORAGE_SIZE));
	assert_true(t_partial());
}

static void bytes_behind_the_tensors_are_said(void **state)
{
	(void)state;
	t_scan("m.pt", B(MAGIC VERSION SYSTEM OBJECT KEYS STORAGE "hello you"));
	assert_true(t_finds(PK_RULE_FILE_UNEXPLAINED_BYTES));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m.pt", B(MAGIC VERSION SYSTEM OBJECT KEYS STORAGE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_clean_checkpoint_is_clean_to_its_last_byte),
		T_TEST(the_magic_number_itself_may_run_code),
		T_TEST(the_fifth_pickle_is_read_too),
		T_TEST(missing_tensor_bytes_are_not_clean),
		T_TEST(bytes_behind_the_tensors_are_said),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
