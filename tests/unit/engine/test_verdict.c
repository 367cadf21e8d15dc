/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "engine/verdict.h"

static const struct pk_format some_format;

/* worst finding, partial, facts, known format */
static enum pk_verdict of(int worst, bool partial, unsigned facts, bool known)
{
	const struct pk_job job = { .worst = worst,
				    .partial = partial,
				    .facts = facts,
				    .primary = known ? &some_format : NULL };

	return pk_verdict(&job);
}

static void the_worst_finding_decides(void **state)
{
	(void)state;
	assert_int_equal(of(PK_CRITICAL, false, 0, true), PK_MALICIOUS);
	assert_int_equal(of(PK_HIGH, false, 0, true), PK_SUSPICIOUS);
	assert_int_equal(of(PK_MEDIUM, false, 0, true), PK_UNKNOWN);
	assert_int_equal(of(PK_LOW, false, 0, true), PK_CLEAN);
	assert_int_equal(of(-1, false, 0, true), PK_CLEAN);
}

static void what_was_not_read_is_never_clean(void **state)
{
	(void)state;
	assert_int_equal(of(-1, true, 0, true), PK_ERROR);
	assert_int_equal(of(-1, true, 0, false), PK_ERROR);
	assert_int_equal(of(PK_MEDIUM, true, 0, true), PK_ERROR);
	assert_int_equal(of(-1, false, PK_FACT_REFUSED, true), PK_ERROR);
}

static void an_error_never_hides_malware(void **state)
{
	(void)state;
	assert_int_equal(of(PK_CRITICAL, true, 0, true), PK_MALICIOUS);
	assert_int_equal(of(PK_HIGH, true, PK_FACT_REFUSED, false),
			 PK_SUSPICIOUS);
}

static void what_fits_no_format_is_skipped(void **state)
{
	(void)state;
	assert_int_equal(of(-1, false, 0, false), PK_SKIPPED);
	assert_int_equal(of(PK_MEDIUM, false, 0, false), PK_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worst_finding_decides),
		cmocka_unit_test(what_was_not_read_is_never_clean),
		cmocka_unit_test(an_error_never_hides_malware),
		cmocka_unit_test(what_fits_no_format_is_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
