/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

/* Constants: class #2, "A", class #4, "B"; public A extends B. */
#define CLASS                                                            \
	"cafebabe 0000 0034 0005 07 0002 01 0001 41 07 0004 01 0001 42 " \
	"0021 0001 0003 0000 0000 0000 0000"
/* A type section of one function, and a function section. */
#define WASM "0061736d 01000000 01 04 01 60 00 00 03 02 01 00"
/* As Python 3.11 begins them. */
#define PYC "a70d0d0a 00000000 00000000 00000000 e3000000"

static const char *reason(const char *hex)
{
	return t_scan("file", t_hex(hex))->reason;
}

static void each_kind_of_its_own_is_no_model(void **state)
{
	(void)state;
	assert_string_equal(reason(CLASS), "a Java class, no model");
	assert_string_equal(reason(WASM), "a WebAssembly module, no model");
	assert_string_equal(reason(PYC), "compiled Python, no model");
}

static void one_under_a_models_name_is_said(void **state)
{
	(void)state;
	t_scan("model.gguf", t_hex(CLASS));
	assert_int_equal(t_severity(PK_RULE_PROGRAM_POSING), PK_HIGH);
}

static void four_bytes_are_no_class(void **state)
{
	(void)state;
	assert_string_equal(reason("cafebabe 0000 0034 ff00 0000 0000"),
			    "bytes of no model format");
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("model.gguf", t_hex(CLASS));
	t_survives_damage("model.gguf", t_hex(WASM));
	t_survives_damage("model.gguf", t_hex(PYC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(each_kind_of_its_own_is_no_model),
		T_TEST(one_under_a_models_name_is_said),
		T_TEST(four_bytes_are_no_class),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
