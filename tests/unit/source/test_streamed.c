/* SPDX-License-Identifier: Apache-2.0 */
#include "source/streamed.h"

#include <stdlib.h>
#include <zstd.h>

#include "codec/decomp.h"
#include "source/memory.h"
#include "support.h"

enum { LARGE = 6 << 20, KEEP = 1 << 20 };

static struct pk_meter meter;
static uint64_t allowed; /* bytes until spend() says no */

static bool spend(void *ctx, uint64_t made)
{
	(void)ctx;
	if (made > allowed)
		return false;
	allowed -= made;
	return true;
}

/* The byte at an offset of the content. */
static uint8_t byte_at(uint64_t off)
{
	return (uint8_t)(off * 2654435761U >> 13);
}

static struct pk_source *packed(const uint8_t *bytes, size_t n)
{
	size_t cap = ZSTD_compressBound(n);
	uint8_t *to = malloc(cap);

	assert_non_null(to);
	cap = ZSTD_compress(to, cap, bytes, n, 1);
	assert_false(ZSTD_isError(cap));
	return pk_memory_own(to, cap);
}

static struct pk_source *packed_content(size_t n)
{
	uint8_t *bytes = malloc(n);
	struct pk_source *s;

	assert_non_null(bytes);
	for (size_t i = 0; i < n; i++)
		bytes[i] = byte_at(i);
	s = packed(bytes, n);
	free(bytes);
	return s;
}

static struct pk_source *open_it(struct pk_source *from,
				 struct pk_streamed *ret)
{
	const struct pk_streaming how = {
		.pull = pk_decomp_new(PK_CODEC_ZSTD, from, 0, UINT64_MAX,
				      &meter),
		.meter = &meter,
		.keep = KEEP,
		.ratio = 2000,
		.spend = spend,
	};
	struct pk_source *s = pk_streamed_new(&how, ret);

	assert_non_null(s);
	return s;
}

static int setup(void **state)
{
	(void)state;
	meter = (struct pk_meter){ .ceiling = 64 << 20 };
	allowed = UINT64_MAX;
	return 0;
}

static void expect(struct pk_source *s, uint64_t off, size_t n)
{
	static uint8_t buf[1 << 16];

	assert_int_equal(pk_source_read(s, off, buf, n), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(buf[i], byte_at(off + i));
}

static void small_content_lies_in_memory(void **state)
{
	struct pk_source *from = packed_content(1000);
	struct pk_streamed got;
	struct pk_source *s = open_it(from, &got);

	(void)state;
	assert_int_equal(got.flow, PK_FLOW_END);
	assert_int_equal(got.used, from->size);
	assert_int_equal(s->size, 1000);
	assert_non_null(s->mem);
	expect(s, 0, 1000);
	pk_source_free(s);
	pk_source_free(from);
	assert_int_equal(meter.used, 0);
}

static void large_content_is_read_in_any_order(void **state)
{
	struct pk_source *from = packed_content(LARGE);
	struct pk_streamed got;
	struct pk_source *s = open_it(from, &got);

	(void)state;
	assert_int_equal(s->size, LARGE);
	assert_null(s->mem);
	assert_true(meter.used < 16 << 20);
	expect(s, 0, 5000);
	expect(s, LARGE - 3000, 3000);
	expect(s, LARGE / 2, 60000);
	expect(s, LARGE / 2 - 500000, 60000);
	expect(s, 256 * 1024 - 10, 20);
	expect(s, LARGE - 128 * 1024 - 10, 20);
	for (uint64_t off = 1000; off + 60000 < LARGE; off += 59999)
		expect(s, off, 60000);
	assert_false(s->broken);
	pk_source_free(s);
	pk_source_free(from);
	assert_int_equal(meter.used, 0);
}

static void what_is_stopped_keeps_its_beginning(void **state)
{
	struct pk_source *from = packed_content(LARGE);
	struct pk_streamed got;
	struct pk_source *s;

	(void)state;
	allowed = 3 << 20;
	s = open_it(from, &got);
	assert_int_equal(got.flow, PK_FLOW_ON);
	assert_int_equal(s->size, KEEP);
	expect(s, KEEP - 100, 100);
	pk_source_free(s);
	pk_source_free(from);
}

static void a_bomb_is_stopped_early(void **state)
{
	const size_t n = 200 << 20;
	uint8_t *zeros = calloc(1, n);
	struct pk_source *from = packed(zeros, n), *s;
	struct pk_streamed got;

	(void)state;
	free(zeros);
	s = open_it(from, &got);
	assert_true(got.bomb);
	assert_true(got.made < 80 << 20);
	pk_source_free(s);
	pk_source_free(from);
}

static void going_back_and_forth_costs_budget(void **state)
{
	struct pk_source *from = packed_content(LARGE);
	struct pk_streamed got;
	struct pk_source *s = open_it(from, &got);
	uint8_t ch;
	int turns = 0;

	(void)state;
	allowed = 20 << 20;
	while (turns < 100 && pk_source_read(s, LARGE / 2, &ch, 1) &&
	       pk_source_read(s, 300000, &ch, 1))
		turns++;
	assert_in_range(turns, 2, 20);
	assert_true(s->broken);
	pk_source_free(s);
	pk_source_free(from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(small_content_lies_in_memory, setup),
		cmocka_unit_test_setup(large_content_is_read_in_any_order,
				       setup),
		cmocka_unit_test_setup(what_is_stopped_keeps_its_beginning,
				       setup),
		cmocka_unit_test_setup(a_bomb_is_stopped_early, setup),
		cmocka_unit_test_setup(going_back_and_forth_costs_budget,
				       setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
