/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "engine/map.h"
#include "engine/wire.h"
#include "source/memory.h"

enum { SIZE = 100000 };

static uint8_t bytes[SIZE];
static struct pk_result result;
static struct pk_scan scan;

static int begin(void **state)
{
	const struct pk_limits limits = pk_limits_default();

	(void)state;
	if (pk_result_init(&result, "a.pt", &limits) != PK_OK)
		return -1;
	scan = (struct pk_scan){
		.job = &result.job,
		.bytes = pk_memory_borrow((struct pk_span){ bytes, SIZE }),
		.arena = PK_ARENA(&result.job.meter),
	};
	result.job.size = SIZE;
	return 0;
}

static int end(void **state)
{
	(void)state;
	pk_cover_release(&scan.cover);
	pk_arena_release(&scan.arena);
	pk_source_free(scan.bytes);
	pk_result_release(&result);
	return 0;
}

static bool in_a_gap(uint64_t at)
{
	for (size_t i = 0; i < result.job.gap_count; i++) {
		if (at >= result.job.gaps[i].from && at < result.job.gaps[i].to)
			return true;
	}
	return false;
}

static void what_nobody_claimed_is_a_gap(void **state)
{
	(void)state;
	pk_claim(&scan, 0, 10);
	pk_claim(&scan, 30, SIZE);
	pk_keep_gaps(&scan);
	assert_int_equal(result.job.gap_count, 1);
	assert_int_equal(result.job.gaps[0].from, 10);
	assert_int_equal(result.job.gaps[0].to, 30);
}

static void a_file_without_gaps_has_none(void **state)
{
	(void)state;
	pk_claim(&scan, 0, SIZE);
	pk_keep_gaps(&scan);
	assert_int_equal(result.job.gap_count, 0);
}

static void no_gap_is_lost_where_there_are_many(void **state)
{
	(void)state;
	for (uint64_t at = 0; at < SIZE; at += 10)
		pk_claim(&scan, at, 9);
	pk_keep_gaps(&scan);
	assert_in_range(result.job.gap_count, 1, PK_GAPS_MAX);
	for (uint64_t at = 9; at < SIZE; at += 10)
		assert_true(in_a_gap(at));
}

static void far_gaps_stay_apart(void **state)
{
	(void)state;
	for (uint64_t at = 0; at < SIZE / 2; at += 10)
		pk_claim(&scan, at, 9);
	pk_claim(&scan, SIZE / 2, SIZE / 2 - 5);
	pk_keep_gaps(&scan);
	assert_true(in_a_gap(SIZE - 1));
	assert_false(in_a_gap(SIZE * 3 / 4));
}

static void parts_beyond_the_bound_are_counted(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < PK_PARTS_MAX + 3; i++)
		pk_name_part(&scan, i, 1, PK_LIT("m\x1b"));
	pk_name_part(&scan, SIZE, 1, PK_LIT("behind the end"));
	pk_name_part(&scan, 5, 0, PK_LIT("nothing"));
	assert_int_equal(result.job.part_count, PK_PARTS_MAX);
	assert_int_equal(result.job.parts_dropped, 3);
	assert_string_equal(result.job.parts->what, "m\\x1b");
}

static void a_part_ends_with_the_file(void **state)
{
	(void)state;
	pk_name_part(&scan, SIZE - 1, UINT64_MAX, PK_LIT("tail"));
	assert_int_equal(result.job.parts->to, SIZE);
}

static void members_have_no_map(void **state)
{
	struct pk_scan inner = scan;

	(void)state;
	inner.parent = &scan;
	pk_name_part(&inner, 0, 1, PK_LIT("inner"));
	assert_null(result.job.parts);
}

static void the_map_travels(void **state)
{
	struct pk_result got;
	struct pk_buf wire = { 0 };

	(void)state;
	pk_name_part(&scan, 5, 10, PK_LIT("member"));
	pk_claim(&scan, 5, 10);
	pk_keep_gaps(&scan);
	result.job.parts_dropped = 7;
	assert_int_equal(pk_wire_encode(&result, &wire), PK_OK);
	assert_int_equal(pk_result_init(&got, "b", &result.job.limits), PK_OK);
	assert_int_equal(pk_wire_decode(&got, pk_buf_span(&wire)), PK_OK);
	assert_string_equal(got.job.parts->what, "member");
	assert_int_equal(got.job.parts->from, 5);
	assert_int_equal(got.job.parts->to, 15);
	assert_null(got.job.parts->next);
	assert_int_equal(got.job.parts_dropped, 7);
	assert_int_equal(got.job.gap_count, 2);
	assert_int_equal(got.job.gaps[1].from, 15);
	assert_int_equal(got.job.gaps[1].to, SIZE);
	pk_result_release(&got);
	pk_buf_release(&wire);
}

static void a_range_outside_the_file_is_refused(void **state)
{
	struct pk_result got;
	struct pk_buf wire = { 0 };

	(void)state;
	pk_keep_gaps(&scan);
	result.job.gaps[0].to = SIZE + 1;
	assert_int_equal(pk_wire_encode(&result, &wire), PK_OK);
	assert_int_equal(pk_result_init(&got, "b", &result.job.limits), PK_OK);
	assert_int_equal(pk_wire_decode(&got, pk_buf_span(&wire)), PK_ERR_IO);
	pk_result_release(&got);
	pk_buf_release(&wire);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_nobody_claimed_is_a_gap),
		TEST(a_file_without_gaps_has_none),
		TEST(no_gap_is_lost_where_there_are_many),
		TEST(far_gaps_stay_apart),
		TEST(parts_beyond_the_bound_are_counted),
		TEST(a_part_ends_with_the_file),
		TEST(members_have_no_map),
		TEST(the_map_travels),
		TEST(a_range_outside_the_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
