/* SPDX-License-Identifier: Apache-2.0 */
#include "report/shares.h"

#include <stdio.h>

#include "support.h"

static struct pk_shares parts;
static char text[32];

static void add(uint64_t number, uint64_t of, const char *plan)
{
	struct pk_share p = { .number = number, .of = of };

	(void)snprintf(p.plan, sizeof(p.plan), "%s", plan);
	assert_int_equal(pk_shares_add(&parts, &p), PK_OK);
}

static const char *missing(void)
{
	text[0] = '\0';
	return pk_shares_missing(&parts, text, sizeof(text)) ? text : NULL;
}

static int end(void **state)
{
	(void)state;
	pk_shares_release(&parts);
	return 0;
}

static void nothing_misses_nothing(void **state)
{
	(void)state;
	assert_null(missing());
}

static void shards_count_from_one(void **state)
{
	(void)state;
	add(3, 3, "");
	assert_string_equal(missing(), "1-2");
	add(1, 3, "");
	assert_string_equal(missing(), "2");
	add(2, 3, "");
	assert_null(missing());
}

static void units_count_from_zero(void **state)
{
	(void)state;
	add(1, 8, "aa");
	add(4, 8, "aa");
	assert_string_equal(missing(), "0,2-3,5-7");
}

static void a_part_that_came_twice_counts_once(void **state)
{
	(void)state;
	add(1, 2, "");
	add(1, 2, "");
	assert_string_equal(missing(), "2");
	add(2, 2, "");
	add(2, 2, "");
	assert_null(missing());
	assert_int_equal(parts.count, 2);
}

static void works_are_kept_apart(void **state)
{
	(void)state;
	add(1, 2, "");
	add(2, 3, "");
	assert_string_equal(missing(), "2");
	add(2, 2, "");
	assert_string_equal(missing(), "1,3");
	add(1, 3, "");
	add(3, 3, "");
	add(0, 2, "aa");
	add(1, 2, "bb");
	assert_string_equal(missing(), "1");
}

static void a_claim_of_many_parts_takes_no_time(void **state)
{
	(void)state;
	add(5, UINT64_MAX / 4, "");
	assert_string_equal(missing(), "1-4,6-4611686018427387903");
	for (uint64_t i = 0; i < 40; i++)
		add(10 * i, UINT64_MAX / 4, "aa");
	add(UINT64_MAX / 4 - 1, UINT64_MAX / 4, "aa");
	parts.v[0].of = 1; /* the shards are whole then */
	parts.v[0].number = 1;
	assert_string_equal(missing(), "1-9,11-19,21-29,31-39,41-49,...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(nothing_misses_nothing, end),
		cmocka_unit_test_teardown(shards_count_from_one, end),
		cmocka_unit_test_teardown(units_count_from_zero, end),
		cmocka_unit_test_teardown(a_part_that_came_twice_counts_once,
					  end),
		cmocka_unit_test_teardown(works_are_kept_apart, end),
		cmocka_unit_test_teardown(a_claim_of_many_parts_takes_no_time,
					  end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
