/* SPDX-License-Identifier: Apache-2.0 */
#include "report/bins.h"

#include "support.h"

static struct pk_bins bins;
static struct pk_buf got;

static int begin(void **state)
{
	(void)state;
	bins = (struct pk_bins){ 0 };
	got = (struct pk_buf){ 0 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	pk_bins_release(&bins);
	pk_buf_release(&got);
	return 0;
}

static bool add(enum pk_severity s, const char *text, uint64_t max)
{
	struct pk_buf *b = pk_bins_add(&bins, s, max);

	if (!b)
		return false;
	pk_buf_puts(b, text);
	pk_buf_putc(b, '\n');
	return true;
}

static void keep(void *ctx, struct pk_span line)
{
	(void)ctx;
	pk_buf_put(&got, line.p, line.len);
	pk_buf_putc(&got, ' ');
}

static void the_worst_come_first(void **state)
{
	(void)state;
	assert_true(add(PK_LOW, "a", 10));
	assert_true(add(PK_CRITICAL, "b", 10));
	assert_true(add(PK_HIGH, "", 10));
	assert_true(add(PK_CRITICAL, "c", 10));
	assert_int_equal(pk_bins_each(&bins, 10, keep, NULL), 0);
	assert_string_equal(pk_buf_str(&got), "b c  a ");
}

static void what_would_not_be_told_is_not_kept(void **state)
{
	(void)state;
	assert_true(add(PK_LOW, "a", 2));
	assert_true(add(PK_HIGH, "b", 2));
	assert_false(add(PK_LOW, "c", 2));
	assert_true(add(PK_HIGH, "d", 2));
	assert_false(add(PK_HIGH, "e", 2));
	assert_true(add(PK_CRITICAL, "f", 2));
	assert_int_equal(pk_bins_each(&bins, 2, keep, NULL), 4);
	assert_string_equal(pk_buf_str(&got), "f b ");
}

static void lost_memory_is_known(void **state)
{
	(void)state;
	assert_true(add(PK_LOW, "a", 2));
	assert_true(pk_bins_ok(&bins));
	bins.of[PK_LOW].lines.failed = true;
	assert_false(pk_bins_ok(&bins));
}

static void a_line_needs_its_end(void **state)
{
	struct pk_span rest = PK_LIT("a\n\nb"), line;

	(void)state;
	assert_true(pk_line_next(&rest, &line));
	assert_true(pk_span_eq(line, PK_LIT("a")));
	assert_true(pk_line_next(&rest, &line));
	assert_int_equal(line.len, 0);
	assert_false(pk_line_next(&rest, &line));
	assert_true(pk_span_eq(rest, PK_LIT("b")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_worst_come_first),
		TEST(what_would_not_be_told_is_not_kept),
		TEST(lost_memory_is_known),
		TEST(a_line_needs_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
