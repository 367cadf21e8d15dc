/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define HEAD                                                              \
	"ba164f2f 0b000000 02000000 00000000 00000000 00000000 00000000 " \
	"00000000 00000000 00000000 00000000 00000000 00000000 00000000 " \
	"0000000000000000"
/* one word, "the" */
#define WORDS                                          \
	"01000000 01000000 00000000 0100000000000000 " \
	"ffffffffffffffff 74686500 0100000000000000 00"
#define MATRIX "00 0100000000000000 0200000000000000 0000803f 00000040"
#define MODEL  HEAD WORDS MATRIX MATRIX

static void a_model_is_clean(void **state)
{
	const struct pk_job *job = t_scan("m.bin", t_hex(MODEL));

	(void)state;
	assert_string_equal(job->primary->name, "fasttext");
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->explained, job->size);
}

static void forged_counts_are_findings(void **state)
{
	(void)state;
	t_scan("m.bin", t_hex(HEAD "ffffff7f" WORDS));
	assert_true(t_finds(PK_RULE_FASTTEXT_MALFORMED));
	assert_true(t_partial());
	t_scan("m.bin",
	       t_hex(HEAD WORDS "00 ffffffffffffffff ffffffffffff0000"));
	assert_true(t_finds(PK_RULE_FASTTEXT_MALFORMED));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m.bin", t_hex(MODEL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_model_is_clean),
		T_TEST(forged_counts_are_findings),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
