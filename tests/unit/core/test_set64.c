/* SPDX-License-Identifier: Apache-2.0 */
#include "core/set64.h"

#include "support.h"

static void knows_what_it_has_seen(void **state)
{
	struct pk_meter meter = { .ceiling = 1 << 20 };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_set64 s = { .arena = &arena };

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		assert_true(pk_set64_add(&s, i * 512));
	for (uint64_t i = 0; i < 1000; i++)
		assert_false(pk_set64_add(&s, i * 512));
	assert_true(pk_set64_add(&s, 1));
	pk_arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_what_it_has_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
