/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/dotted.h"
#include "support.h"

static void steps_come_one_after_the_other(void **state)
{
	struct pk_span name = PK_LIT("os.path.join");
	struct pk_span step;

	(void)state;
	assert_true(pk_dotted_next(&name, &step));
	assert_true(pk_span_eq(step, PK_LIT("os")));
	assert_true(pk_dotted_next(&name, &step));
	assert_true(pk_span_eq(step, PK_LIT("path")));
	assert_true(pk_dotted_next(&name, &step));
	assert_true(pk_span_eq(step, PK_LIT("join")));
	assert_false(pk_dotted_next(&name, &step));
}

static void a_name_without_dots_is_its_own_end(void **state)
{
	(void)state;
	assert_true(pk_span_eq(pk_dotted_first(PK_LIT("os")), PK_LIT("os")));
	assert_true(pk_span_eq(pk_dotted_last(PK_LIT("os")), PK_LIT("os")));
	assert_false(pk_dotted_has_dot(PK_LIT("os")));
	assert_int_equal(pk_dotted_steps(PK_LIT("os")), 1);
}

static void empty_steps_count(void **state)
{
	(void)state;
	assert_int_equal(pk_dotted_steps(PK_LIT("..")), 3);
	assert_int_equal(pk_dotted_steps(PK_LIT("a.")), 2);
	assert_int_equal(pk_dotted_last(PK_LIT("a.")).len, 0);
	assert_int_equal(pk_dotted_first(PK_LIT(".a")).len, 0);
}

static void an_empty_name_is_survived(void **state)
{
	const struct pk_span nothing = { 0 };

	(void)state;
	assert_int_equal(pk_dotted_first(nothing).len, 0);
	assert_int_equal(pk_dotted_last(nothing).len, 0);
	assert_false(pk_dotted_has_dot(nothing));
	assert_int_equal(pk_dotted_steps(nothing), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_come_one_after_the_other),
		cmocka_unit_test(a_name_without_dots_is_its_own_end),
		cmocka_unit_test(empty_steps_count),
		cmocka_unit_test(an_empty_name_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
