/* SPDX-License-Identifier: Apache-2.0 */
#include "core/strmap.h"

#include <stdio.h>

#include "support.h"

static void keeps_each_key_once(void **state)
{
	struct pk_meter meter = { .ceiling = 1 << 20 };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_strmap m = { .arena = &arena };
	int one = 1, two = 2;
	bool fresh;

	(void)state;
	assert_null(pk_strmap_get(&m, PK_LIT("a")));
	*pk_strmap_put(&m, PK_LIT("a"), &fresh) = &one;
	assert_true(fresh);
	*pk_strmap_put(&m, PK_LIT("a\0b"), &fresh) = &two;
	assert_true(fresh);
	assert_ptr_equal(*pk_strmap_put(&m, PK_LIT("a"), &fresh), &one);
	assert_false(fresh);
	assert_ptr_equal(pk_strmap_get(&m, PK_LIT("a\0b")), &two);
	pk_strmap_put(&m, PK_LIT(""), &fresh);
	assert_true(fresh);
	assert_int_equal(m.n, 3);
	pk_arena_release(&arena);
}

static void grows_and_is_cleared(void **state)
{
	struct pk_meter meter = { .ceiling = 8 << 20 };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_strmap m = { .arena = &arena };
	static char names[5000][12];
	bool fresh;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		const int n =
			snprintf(names[i], sizeof(names[i]), "layer.%d", i);
		const struct pk_span s = { (const uint8_t *)names[i],
					   (size_t)n };

		*pk_strmap_put(&m, s, &fresh) = names[i];
		assert_true(fresh);
	}
	assert_ptr_equal(pk_strmap_get(&m, PK_LIT("layer.4711")), names[4711]);
	pk_strmap_clear(&m, 5000);
	assert_null(pk_strmap_get(&m, PK_LIT("layer.4711")));
	pk_strmap_clear(&m, 3);
	pk_strmap_put(&m, PK_LIT("layer.1"), &fresh);
	assert_true(fresh);
	assert_int_equal(m.n, 1);
	pk_arena_release(&arena);
}

static void says_when_memory_ran_out(void **state)
{
	struct pk_meter meter = { .ceiling = 16 };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_strmap m = { .arena = &arena };
	bool fresh;

	(void)state;
	assert_null(pk_strmap_put(&m, PK_LIT("a"), &fresh));
	assert_true(meter.exceeded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_each_key_once),
		cmocka_unit_test(grows_and_is_cleared),
		cmocka_unit_test(says_when_memory_ran_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
