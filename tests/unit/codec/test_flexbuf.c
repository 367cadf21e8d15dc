/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/flexbuf.h"
#include "support.h"

/* As flexbuffers.h writes the vector ["Add", <two bytes>] */
#define VECTOR "03 41646400 02 beef 00 02 09 05 1414 04 28 01"

static void texts_of_a_vector_are_found(void **state)
{
	const struct pk_span v = t_hex(VECTOR);
	struct pk_span text;

	(void)state;
	assert_true(pk_flex_text(v, 0, &text));
	assert_true(pk_span_eq(text, PK_LIT("Add")));
	assert_true(pk_flex_text(v, 1, &text));
	assert_int_equal(text.len, 2);
	assert_false(pk_flex_text(v, 2, &text));
}

static void damage_is_survived(void **state)
{
	struct pk_span v = t_hex(VECTOR), text;
	uint8_t copy[64];

	(void)state;
	for (size_t i = 0; i < v.len * 256; i++) {
		memcpy(copy, v.p, v.len);
		copy[i / 256] = (uint8_t)i;
		for (unsigned k = 0; k < 4; k++) {
			if (!pk_flex_text((struct pk_span){ copy, v.len }, k,
					  &text))
				continue;
			assert_true(text.p >= copy &&
				    text.p + text.len <= copy + v.len);
		}
	}
	for (size_t n = 0; n < v.len; n++)
		(void)pk_flex_text((struct pk_span){ v.p, n }, 0, &text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_a_vector_are_found),
		cmocka_unit_test(damage_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
