/* SPDX-License-Identifier: Apache-2.0 */
#include "program_builder.h"
#include "support.h"

#define HEADER(len) "524b4e4e00000000 0100000000000000 " len
#define PLAIN                      \
	HEADER("0400000000000000") \
	"01020304 "                \
	"0200000000000000 7b7d"

static void a_plain_model_is_clean(void **state)
{
	const struct pk_job *job = t_scan("a.rknn", t_hex(PLAIN));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "rknn");
	assert_int_equal(job->explained, job->size);
}

static void a_length_beyond_the_end_is_refused(void **state)
{
	(void)state;
	t_scan("a.rknn", t_hex(HEADER("ffffffffffffffff") "01020304"));
	assert_true(t_finds(PK_RULE_RKNN_MALFORMED));
	assert_true(t_partial());
}

static void a_library_in_it_is_critical(void **state)
{
	(void)state;
	t_scan("a.rknn", t_hex(HEADER("7800000000000000") ELF_LIBRARY));
	assert_int_equal(t_severity(PK_RULE_PROGRAM_IN_MODEL), PK_CRITICAL);
}

static void an_encrypted_one_is_said(void **state)
{
	(void)state;
	t_scan("a.rknn", t_hex("4359505452 4b4e4e" ZEROS_16 ZEROS_16));
	assert_true(t_finds(PK_RULE_RKNN_ENCRYPTED));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("a.rknn", t_hex(PLAIN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_model_is_clean),
		T_TEST(a_length_beyond_the_end_is_refused),
		T_TEST(a_library_in_it_is_critical),
		T_TEST(an_encrypted_one_is_said),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
