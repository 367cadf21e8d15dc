/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cursor.h"

#include "source/memory.h"
#include "support.h"

/* A source whose bytes do not lie in memory: 0, 1, 2, ... */
static size_t count_up(struct pk_source *s, uint64_t off, void *buf, size_t n)
{
	(void)s;
	for (size_t i = 0; i < n; i++)
		((uint8_t *)buf)[i] = (uint8_t)(off + i);
	return n;
}

static const struct pk_source_ops counting = { .read = count_up };

static void reads_both_byte_orders(void **state)
{
	struct pk_cursor c = pk_cursor_over(t_hex("01 0203 04050607"), 100);

	(void)state;
	assert_int_equal(pk_get_u8(&c), 0x01);
	assert_int_equal(pk_get_u16le(&c), 0x0302);
	assert_int_equal(pk_get_u32be(&c), 0x04050607);
	assert_int_equal(c.off, 107);
	assert_true(pk_cursor_ok(&c));
}

static void fails_once_and_stays_failed(void **state)
{
	struct pk_cursor c = pk_cursor_over(t_hex("aa bb"), 0);

	(void)state;
	assert_int_equal(pk_get_u32le(&c), 0);
	assert_int_equal(c.fault, PK_FAULT_TRUNCATED);
	assert_int_equal(pk_get_u8(&c), 0); /* though two bytes are left */
	assert_int_equal(c.fault_off, 0);
}

/* Loops that wait for the end come to one. */
static void nothing_is_ready_after_a_fault(void **state)
{
	struct pk_cursor c = pk_cursor_over(t_hex("aa bb cc"), 0);
	unsigned rounds = 0;

	(void)state;
	while (pk_cursor_ready(&c, 1) && rounds++ < 10)
		(void)pk_get_u16le(&c);
	assert_int_equal(rounds, 2);
	assert_false(pk_cursor_ready(&c, 1));
	assert_int_equal(pk_peek(&c).len, 0);
}

static void a_forgiven_cursor_goes_on_where_it_stood(void **state)
{
	struct pk_meter meter = { .ceiling = 1 << 20 };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_source src = { .ops = &counting, .size = 3 * PK_WINDOW };
	struct pk_cursor c = pk_cursor_over(t_hex("aa bb cc"), 7);

	(void)state;
	assert_int_equal(pk_get_u8(&c), 0xaa);
	(void)pk_get_u32le(&c);
	pk_cursor_forgive(&c);
	assert_int_equal(pk_get_u16le(&c), 0xccbb);
	assert_int_equal(c.off, 10);
	assert_true(pk_cursor_ok(&c));

	c = pk_cursor_open(&src, 0, UINT64_MAX, &arena);
	pk_skip(&c, 3);
	assert_int_equal(pk_get_u8(&c), 3);
	pk_cursor_fail(&c, PK_FAULT_VALUE);
	assert_false(pk_cursor_ready(&c, 1));
	pk_cursor_forgive(&c);
	assert_int_equal(pk_get_u8(&c), 4);
	pk_seek(&c, 1);
	assert_int_equal(pk_get_u8(&c), 1);
	pk_arena_release(&arena);
}

static void without_memory_there_is_nothing_to_forgive(void **state)
{
	struct pk_meter meter = { .ceiling = 1 };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_source src = { .ops = &counting, .size = 3 * PK_WINDOW };
	struct pk_cursor c = pk_cursor_open(&src, 0, UINT64_MAX, &arena);

	(void)state;
	assert_int_equal(c.fault, PK_FAULT_IO);
	pk_cursor_forgive(&c);
	assert_false(pk_cursor_ok(&c));
	pk_arena_release(&arena);
}

static void believes_no_count_that_cannot_fit(void **state)
{
	struct pk_cursor c = pk_cursor_over(t_hex("00 00 00 00"), 0);

	(void)state;
	assert_true(pk_cursor_fits(&c, 2, 2));
	assert_false(pk_cursor_fits(&c, UINT64_MAX, 2));
	assert_int_equal(c.fault, PK_FAULT_RANGE);
}

static void refills_across_the_edge_of_its_window(void **state)
{
	struct pk_meter meter = { .ceiling = 1 << 20 };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_source src = { .ops = &counting, .size = 3 * PK_WINDOW };
	struct pk_cursor c = pk_cursor_open(&src, 0, UINT64_MAX, &arena);

	(void)state;
	pk_skip(&c, PK_WINDOW - 2);
	assert_int_equal(pk_get_u32le(&c), 0x0100fffe);
	pk_seek(&c, 5);
	assert_int_equal(pk_get_u8(&c), 5);
	pk_seek(&c, 5);
	assert_int_equal(pk_get_u8(&c), 5);
	pk_seek(&c, src.size - 1);
	assert_int_equal(pk_get_u8(&c), 0xff);
	assert_int_equal(pk_cursor_left(&c), 0);
	assert_true(pk_cursor_ok(&c));
	pk_arena_release(&arena);
}

static void a_piece_longer_than_the_window_is_refused(void **state)
{
	struct pk_meter meter = { .ceiling = 1 << 20 };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_source src = { .ops = &counting, .size = 3 * PK_WINDOW };
	struct pk_cursor c = pk_cursor_open(&src, 0, UINT64_MAX, &arena);

	(void)state;
	assert_null(pk_get_bytes(&c, PK_WINDOW + 1).p);
	assert_int_equal(c.fault, PK_FAULT_LIMIT);
	pk_arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(reads_both_byte_orders),
		T_TEST(fails_once_and_stays_failed),
		T_TEST(nothing_is_ready_after_a_fault),
		T_TEST(a_forgiven_cursor_goes_on_where_it_stood),
		T_TEST(without_memory_there_is_nothing_to_forgive),
		T_TEST(believes_no_count_that_cannot_fit),
		T_TEST(refills_across_the_edge_of_its_window),
		T_TEST(a_piece_longer_than_the_window_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
