/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/textproto.h"

#include "support.h"

static const struct pk_pb_message node;
static const struct pk_pb_line lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, INT, "size"),
	PK_PB(3, MESSAGE, "node", .of = &node),
	PK_PB(4, FIXED32, "f"),
};
static const struct pk_pb_message node = PK_PB_LINES(lines);

static struct pk_buf out;

static bool becomes(const char *text, const char *wire)
{
	struct pk_cursor c = pk_cursor_over(
		(struct pk_span){ (const uint8_t *)text, strlen(text) }, 0);
	struct pk_textproto stats;

	pk_buf_release(&out);
	return pk_textproto_encode(&c, &node, &out, &stats) &&
	       pk_span_eq(pk_buf_span(&out), t_pb(wire));
}

static void text_becomes_the_wire_form(void **state)
{
	(void)state;
	assert_true(becomes("name: \"a\" size: 7 # remark\n node { name: 'b' }",
			    "1\"a\" 2=7 3{1\"b\"}"));
	assert_true(becomes("node: < size: -1 >; node {}, f: 1.5e3",
			    "3{2=-1} 3{} 4%00000000"));
	assert_true(becomes("size: [1, 2] node: [{name:\"x\"}, {}]",
			    "2=1 2=2 3{1\"x\"} 3{}"));
	assert_true(becomes("size: SOME_ENUM size: true size: 0x10",
			    "2=0 2=1 2=16"));
}

static void escapes_are_decoded(void **state)
{
	(void)state;
	assert_true(becomes("name: \"Read\\106ile\\n\" 'x\\x41\\u00e9'",
			    "1\"ReadFile\\nxA\\xc3\\xa9\""));
}

static void what_no_table_names_is_left_out(void **state)
{
	(void)state;
	assert_true(becomes("other: 1 more { deep: [1,2] s: \"}\" } size: 2 "
			    "[a.b/c] { x: 1 }",
			    "2=2"));
}

static void what_is_no_message_is_refused(void **state)
{
	(void)state;
	assert_false(becomes("name \"a\"", ""));
	assert_false(becomes("node {", ""));
	assert_false(becomes("name: \"a", ""));
	assert_false(becomes("}", ""));
	assert_false(becomes("This is prose, no message.", ""));
}

static int clean_up(void **state)
{
	(void)state;
	pk_buf_release(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_becomes_the_wire_form),
		cmocka_unit_test(escapes_are_decoded),
		cmocka_unit_test(what_no_table_names_is_left_out),
		cmocka_unit_test(what_is_no_message_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, clean_up);
}
