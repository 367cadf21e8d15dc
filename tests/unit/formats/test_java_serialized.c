/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define HEAD "aced0005 "
/* An object of weka.A with an int, and a string field that is a reference. */
#define MODEL                                                    \
	HEAD "73 72 0006 77656b612e41 0000000000000001 02 0002 " \
	     "49 0001 61 4c 0001 62 74 0012 "                    \
	     "4c6a6176612f6c616e672f537472696e673b "             \
	     "78 70 00000007 74 0002 6869"

static void a_model_is_low(void **state)
{
	const struct pk_job *job = t_scan("m.model", t_hex(MODEL));

	(void)state;
	assert_string_equal(job->primary->name, "java-serialized");
	assert_int_equal(job->worst, PK_LOW);
	assert_int_equal(job->explained, job->size);
	assert_false(t_partial());
}

static void a_gadget_is_critical(void **state)
{
	(void)state;
	/* an array of bsh.X within an annotation */
	t_scan("m.model", t_hex(HEAD "75 72 0009 5b4c6273682e583b3b "
				     "0000000000000001 02 0000 78 70 "
				     "00000001 70"));
	assert_int_equal(t_severity(PK_RULE_JAVA_GADGET), PK_CRITICAL);
}

static void a_stranger_is_medium(void **state)
{
	(void)state;
	t_scan("m.model", t_hex(HEAD "73 72 0005 612e622e43 "
				     "0000000000000001 02 0000 78 70"));
	assert_int_equal(t_severity(PK_RULE_JAVA_CLASS), PK_MEDIUM);
}

static void forged_counts_are_findings(void **state)
{
	(void)state;
	t_scan("m.model", t_hex(HEAD "75 72 0002 5b4a 0000000000000001 02 "
				     "0000 78 70 7fffffff"));
	assert_true(t_finds(PK_RULE_JAVA_MALFORMED));
	assert_true(t_partial());
	t_scan("m.model", t_hex(HEAD "71 007e0009"));
	assert_true(t_finds(PK_RULE_JAVA_MALFORMED));
}

static void deep_nesting_ends(void **state)
{
	static uint8_t deep[200000];
	const struct pk_span head = t_hex(HEAD "76");

	(void)state;
	memset(deep, 0x7e, sizeof(deep));
	memcpy(deep, head.p, head.len);
	for (size_t i = 4; i < sizeof(deep); i += 2)
		memcpy(deep + i, "\x7e\x70", 2);
	t_scan("m.model", (struct pk_span){ deep, sizeof(deep) });
	assert_true(t_finds(PK_RULE_JAVA_MALFORMED));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m.model", t_hex(MODEL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_model_is_low),
		T_TEST(a_gadget_is_critical),
		T_TEST(a_stranger_is_medium),
		T_TEST(forged_counts_are_findings),
		T_TEST(deep_nesting_ends),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
