/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/protobuf.h"

#include "source/memory.h"
#include "support.h"

static struct pk_meter meter = { .ceiling = 1 << 20 };
static struct pk_arena arena = { .meter = &meter };
static struct pk_source *source;

static struct pk_pb over(struct pk_span bytes)
{
	pk_source_free(source);
	source = pk_memory_borrow(bytes);
	return pk_pb_open(source, &arena);
}

static int clean_up(void **state)
{
	(void)state;
	pk_source_free(source);
	source = NULL;
	pk_arena_release(&arena);
	return 0;
}

/* What was seen, as text: "1=5 2:3 ". */
static struct pk_buf seen;

static void note(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	(void)r;
	(void)ctx;
	if (f->wire == PK_PB_LEN || f->wire == PK_PB_GROUP)
		pk_buf_printf(&seen, "%u:%u ", f->number, (unsigned)f->len);
	else
		pk_buf_printf(&seen, "%u=%u ", f->number, (unsigned)f->value);
}

static void note_unknown(struct pk_pb *r, const struct pk_pb_field *f)
{
	(void)r;
	pk_buf_printf(&seen, "?%u ", f->number);
}

static const struct pk_pb_message outer;
static const struct pk_pb_line outer_lines[] = {
	PK_PB(1, INT, "number", .take = note),
	PK_PB(2, TEXT, "text", .take = note),
	PK_PB(3, MESSAGE, "self", .of = &outer),
	PK_PB(4, INTS, "many", .take = note),
};
static const struct pk_pb_message outer = PK_PB_LINES(outer_lines);

/* Walks the bytes; what was seen, or "fault". */
static const char *walked(struct pk_span bytes)
{
	struct pk_pb r = over(bytes);
	const struct pk_pb_field all = pk_pb_whole(&r);

	r.unknown = note_unknown;
	pk_buf_release(&seen);
	pk_pb_walk(&r, &all, &outer, NULL);
	return pk_cursor_ok(&r.c) ? pk_buf_str(&seen) : "fault";
}

static void messages_are_walked_by_their_tables(void **state)
{
	(void)state;
	assert_string_equal(walked(t_pb("1=7 3{ 2\"abc\" 3{1=1} } 1=300")),
			    "1=7 2:3 1=1 1=300 ");
}

static void what_no_table_describes_is_unknown(void **state)
{
	(void)state;
	/* 2 as a number is not the text that the table means. */
	assert_string_equal(walked(t_pb("9\"x\" 2=1 3{8=1} 7%0000803f")),
			    "?9 ?2 ?8 ?7 ");
}

static void groups_are_skipped_whole(void **state)
{
	(void)state;
	assert_string_equal(walked(t_pb("6( 1=1 6(2\"a\") 9( ) ) 1=2")),
			    "?6 1=2 ");
	assert_string_equal(walked(t_hex("33 08 01")), "fault");
	assert_string_equal(walked(t_hex("33 08 01 3c")), "fault");
	assert_string_equal(walked(t_hex("34")), "fault");
}

static void what_no_parser_takes_is_a_fault(void **state)
{
	(void)state;
	assert_string_equal(walked(t_hex("00 01")), "fault");
	assert_string_equal(walked(t_hex("0e 01")), "fault");
	assert_string_equal(walked(t_hex("0f")), "fault");
	assert_string_equal(walked(t_hex("12 05 61")), "fault");
	assert_string_equal(walked(t_hex("12 ffffffffffffffffff01")), "fault");
	assert_string_equal(walked(t_hex("08 ffffffffffffffffffff01")),
			    "fault");
}

static void a_length_beyond_its_message_is_a_fault(void **state)
{
	(void)state;
	/* Inside the file, outside the message. */
	assert_string_equal(walked(t_hex("1a 03 12 05 61 6161616161")),
			    "fault");
	assert_string_equal(walked(t_hex("1a 01 08 01 00 00")), "fault");
}

static void overlong_numbers_are_read(void **state)
{
	(void)state;
	assert_string_equal(walked(t_hex("888000 8700 8880808000 83808000")),
			    "1=7 1=3 ");
}

static void a_hundred_messages_deep_is_the_end(void **state)
{
	static uint8_t deep[1024];
	size_t at = sizeof(deep);
	unsigned in = 0;

	(void)state;
	/* From the innermost outwards; lengths are two bytes, overlong. */
	for (; in < 150; in++, at -= 3) {
		deep[at - 3] = 0x1a;
		deep[at - 2] = (uint8_t)(((sizeof(deep) - at) & 0x7f) | 0x80);
		deep[at - 1] = (uint8_t)((sizeof(deep) - at) >> 7);
	}
	assert_string_equal(
		walked((struct pk_span){ deep + at, sizeof(deep) - at }),
		"fault");
	at += 51 * 3;
	assert_string_equal(
		walked((struct pk_span){ deep + at, sizeof(deep) - at }), "");
}

static void numbers_are_read_packed_or_not(void **state)
{
	struct pk_pb r = over(t_pb("4[1 300 -1] 4=5"));
	struct pk_pb_iter it = { 0, source->size };
	struct pk_pb_field f;
	uint64_t at = 0, v;

	(void)state;
	assert_true(pk_pb_next(&r, &it, &f));
	assert_int_equal(pk_pb_count(&r, &f, PK_PB_INTS), 3);
	assert_true(pk_pb_int(&r, &f, &at, &v));
	assert_int_equal(v, 1);
	assert_true(pk_pb_int(&r, &f, &at, &v));
	assert_int_equal(v, 300);
	assert_true(pk_pb_int(&r, &f, &at, &v));
	assert_int_equal(v, UINT64_MAX);
	assert_false(pk_pb_int(&r, &f, &at, &v));
	assert_true(pk_pb_next(&r, &it, &f));
	at = 0;
	assert_true(pk_pb_int(&r, &f, &at, &v));
	assert_int_equal(v, 5);
	assert_false(pk_pb_int(&r, &f, &at, &v));
	assert_false(pk_pb_next(&r, &it, &f));
}

static void long_text_is_kept_in_part(void **state)
{
	struct pk_pb r = over(t_pb("2*500 2\"PyOp\""));
	struct pk_pb_iter it = { 0, source->size };
	struct pk_pb_field f;
	struct pk_pb_text t;

	(void)state;
	assert_true(pk_pb_next(&r, &it, &f));
	t = pk_pb_text(&r, &f);
	assert_int_equal(t.len, 500);
	assert_int_equal(pk_pb_span(&t).len, PK_PB_TEXT_MAX);
	assert_true(pk_pb_next(&r, &it, &f));
	t = pk_pb_text(&r, &f);
	assert_true(pk_pb_is(&t, "PyOp"));
	assert_false(pk_pb_is(&t, "PyO"));
}

#define TEST(fn) cmocka_unit_test_teardown(fn, clean_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_are_walked_by_their_tables),
		TEST(what_no_table_describes_is_unknown),
		TEST(groups_are_skipped_whole),
		TEST(what_no_parser_takes_is_a_fault),
		TEST(a_length_beyond_its_message_is_a_fault),
		TEST(overlong_numbers_are_read),
		TEST(a_hundred_messages_deep_is_the_end),
		TEST(numbers_are_read_packed_or_not),
		TEST(long_text_is_kept_in_part),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	pk_buf_release(&seen);
	return failed;
}
