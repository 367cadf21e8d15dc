/* SPDX-License-Identifier: Apache-2.0 */
#include "asm.h"

#include "support.h"

static void assembles(const char *text, const char *hex)
{
	struct pk_span got = t_pka(text), want = t_hex(hex);

	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.p, want.p, want.len);
}

static void writes_each_shape_of_operand(void **state)
{
	(void)state;
	assembles("PROTO 4 # the newest\n\nSTOP", "80 04 2e");
	assembles("GLOBAL os system", "63 6f730a 73797374656d0a");
	assembles("GLOBAL \"o\\x00s\" \"a b\"", "63 6f00730a 6120620a");
	assembles("STRING 'a b'", "53 276120622 70a");
	assembles("BININT -2", "4a feffffff");
	assembles("BINFLOAT 1.5", "47 3ff8000000000000");
	assembles("SHORT_BINUNICODE \"a#b\"", "8c 03 612362");
	assembles("BINUNICODE @0xfffffffe \"a\"", "58 feffffff 61");
	assembles("LONG1 -129", "8a 02 7fff");
	assembles("LONG4 1", "8b 01000000 01");
}

static void closes_a_frame_at_the_next_and_at_the_end(void **state)
{
	(void)state;
	assembles("FRAME\nNONE\nPOP\nFRAME\nSTOP",
		  "95 0200000000000000 4e 30 95 0100000000000000 2e");
	assembles("FRAME 9\nSTOP", "95 0900000000000000 2e");
}

static void takes_bytes_as_they_are(void **state)
{
	(void)state;
	assembles("hex 80 02\nraw \"\\x93\\n\"\nrepeat 3 NONE",
		  "80 02 93 0a 4e4e4e");
}

static void a_zip_holds_what_stands_between_member_and_end(void **state)
{
	(void)state;
	assembles("zip\nmember \"a\"\nSTOP\nend",
		  "504b0304 1400 0000 0000 00002100 42e2d40e 01000000 01000000"
		  "0100 0000 61 2e"
		  "504b0102 1400 1400 0000 0000 00002100 42e2d40e 01000000"
		  "01000000 0100 0000 0000 0000 0000 00000000 00000000 61"
		  "504b0506 0000 0000 0100 0100 2f000000 20000000 0000");
}

static void a_mistake_names_its_line(void **state)
{
	struct pk_buf out = { 0 };
	struct asm_error err;

	(void)state;
	assert_false(asm_text("NONE\nNOPE", &out, &err));
	assert_int_equal(err.line, 2);
	assert_false(asm_text("zip\nmember \"a\"", &out, &err));
	assert_false(asm_text("NONE 1", &out, &err));
	assert_false(asm_text("raw \"a", &out, &err));
	assert_false(asm_text("hex 0", &out, &err));
	pk_buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_each_shape_of_operand),
		cmocka_unit_test(closes_a_frame_at_the_next_and_at_the_end),
		cmocka_unit_test(takes_bytes_as_they_are),
		cmocka_unit_test(
			a_zip_holds_what_stands_between_member_and_end),
		cmocka_unit_test(a_mistake_names_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
