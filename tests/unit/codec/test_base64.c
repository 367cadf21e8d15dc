/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"
#include "support.h"

static struct pk_span text(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static void the_vectors_of_rfc_4648_go_both_ways(void **state)
{
	static const char *const vectors[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct pk_buf b = { 0 };

		pk_base64_put(&b, text(vectors[i][0]));
		assert_string_equal(pk_buf_str(&b), vectors[i][1]);
		b.len = 0;
		assert_true(pk_base64_get(&b, text(vectors[i][1])));
		assert_string_equal(pk_buf_str(&b), vectors[i][0]);
		pk_buf_release(&b);
	}
}

static void strict_takes_nothing_but_the_canonical_text(void **state)
{
	static const char *const bad[] = { "Zg",   "Zg=",    "Zh==",
					   "Zm9=", "Zm9v\n", "Zm-v",
					   "Z===", "====",   "Zg==Zg==" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pk_buf b = { 0 };

		assert_false(pk_base64_get(&b, text(bad[i])));
		pk_buf_release(&b);
	}
}

static void lenient_takes_what_python_takes(void **state)
{
	struct pk_buf b = { 0 };

	(void)state;
	pk_base64_get_lenient(&b, text("Zm9v\n Ym-_Yg"));
	assert_int_equal(b.len, 7);
	assert_memory_equal(b.p, "foobo\xbf\x62", 7);
	pk_buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_rfc_4648_go_both_ways),
		cmocka_unit_test(strict_takes_nothing_but_the_canonical_text),
		cmocka_unit_test(lenient_takes_what_python_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
