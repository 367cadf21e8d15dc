/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_read.h"

#include <stdio.h>
#include <stdlib.h>

#include "support.h"

#define STRICT (&(const struct pk_json_opts){ .flags = PK_JSON_STRICT })

static struct pk_meter meter;
static struct pk_arena arena;

static int begin(void **state)
{
	(void)state;
	meter = (struct pk_meter){ .ceiling = 64U << 20 };
	arena = PK_ARENA(&meter);
	return 0;
}

static int end(void **state)
{
	(void)state;
	pk_arena_release(&arena);
	return 0;
}

/* The tokens as a line: { k'a' n'1' } . with ! after a fault. */
static const char *tokens(struct pk_span text, const struct pk_json_opts *opts)
{
	static const char letters[] = ".{}[]ksntf0";
	static char out[512];
	struct pk_cursor c = pk_cursor_over(text, 0);
	struct pk_jreader r;
	size_t n = 0;

	pk_jread_open(&r, &c, &arena, opts);
	do {
		const enum pk_jtoken t = pk_jread_next(&r);

		out[n++] = letters[t];
		if (t == PK_JT_KEY || t == PK_JT_STRING || t == PK_JT_NUMBER) {
			n += (size_t)snprintf(out + n, sizeof(out) - n,
					      "'%.*s'", (int)r.text.len,
					      (const char *)r.text.p);
		}
	} while (r.token != PK_JT_END && n < 400);
	if (!pk_cursor_ok(&c))
		out[n++] = '!';
	out[n] = 0;
	return out;
}

static void reads_every_kind_of_token(void **state)
{
	(void)state;
	assert_string_equal(
		tokens(PK_LIT(" {\"a\" : [1, -2.5e+3,\ttrue,false,null, {}],"
			      "\r\n\"b\":\"x\"} "),
		       STRICT),
		"{k'a'[n'1'n'-2.5e+3'tf0{}]k'b's'x'}.");
	assert_string_equal(tokens(PK_LIT("[]"), STRICT), "[].");
	assert_string_equal(tokens(PK_LIT("7"), STRICT), "n'7'.");
}

static void decodes_escapes(void **state)
{
	(void)state;
	assert_string_equal(tokens(PK_LIT("{\"\\u0063lass\\u005fname\":"
					  "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}"),
				   STRICT),
			    "{k'class_name's'\"\\/\b\f\n\r\t'}.");
	assert_string_equal(tokens(PK_LIT("\"\\ud83d\\uDE00\\u20ac\""), STRICT),
			    "s'\xf0\x9f\x98\x80\xe2\x82\xac'.");
}

static void tells_where_a_token_stands(void **state)
{
	struct pk_cursor c = pk_cursor_over(PK_LIT("{ \"a\\n\": 12 }"), 100);
	struct pk_jreader r;

	(void)state;
	pk_jread_open(&r, &c, &arena, NULL);
	pk_jread_next(&r);
	pk_jread_next(&r);
	assert_int_equal(r.off, 102);
	assert_int_equal(r.len, 5);
	assert_int_equal(r.depth, 1);
	pk_jread_next(&r);
	assert_int_equal(r.off, 109);
	assert_int_equal(r.len, 2);
}

/* Each is refused by serde_json; what a lenient reader makes of it. */
static void strictness_is_a_choice(void **state)
{
	static const struct {
		struct pk_span text;
		const char *lenient;
		unsigned odd;
	} cases[] = {
		{ PK_LIT_INIT("\xef\xbb\xbf{}"), "{}.", PK_JSON_ODD_BOM },
		{ PK_LIT_INIT("[NaN,-Infinity]"), "[n'NaN'n'-Infinity'].",
		  PK_JSON_ODD_NAN },
		{ PK_LIT_INIT("\"\\ud800\""), "s'\xed\xa0\x80'.",
		  PK_JSON_ODD_SURROGATE },
		{ PK_LIT_INIT("\"\\udc00\\ud800\""),
		  "s'\xed\xb0\x80\xed\xa0\x80'.", PK_JSON_ODD_SURROGATE },
		{ PK_LIT_INIT("\"\xff\""), "s'\xff'.", PK_JSON_ODD_UTF8 },
		{ PK_LIT_INIT("\"\xe2\x82\""), "s'\xe2\x82'.",
		  PK_JSON_ODD_UTF8 },
		{ PK_LIT_INIT("\"\xed\xa0\x80\""), "s'\xed\xa0\x80'.",
		  PK_JSON_ODD_UTF8 },
		{ PK_LIT_INIT("\"\xc0\x80\""), "s'\xc0\x80'.",
		  PK_JSON_ODD_UTF8 },
		{ PK_LIT_INIT("\"a\nb\""), "s'a\nb'.", PK_JSON_ODD_CONTROL },
		{ PK_LIT_INIT("[1/*,*/,2// 3\n]//"), "[n'1'n'2'].",
		  PK_JSON_ODD_COMMENT },
		{ PK_LIT_INIT("{\"a\":[1,],}"), "{k'a'[n'1']}.",
		  PK_JSON_ODD_COMMA },
		{ PK_LIT_INIT("[01,+1,1.,.5,-.5]"),
		  "[n'01'n'+1'n'1.'n'.5'n'-.5'].", PK_JSON_ODD_NUMBER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pk_cursor c = pk_cursor_over(cases[i].text, 0);
		unsigned odd = 0;
		const char *line;

		assert_string_equal(tokens(cases[i].text, NULL),
				    cases[i].lenient);
		assert_non_null(pk_json_parse(&c, &arena, NULL, &odd));
		assert_int_equal(odd & cases[i].odd, cases[i].odd);
		line = tokens(cases[i].text, STRICT);
		assert_int_equal(line[strlen(line) - 1], '!');
	}
}

static void refuses_what_is_no_json(void **state)
{
	static const char *const cases[] = {
		"",        "{",         "[",           "[1",      "[1,",
		"{\"a\"",  "{\"a\":",   "{a:1}",       "{'a':1}", "[1 2]",
		"[,]",     "[1,,2]",    "{,}",         "[}",      "{]",
		"\"a",     "\"\\x41\"", "\"\\u12g4\"", "\"\\u12", "\"\\",
		"[truex]", "nul",       "-",           "1e",      "1.2.3",
		"{1:2}",   "{\"a\" 1}", "}",           "0x10",    "{\"a\":}",
		"[1]x]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct pk_json_opts whole = { .flags = PK_JSON_WHOLE };
		struct pk_cursor c = pk_cursor_over(
			(struct pk_span){ (const uint8_t *)cases[i],
					  strlen(cases[i]) },
			0);

		assert_null(pk_json_parse(&c, &arena, &whole, NULL));
		assert_false(pk_cursor_ok(&c));
	}
}

static void one_value_is_read_and_no_more(void **state)
{
	struct pk_cursor c = pk_cursor_over(PK_LIT("{} {}"), 0);
	struct pk_jreader r;

	(void)state;
	pk_jread_open(&r, &c, &arena, STRICT);
	pk_jread_next(&r);
	pk_jread_next(&r);
	assert_int_equal(pk_jread_next(&r), PK_JT_END);
	assert_int_equal(c.off, 2);
	assert_false(pk_jread_at_end(&r));
	assert_true(pk_cursor_ok(&c));
}

static void nesting_is_bounded(void **state)
{
	const struct pk_json_opts few = { .max_depth = 3 };
	static uint8_t deep[100000];
	struct pk_cursor c =
		pk_cursor_over((struct pk_span){ deep, sizeof(deep) }, 0);

	(void)state;
	assert_string_equal(tokens(PK_LIT("[[[]]]"), &few), "[[[]]].");
	assert_string_equal(tokens(PK_LIT("[[{\"a\":[1]}]]"), &few),
			    "[[{k'a'.!");
	memset(deep, '[', sizeof(deep));
	assert_null(pk_json_parse(&c, &arena, NULL, NULL));
	assert_int_equal(c.fault, PK_FAULT_LIMIT);
	assert_int_equal(c.fault_off, PK_JSON_DEPTH_MAX);
}

static void long_strings_are_cut_token_by_token(void **state)
{
	const struct pk_json_opts four = { .max_text = 4 };

	(void)state;
	assert_string_equal(
		tokens(PK_LIT("[\"12345\",\"1\\n345\",\"1\"]"), &four),
		"[s'1234's'1\n34's'1'].");
}

/* Values are passed over whole, whatever brackets their strings hold. */
static void skips_a_value(void **state)
{
	struct pk_cursor c = pk_cursor_over(
		PK_LIT("{\"a\":{\"x\":[\"}\",{}]},\"b\":1,\"c\":2}"), 0);
	struct pk_jreader r;

	(void)state;
	pk_jread_open(&r, &c, &arena, NULL);
	pk_jread_next(&r);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pk_jread_next(&r), PK_JT_KEY);
		assert_true(pk_jread_skip(&r));
	}
	assert_int_equal(pk_jread_next(&r), PK_JT_KEY);
	assert_memory_equal(r.text.p, "c", 1);
	assert_true(pk_jread_skip(&r));
	assert_int_equal(pk_jread_next(&r), PK_JT_OBJECT_END);
}

/* A source that hands out its bytes by reading, as files do. */
static struct pk_span behind;

static size_t read_behind(struct pk_source *s, uint64_t off, void *buf,
			  size_t n)
{
	(void)s;
	memcpy(buf, behind.p + off, n);
	return n;
}

static void windows_edges_do_not_show(void **state)
{
	static const struct pk_source_ops ops = { .read = read_behind };
	const size_t len = 3 * PK_WINDOW;
	uint8_t *text = malloc(len);
	struct pk_source src = { .ops = &ops, .size = len };

	(void)state;
	assert_non_null(text);
	behind = (struct pk_span){ text, len };
	for (size_t shift = 0; shift < 12; shift++) {
		struct pk_cursor c;
		const struct pk_jvalue *v;

		memset(text, ' ', len);
		memcpy(text + PK_WINDOW - shift, "[\"\\u20acx\",1234]", 16);
		c = pk_cursor_open(&src, 0, len, &arena);
		v = pk_json_parse(&c, &arena, STRICT, NULL);
		assert_non_null(v);
		assert_int_equal(v->kids->off, PK_WINDOW - shift + 1);
		assert_int_equal(v->kids->text.len, 4);
		assert_memory_equal(v->kids->next->text.p, "1234", 4);
	}
	free(text);
}

static void a_tree_has_positions_and_duplicates(void **state)
{
	struct pk_cursor c = pk_cursor_over(
		PK_LIT("{\"a\":1,\"b\":[true,null],\"\\u0061\":{\"a\":\"x\"}}"),
		0);
	const struct pk_jvalue *v = pk_json_parse(&c, &arena, STRICT, NULL);
	uint64_t n;

	(void)state;
	assert_non_null(v);
	assert_int_equal(v->count, 3);
	assert_int_equal(v->len, c.off);
	assert_true(pk_json_number(v->kids, &n));
	assert_int_equal(n, 1);
	assert_false(v->kids->repeated);
	assert_int_equal(pk_json_get(v, "b")->count, 2);
	assert_true(pk_json_true(pk_json_get(v, "b")->kids));
	assert_int_equal(pk_json_get(v, "b")->off, 11);
	assert_int_equal(pk_json_get(v, "b")->len, 11);
	assert_true(pk_json_get(v, "a")->repeated);
	assert_int_equal(pk_json_get(v, "a")->key_off, 23);
	assert_true(
		pk_span_eq(pk_json_text(pk_json_get(pk_json_get(v, "a"), "a")),
			   PK_LIT("x")));
	assert_null(pk_json_get(pk_json_get(v, "none"), "a"));
	assert_int_equal(pk_json_text(v).len, 0);
}

static void duplicates_among_many_are_seen(void **state)
{
	static char text[20000];
	struct pk_cursor c;
	const struct pk_jvalue *v;
	size_t n = 0, twice = 0;

	(void)state;
	text[n++] = '{';
	for (int i = 0; i < 1000; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "\"k%d\":%d,",
				      i == 999 ? 3 : i, i);
	text[n - 1] = '}';
	c = pk_cursor_over((struct pk_span){ (uint8_t *)text, n }, 0);
	v = pk_json_parse(&c, &arena, STRICT, NULL);
	assert_non_null(v);
	for (const struct pk_jvalue *k = v->kids; k; k = k->next)
		twice += k->repeated;
	assert_int_equal(twice, 1);
	assert_memory_equal(pk_json_get(v, "k3")->text.p, "999", 3);
}

static void reads_utf16_and_utf32_as_python_does(void **state)
{
	static const char *const cases[] = {
		"7b00 2200 ac20 2200 3a00 3100 7d00", /* {"€":1} */
		"fffe 7b00 2200 ac20 2200 3a00 3100 7d00",
		"feff 007b 0022 20ac 0022 003a 0031 007d",
		"007b 0022 20ac 0022 003a 0031 007d",
		"7b000000 22000000 ac200000 22000000 3a000000 31000000"
		"7d000000",
		"0000feff 0000007b 00000022 000020ac 00000022 0000003a"
		"00000031 0000007d",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pk_cursor c = pk_cursor_over(t_hex(cases[i]), 0);

		assert_non_null(pk_json_get(
			pk_json_parse(&c, &arena, NULL, NULL), "\u20ac"));
		assert_int_equal(pk_cursor_left(&c), 0);
	}
}

static void a_spent_meter_is_a_fault(void **state)
{
	struct pk_cursor c =
		pk_cursor_over(PK_LIT("[\"aaaaaaaaaaaa\",[[[1]]]]"), 0);
	struct pk_meter little = { .ceiling = 100 };
	struct pk_arena a = PK_ARENA(&little);

	(void)state;
	assert_null(pk_json_parse(&c, &a, NULL, NULL));
	assert_int_equal(c.fault, PK_FAULT_LIMIT);
	assert_true(little.exceeded);
	pk_arena_release(&a);
}

static void numbers_are_taken_as_strict_readers_take_them(void **state)
{
	uint64_t n = 0;

	(void)state;
	assert_true(pk_json_u64(PK_LIT("18446744073709551615"), &n));
	assert_true(n == UINT64_MAX);
	assert_false(pk_json_u64(PK_LIT("18446744073709551616"), &n));
	assert_false(pk_json_u64(PK_LIT("-1"), &n));
	assert_false(pk_json_u64(PK_LIT("1.0"), &n));
	assert_false(pk_json_u64(PK_LIT("01"), &n));
	assert_false(pk_json_u64(PK_LIT(""), &n));
	assert_true(pk_json_u64(PK_LIT("0"), &n));
	assert_int_equal(n, 0);
}

static void survives_damage(void **state)
{
	static const char whole[] =
		"{\"a\\u0062\\ud83d\\ude00\":[1,-2.5e3,true,null,"
		"{\"x\":\"\xe2\x82\xac\"}],\"b\":{},\"b\":\"\\n\"}/**/";
	const size_t len = sizeof(whole) - 1;

	(void)state;
	for (size_t i = 0; i < 2 * len; i++) {
		const size_t n = i < len ? i : len;
		uint8_t *copy = malloc(n + 1);
		struct pk_cursor c;

		assert_non_null(copy);
		memcpy(copy, whole, n);
		if (i >= len)
			copy[i - len] ^= 0x15;
		c = pk_cursor_over((struct pk_span){ copy, n }, 0);
		(void)pk_json_parse(&c, &arena, NULL, NULL);
		free(copy);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_every_kind_of_token),
		TEST(decodes_escapes),
		TEST(tells_where_a_token_stands),
		TEST(strictness_is_a_choice),
		TEST(refuses_what_is_no_json),
		TEST(one_value_is_read_and_no_more),
		TEST(nesting_is_bounded),
		TEST(long_strings_are_cut_token_by_token),
		TEST(skips_a_value),
		TEST(windows_edges_do_not_show),
		TEST(a_tree_has_positions_and_duplicates),
		TEST(duplicates_among_many_are_seen),
		TEST(reads_utf16_and_utf32_as_python_does),
		TEST(a_spent_meter_is_a_fault),
		TEST(numbers_are_taken_as_strict_readers_take_them),
		TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
