/* SPDX-License-Identifier: Apache-2.0 */
#include "source/batch.h"

#include <stdio.h>
#include <stdlib.h>

#include "source/memory.h"
#include "support.h"

static struct pk_batch_writer w;
static struct pk_batch plan;
static struct pk_batch_list list;
static struct pk_source *src;

static int begin(void **state)
{
	(void)state;
	pk_batch_begin(&w, &(struct pk_batch_sizes){ 100 << 20, 3 });
	return 0;
}

static int end(void **state)
{
	(void)state;
	pk_batch_list_release(&list);
	pk_batch_release(&plan);
	pk_source_free(src);
	src = NULL;
	pk_batch_writer_release(&w);
	return 0;
}

static void add(const char *path, uint64_t size)
{
	const struct pk_planned f = { .path = path,
				      .size = size,
				      .modified_ns = 5 };

	assert_int_equal(pk_batch_add(&w, &f, 1), PK_OK);
}

static enum pk_status open_it(struct pk_span text)
{
	pk_batch_list_release(&list);
	pk_batch_release(&plan);
	pk_source_free(src);
	src = pk_memory_borrow(text);
	return pk_batch_open(&plan, src);
}

static void write_it(void)
{
	assert_int_equal(pk_batch_end(&w, 2), PK_OK);
	assert_int_equal(open_it(pk_buf_span(&w.out)), PK_OK);
}

static void read_unit(size_t k, size_t files)
{
	pk_batch_list_release(&list);
	assert_int_equal(pk_batch_read(&plan, k, &list), PK_OK);
	assert_int_equal(list.count, files);
}

static void what_was_planned_comes_back(void **state)
{
	const struct pk_planned skipped = { .path = "m/s", .reason = "why" };
	const struct pk_planned found = { .path = "m/\xff\n",
					  .rule = "repo.link-escape",
					  .message = "m\xff",
					  .complete = true };
	const struct pk_planned old = { .path = "m/o",
					.size = 7,
					.modified_ns = -1500000000 };

	(void)state;
	pk_batch_root(&w, "m");
	pk_batch_root(&w, "\xfe");
	assert_int_equal(pk_batch_add(&w, &skipped, 0), PK_OK);
	assert_int_equal(pk_batch_add(&w, &found, 4), PK_OK);
	assert_int_equal(pk_batch_add(&w, &old, 0), PK_OK);
	write_it();
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.root_count, 2);
	assert_string_equal(plan.roots[1], "\xfe");
	assert_int_equal(plan.units[0].excluded, 6);
	assert_int_equal(plan.units[0].bytes, 7);
	read_unit(0, 3);
	assert_string_equal(list.files[0].reason, "why");
	assert_string_equal(list.files[1].path, "m/\xff\n");
	assert_string_equal(list.files[1].rule, "repo.link-escape");
	assert_true(list.files[1].complete);
	assert_int_equal(list.files[2].size, 7);
	assert_int_equal(list.files[2].modified_ns, -1500000000);
}

static void a_full_unit_takes_no_more(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		add("small", 1);
	add("large", 97ULL << 20); /* with its cost, more than there is room */
	add("huge", 1ULL << 60);
	add("small", 1);
	write_it();
	assert_int_equal(plan.count, 5);
	read_unit(0, 3);
	read_unit(1, 1);
	read_unit(2, 1);
	assert_string_equal(list.files[0].path, "large");
	read_unit(3, 1);
	assert_string_equal(list.files[0].path, "huge");
	read_unit(4, 1);
	assert_int_equal(plan.units[0].excluded, 3);
	assert_int_equal(plan.units[4].excluded, 3);
}

static void nothing_is_one_empty_unit(void **state)
{
	(void)state;
	write_it();
	assert_int_equal(plan.count, 1);
	read_unit(0, 0);
}

static void an_index_may_be_long(void **state)
{
	(void)state;
	w.sizes.files = 1;
	for (int i = 0; i < 2000; i++)
		add("f", 1);
	write_it();
	assert_int_equal(plan.count, 2000);
	read_unit(1999, 1);
}

static void a_plan_that_was_cut_is_none(void **state)
{
	(void)state;
	add("a", 1);
	add("b", 2);
	write_it();
	for (size_t n = 0; n < w.out.len; n++) {
		char *cut = malloc(n + 1);

		memcpy(cut, w.out.p, n);
		assert_int_equal(open_it((struct pk_span){ (uint8_t *)cut, n }),
				 PK_ERR_USAGE);
		assert_true(plan.why[0] != 0);
		free(cut);
	}
}

/* Lines cannot be changed; whatever the index says is survived. */
static void changed_bytes_are_survived(void **state)
{
	static const uint8_t by[] = { 1, 0x80, '0' ^ '9', '"' ^ '}' };
	size_t lines;

	(void)state;
	add("a", 1);
	for (int i = 0; i < 4; i++)
		add("b", 2);
	write_it();
	lines = (size_t)(plan.units[1].off + plan.units[1].len);
	for (size_t i = 0; i < w.out.len * sizeof(by); i++) {
		uint8_t *at = (uint8_t *)w.out.p + i / sizeof(by);

		*at ^= by[i % sizeof(by)];
		if (open_it(pk_buf_span(&w.out)) == PK_OK) {
			for (size_t k = 0; k < plan.count; k++) {
				const struct pk_batch_unit *u = &plan.units[k];
				const size_t off = i / sizeof(by);
				const bool in =
					off >= u->off && off < u->off + u->len;
				const bool ok =
					pk_batch_read(&plan, k, &list) == PK_OK;

				assert_false(ok && in && off < lines);
				pk_batch_list_release(&list);
			}
		}
		*at ^= by[i % sizeof(by)];
	}
}

static void a_forged_count_is_refused(void **state)
{
	static const char text[] =
		"{\"schema\": \"picket.plan/1\", \"roots\": [], \"units\": ["
		"{\"offset\": 0, \"length\": 0, \"files\": 18446744073709551615,"
		" \"bytes\": 0, \"excluded\": 0, \"sha256\": \"e3b0c44298fc1c14"
		"9afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}]}\n";

	(void)state;
	assert_int_equal(open_it(PK_LIT(text)), PK_OK);
	assert_int_equal(pk_batch_read(&plan, 0, &list), PK_ERR_USAGE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_planned_comes_back),
		TEST(a_full_unit_takes_no_more),
		TEST(nothing_is_one_empty_unit),
		TEST(an_index_may_be_long),
		TEST(a_plan_that_was_cut_is_none),
		TEST(changed_bytes_are_survived),
		TEST(a_forged_count_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
