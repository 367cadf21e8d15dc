/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pycode.h"

#include <stdlib.h>

#include "support.h"

/* What Python 3.11 makes of: import os; os.system('echo picket') */
#define SYSTEM                                                             \
	"630000000000000000000000000300000000000000f32e000000970064006401" \
	"6c005a00020065006a0100000000000000006402a6010000ab01000000000000" \
	"00000100640153002903e9000000004e7a0b6563686f207069636b65742902da" \
	"026f73da0673797374656da900f300000000da016dfa083c6d6f64756c653e72" \
	"07000000010000007326000000f003010101d80009800980098009d800098002" \
	"8409882dd10018d40018d00018d00018d000187205000000"

/* f = lambda x: x * 2 + 1 */
#define LAMBDA                                                             \
	"630000000000000000000000000100000000000000f30c000000970064008400" \
	"5a00640153002902630100000000000000000000000200000003000000f31200" \
	"000097007c0064017a05000064027a000000530029034ee902000000e9010000" \
	"00a9002901da0178730100000020da016dfa083c6c616d6264613e7207000000" \
	"01000000730e0000008000884188618943900189458000f3000000004e2901da" \
	"0166720400000072080000007206000000fa083c6d6f64756c653e720a000000" \
	"010000007310000000f003010101d80211802f8001800180017208000000"

/* getattr(__import__('os'), 'system')('id') */
#define GETATTR                                                            \
	"630000000000000000000000000600000000000000f342000000970002000200" \
	"6500020065016400a6010000ab0100000000000000006401a6020000ab020000" \
	"0000000000006402a6010000ab0100000000000000000100640353002904da02" \
	"6f73da0673797374656dda0269644e2902da0767657461747472da0a5f5f696d" \
	"706f72745f5fa900f300000000da016dfa083c6d6f64756c653e720900000001" \
	"0000007331000000f003010101d8002280078007880a880a9034d10818d40818" \
	"9818d10022d40022a034d10028d40028d00028d00028d000287207000000"

static struct pk_meter meter = { .ceiling = 64 << 20 };
static struct pk_arena arena = { .meter = &meter };

static struct pk_pycode read_code(struct pk_span bytes)
{
	return pk_pycode_read(bytes, &arena);
}

static int teardown(void **state)
{
	(void)state;
	pk_arena_release(&arena);
	return 0;
}

/* Of a whole module only what goes together counts: "os" and "system", not
 * "os" and a text. */
static void a_module_is_judged_as_a_program(void **state)
{
	struct pk_pycode c = pk_pycode_read_module(t_hex(SYSTEM), 3495, &arena);

	(void)state;
	assert_true(c.dangerous);
	assert_string_equal(pk_buf_str(&c.what), "os.system");
	pk_pycode_release(&c);
	c = pk_pycode_read_module(t_hex(GETATTR), 3495, &arena);
	assert_true(c.dangerous);
	pk_pycode_release(&c);
	/* A Python that is not known: as a function is. */
	c = pk_pycode_read_module(t_hex(SYSTEM), 9999, &arena);
	assert_true(c.dangerous);
	pk_pycode_release(&c);
}

static void a_function_of_numbers_is_harmless(void **state)
{
	struct pk_pycode c = read_code(t_hex(LAMBDA));

	(void)state;
	assert_true(c.understood);
	assert_false(c.dangerous);
	assert_string_equal(c.marshal.python, "3.11 to 3.14");
	assert_non_null(c.marshal.codes->next);
	assert_int_equal(c.marshal.codes->next->depth, 1);
	assert_memory_equal(c.marshal.codes->next->name.p, "<lambda>", 8);
	pk_pycode_release(&c);
}

static void names_of_a_module_and_of_its_function_go_together(void **state)
{
	struct pk_pycode c = read_code(t_hex(SYSTEM));

	(void)state;
	assert_true(c.understood);
	assert_true(c.dangerous);
	assert_string_equal(pk_buf_str(&c.what), "os.system");
	pk_pycode_release(&c);
}

static void constants_that_are_names_count(void **state)
{
	struct pk_pycode c = read_code(t_hex(GETATTR));

	(void)state;
	assert_true(c.dangerous);
	assert_non_null(strstr(pk_buf_str(&c.what), "os.system"));
	assert_non_null(strstr(pk_buf_str(&c.what), "__import__"));
	pk_pycode_release(&c);
}

/* From the layouts of Python's own marshal.c, put together by hand. */
#define L(n)        #n "000000"
#define EMPTY       "2800000000"
#define S_CODE      "7302000000 5300"
#define OS_SYSTEM_2 "2802000000 74020000006f73 740600000073797374656d"
#define OS_SYSTEM_3 "2902 5a026f73 5a0673797374656d"
#define NAME_2      "730100000066"
#define NAME_3      "5a0166"

static const struct {
	const char *python;
	const char *hex;
} layouts[] = {
	{ "2.3 to 2.7",
	  "63" L(00) L(00) L(01) L(40)
		  S_CODE EMPTY OS_SYSTEM_2 EMPTY EMPTY EMPTY NAME_2
	  "5200000000" L(01) "7300000000" },
	{ "3.0 to 3.7", "e3" L(00) L(00) L(00) L(01) L(40) S_CODE
	  "2900" OS_SYSTEM_3
	  "2900 2900 2900" NAME_3 NAME_3 L(01) "7300000000" },
	{ "3.8 to 3.10", "e3" L(00) L(00) L(00) L(00) L(01) L(40) S_CODE
	  "2900" OS_SYSTEM_3
	  "2900 2900 2900" NAME_3 NAME_3 L(01) "7300000000" },
	{ "3.11 to 3.14", "e3" L(00) L(00) L(00) L(01) L(40) S_CODE
	  "2900" OS_SYSTEM_3 "2900 7300000000" NAME_3 NAME_3 NAME_3 L(
		  01) "7300000000 7300000000" },
};

static void the_layouts_of_all_pythons_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		struct pk_pycode c = read_code(t_hex(layouts[i].hex));

		if (!c.understood)
			print_message("not read: %s\n", layouts[i].python);
		assert_true(c.understood);
		assert_string_equal(c.marshal.python, layouts[i].python);
		assert_string_equal(pk_buf_str(&c.what), "os.system");
		pk_pycode_release(&c);
	}
}

static void broken_code_is_searched_for_names(void **state)
{
	const struct pk_span bytes = t_hex(SYSTEM);
	struct pk_pycode c =
		read_code((struct pk_span){ bytes.p, bytes.len - 3 });

	(void)state;
	assert_false(c.understood);
	assert_true(c.dangerous);
	pk_pycode_release(&c);
}

static void references_cannot_make_it_slow(void **state)
{
	static const uint8_t head[] = "\xe3\0\0\0\0\0\0\0\0\0\0\0\0"
				      "\0\0\0\0\0\0\0\0s\0\0\0\0";
	static const uint8_t tail[] = ")\0)\0s\0\0\0\0Z\1fZ\1fZ\1f"
				      "\1\0\0\0s\0\0\0\0s\0\0\0\0";
	uint8_t bytes[64 * 1300];
	size_t n = sizeof(head) - 1;
	struct pk_pycode c;

	(void)state;
	memcpy(bytes, head, n);
	/* Twenty tuples, each of 250 references to the one before. */
	bytes[n++] = ')';
	bytes[n++] = 20;
	for (uint8_t i = 0; i < 20; i++) {
		bytes[n++] = 0xa9;
		bytes[n++] = 250;
		for (unsigned k = 0; k < 250; k++) {
			bytes[n++] = i ? 'r' : 'N';
			if (i) {
				memset(bytes + n, 0, 4);
				bytes[n] = i;
				n += 4;
			}
		}
	}
	memcpy(bytes + n, tail, sizeof(tail) - 1);
	n += sizeof(tail) - 1;
	c = read_code((struct pk_span){ bytes, n });
	assert_true(c.understood);
	assert_false(c.dangerous);
	pk_pycode_release(&c);
}

static void survives_damage(void **state)
{
	static const char *const all[] = { SYSTEM, LAMBDA, GETATTR };

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		const struct pk_span whole = t_hex(all[k]);

		for (size_t i = 0; i < whole.len * 8; i++) {
			uint8_t *copy = malloc(whole.len);
			struct pk_pycode c;

			memcpy(copy, whole.p, whole.len);
			copy[i / 8] ^= (uint8_t)(1U << i % 8);
			c = read_code((struct pk_span){ copy, whole.len });
			pk_pycode_release(&c);
			c = read_code((struct pk_span){ copy, i / 8 });
			pk_pycode_release(&c);
			pk_arena_release(&arena);
			free(copy);
		}
	}
}

#define TEST(fn) cmocka_unit_test_teardown(fn, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_module_is_judged_as_a_program),
		TEST(a_function_of_numbers_is_harmless),
		TEST(names_of_a_module_and_of_its_function_go_together),
		TEST(constants_that_are_names_count),
		TEST(the_layouts_of_all_pythons_are_told_apart),
		TEST(broken_code_is_searched_for_names),
		TEST(references_cannot_make_it_slow),
		TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
