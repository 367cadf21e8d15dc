/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/flatbuf.h"
#include "fb_builder.h"
#include "source/memory.h"

static struct pk_meter meter = { .ceiling = 1 << 24 };
static struct pk_arena arena = { .meter = &meter };

static struct pk_fb open_over(struct pk_source *src)
{
	struct pk_fb b;

	pk_fb_open(&b, src, 0, src->size, &arena);
	return b;
}

static struct pk_span sample(void)
{
	struct t_fb *b = fb_new("TEST");
	const size_t root = fb_child(b, 0, 4);

	fb_number(b, root, 0, 0xfffffffffffffffe);
	fb_text(b, root, 1, "name");
	fb_set(b, fb_vector(b, root, 2, 3, 2), 7, 2);
	return fb_done(b);
}

static void fields_are_found_by_their_numbers(void **state)
{
	struct pk_source *src = pk_memory_borrow(sample());
	struct pk_fb b = open_over(src);
	const struct pk_fb_table t = pk_fb_root(&b);
	struct pk_fb_vec v;

	(void)state;
	assert_int_equal(pk_fb_int(&b, &t, 0, 8, 0), -2);
	assert_int_equal(pk_fb_uint(&b, &t, 0, 1, 0), 0xfe);
	assert_int_equal(pk_fb_int(&b, &t, 3, 4, 42), 42);
	assert_int_equal(pk_fb_int(&b, &t, 99, 4, 43), 43);
	v = pk_fb_text(&b, &t, 1);
	assert_true(
		pk_span_eq(pk_fb_bytes(&b, &v, 99, &arena), PK_LIT("name")));
	v = pk_fb_vector(&b, &t, 2, 2);
	assert_int_equal(v.n, 3);
	assert_int_equal(pk_fb_uint_at(&b, &v, 0), 7);
	assert_true(pk_fb_ok(&b));
	pk_source_free(src);
	pk_arena_release(&arena);
}

/* Writes a number over the sample and reads all of it. */
static enum pk_fault with(size_t at, uint32_t v)
{
	struct pk_span s = sample();
	uint8_t copy[512];
	struct pk_source *src;
	struct pk_fb_table t;
	struct pk_fb b;

	memcpy(copy, s.p, s.len);
	memcpy(copy + at, &v, 4);
	src = pk_memory_borrow((struct pk_span){ copy, s.len });
	b = open_over(src);
	t = pk_fb_root(&b);
	(void)pk_fb_text(&b, &t, 1);
	(void)pk_fb_vector(&b, &t, 2, 2);
	pk_source_free(src);
	pk_arena_release(&arena);
	return b.where.fault;
}

static void offsets_that_lead_out_are_faults(void **state)
{
	const struct pk_span s = sample();
	const size_t root = s.p[0];

	(void)state;
	assert_int_equal(with(4, 0), PK_FAULT_NONE);
	assert_int_not_equal(with(0, 0), PK_FAULT_NONE);
	assert_int_not_equal(with(0, (uint32_t)s.len), PK_FAULT_NONE);
	assert_int_not_equal(with(0, 0x80000000), PK_FAULT_NONE);
	assert_int_not_equal(with(root, 0x7fffffff), PK_FAULT_NONE);
	assert_int_not_equal(with(root, 0x80000000), PK_FAULT_NONE);
	assert_int_not_equal(with(root + 16, 0), PK_FAULT_NONE);
	assert_int_not_equal(with(root + 16, 0xffffffff), PK_FAULT_NONE);
	assert_int_not_equal(with(s.len - 10, 0x10000), PK_FAULT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_by_their_numbers),
		cmocka_unit_test(offsets_that_lead_out_are_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
