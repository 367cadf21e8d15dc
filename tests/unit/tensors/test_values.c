/* SPDX-License-Identifier: Apache-2.0 */
#include "tensors/values.h"

#include "source/memory.h"
#include "support.h"

static struct pk_span word(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static bool count(const char *dtype, struct pk_span bytes, uint64_t len,
		  struct pk_value_counts *ret)
{
	struct pk_source *src = pk_memory_borrow(bytes);
	bool ok;

	assert_non_null(src);
	ok = pk_count_values(src, 0, len, word(dtype), ret);
	pk_source_free(src);
	return ok;
}

/* Each holds the least and the greatest NaN of its type, of both signs where
 * it has them, its infinities, and their neighbours that are numbers. */
static void each_type_has_its_own_nan_and_infinity(void **state)
{
	static const struct {
		const char *dtype, *hex;
		uint64_t nan, inf;
	} cases[] = {
		{ "F16", "017c ff7f 01fc 007c 00fc ff7b 0080", 3, 2 },
		{ "BF16", "817f ff7f 81ff 807f 80ff 7f7f 0080", 3, 2 },
		{ "F32", "0100807f ffffffff 0000807f 000080ff ffff7f7f", 2, 2 },
		{ "C64", "0100807f 0000803f 0000803f 000080ff", 1, 1 },
		{ "F64",
		  "010000000000f07f ffffffffffffffff 000000000000f07f "
		  "000000000000f0ff ffffffffffffef7f",
		  2, 2 },
		{ "F8_E5M2", "7d 7e ff 7c fc 7b 80", 3, 2 },
		{ "F8_E4M3", "7f ff 7e fe 80 00", 2, 0 },
		{ "F8_E8M0", "ff fe 7f 00", 1, 0 },
		{ "F8_E4M3FNUZ", "80 7f ff 81 00", 1, 0 },
		{ "F8_E5M2FNUZ", "80 7f ff 81 00", 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pk_span bytes = t_hex(cases[i].hex);
		struct pk_value_counts c;

		assert_true(count(cases[i].dtype, bytes, bytes.len, &c));
		if (c.nan != cases[i].nan || c.inf != cases[i].inf)
			print_message("%s\n", cases[i].dtype);
		assert_int_equal(c.nan, cases[i].nan);
		assert_int_equal(c.inf, cases[i].inf);
	}
}

static void other_types_are_not_counted(void **state)
{
	struct pk_value_counts c;

	(void)state;
	assert_false(pk_values_countable(word("I32")));
	assert_false(pk_values_countable(word("F4")));
	assert_false(pk_values_countable(word("")));
	assert_false(count("I32", t_hex("ffffffff"), 4, &c));
}

static void more_than_a_window_is_counted_to_its_end(void **state)
{
	enum { N = 300001 };
	static uint16_t v[N];
	struct pk_value_counts c;

	(void)state;
	memset(v, 0xff, sizeof(v));
	assert_true(count("F16",
			  (struct pk_span){ (const uint8_t *)v, sizeof(v) },
			  sizeof(v), &c));
	assert_int_equal(c.nan, N);
	assert_int_equal(c.inf, 0);
}

static void a_short_file_is_told(void **state)
{
	struct pk_value_counts c;

	(void)state;
	assert_false(count("F32", t_hex("0000807f"), 8, &c));
	assert_false(count("F32", t_hex("0000807f"), UINT64_MAX, &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(each_type_has_its_own_nan_and_infinity),
		T_TEST(other_types_are_not_counted),
		T_TEST(more_than_a_window_is_counted_to_its_end),
		T_TEST(a_short_file_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
