/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/json_out.h"

static void expect(struct pk_buf *b, const char *text)
{
	assert_string_equal(pk_buf_str(b), text);
	pk_buf_release(b);
}

static void nesting_and_commas_are_kept(void **state)
{
	struct pk_buf b = { 0 };
	struct pk_json j = { .out = &b };

	(void)state;
	pk_json_object(&j, NULL);
	pk_json_uint(&j, "n", UINT64_MAX);
	pk_json_array(&j, "list");
	pk_json_str(&j, NULL, "a");
	pk_json_bool(&j, NULL, true);
	pk_json_null(&j, NULL);
	pk_json_close(&j);
	pk_json_array(&j, "none");
	pk_json_close(&j);
	pk_json_close(&j);
	expect(&b, "{\"n\": 18446744073709551615, \"list\": [\"a\", true, "
		   "null], \"none\": []}\n");
}

static void what_is_inlined_stays_on_its_line(void **state)
{
	struct pk_buf b = { 0 };
	struct pk_json j = { .out = &b, .pretty = true };

	(void)state;
	pk_json_object(&j, NULL);
	pk_json_inline(&j);
	pk_json_array(&j, "a");
	pk_json_uint(&j, NULL, 1);
	pk_json_uint(&j, NULL, 2);
	pk_json_close(&j);
	pk_json_array(&j, "b");
	pk_json_uint(&j, NULL, 3);
	pk_json_close(&j);
	pk_json_close(&j);
	expect(&b, "{\n  \"a\": [1, 2],\n  \"b\": [\n    3\n  ]\n}\n");
}

static void nothing_in_a_string_acts_on_a_terminal(void **state)
{
	struct pk_buf b = { 0 };
	struct pk_json j = { .out = &b };

	(void)state;
	pk_json_object(&j, NULL);
	pk_json_str(&j, "s", "a\"\\\n\x1b[31m\x7f\u202e\xc2\x9b\U000e0041");
	pk_json_close(&j);
	expect(&b, "{\"s\": \"a\\\"\\\\\\n\\u001b[31m\\u007f\\u202e\\u009b"
		   "\\udb40\\udc41\"}\n");
}

static void bytes_that_are_no_text_come_as_hex_too(void **state)
{
	struct pk_buf b = { 0 };
	struct pk_json j = { .out = &b };

	(void)state;
	pk_json_object(&j, NULL);
	pk_json_bytes(&j, "p", PK_LIT("a\xff"));
	pk_json_bytes(&j, "q", PK_LIT("ok"));
	pk_json_close(&j);
	expect(&b, "{\"p\": \"a\\ufffd\", \"p_hex\": \"61ff\", \"q\": "
		   "\"ok\"}\n");
}

static void half_a_surrogate_pair_is_replaced(void **state)
{
	struct pk_buf b = { 0 };
	struct pk_json j = { .out = &b };

	(void)state;
	pk_json_array(&j, NULL);
	pk_json_str(&j, NULL, "\xed\xa0\x80");
	pk_json_close(&j);
	expect(&b, "[\"\\ufffd\"]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nesting_and_commas_are_kept),
		cmocka_unit_test(what_is_inlined_stays_on_its_line),
		cmocka_unit_test(nothing_in_a_string_acts_on_a_terminal),
		cmocka_unit_test(bytes_that_are_no_text_come_as_hex_too),
		cmocka_unit_test(half_a_surrogate_pair_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
