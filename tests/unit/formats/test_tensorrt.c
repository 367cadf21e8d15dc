/* SPDX-License-Identifier: Apache-2.0 */
#include "program_builder.h"
#include "support.h"

/* Of 64 bytes and what follows, as version 6 writes them; of the body only
 * the length is known. */
#define ENGINE                                                  \
	"66747274 00000000 01000000 00000000 4000000000000000 " \
	"0806010600000000" ZEROS_16 ZEROS_16

static void an_engine_is_opaque_and_no_more(void **state)
{
	const struct pk_job *job = t_scan("a.plan", t_hex(ENGINE));

	(void)state;
	assert_int_equal(t_findings(), 1);
	assert_int_equal(t_severity(PK_RULE_TENSORRT_OPAQUE_ENGINE), PK_LOW);
	assert_int_equal(job->explained, job->size);
}

static void metadata_in_front_is_passed_over(void **state)
{
	const struct pk_job *job =
		t_scan("a.engine", t_hex("02000000 7b7d" ENGINE));

	(void)state;
	assert_string_equal(job->primary->name, "tensorrt");
}

static void a_library_for_the_host_is_critical(void **state)
{
	(void)state;
	t_scan("a.plan", t_hex(ENGINE "414141" ELF_LIBRARY));
	assert_int_equal(t_severity(PK_RULE_TENSORRT_HOST_CODE), PK_CRITICAL);
	t_scan("a.plan", t_hex(ENGINE "41" PE_LIBRARY));
	assert_int_equal(t_severity(PK_RULE_TENSORRT_HOST_CODE), PK_CRITICAL);
}

static void code_for_the_gpu_is_normal(void **state)
{
	(void)state;
	t_scan("a.plan",
	       t_hex(ENGINE
		     "7f454c46 02 01 01 33 0700000000000000 0200 be00 01000000"
		     "0000000000000000 4000000000000000 0000000000000000"
		     "00000000 4000 3800 0100 4000 0000 0000"
		     "01000000 05000000 0000000000000000 0000000000000000"
		     "0000000000000000 7800000000000000 7800000000000000"
		     "0010000000000000"));
	assert_false(t_finds(PK_RULE_TENSORRT_HOST_CODE));
}

static void one_cut_short_is_said(void **state)
{
	struct pk_span e = t_hex(ENGINE);

	(void)state;
	t_scan("a.plan", (struct pk_span){ e.p, e.len - 1 });
	assert_true(t_finds(PK_RULE_TENSORRT_MALFORMED));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("a.plan", t_hex(ENGINE ELF_LIBRARY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(an_engine_is_opaque_and_no_more),
		T_TEST(metadata_in_front_is_passed_over),
		T_TEST(a_library_for_the_host_is_critical),
		T_TEST(code_for_the_gpu_is_normal),
		T_TEST(one_cut_short_is_said),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
