/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

/* {"w": ext 1 of [[1], "int8", b"\x05"]} */
#define FLAX "81 a1 77 c7 0b 01 93 91 01 a4 696e7438 c4 01 05"
/* {"nd": true, "type": "|O", "kind": "O", "data": pickle} */
#define NUMPY(kind)                                           \
	"84 a2 6e64 c3 a4 74797065 a2 7c4f a4 6b696e64 " kind \
	" a4 64617461 c4 17 80 02 63 6f730a 73797374656d0a 58 02000000 6964 85 52 2e"

static void a_model_of_flax_is_clean(void **state)
{
	const struct pk_job *job = t_scan("m.msgpack", t_hex(FLAX));

	(void)state;
	assert_string_equal(job->primary->name, "msgpack");
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->explained, job->size);
}

static void an_array_of_another_size_is_said(void **state)
{
	(void)state;
	t_scan("m.msgpack",
	       t_hex("81 a1 77 c7 0b 01 93 91 02 a4 696e7438 c4 01 05"));
	assert_true(t_finds(PK_RULE_MSGPACK_ARRAY));
	assert_true(t_partial());
	t_scan("m.msgpack",
	       t_hex("81 a1 77 c7 0d 01 93 91 01 a6 6f626a656374 c4 01 05"));
	assert_true(t_finds(PK_RULE_MSGPACK_ARRAY));
}

static void an_array_of_objects_is_a_pickle(void **state)
{
	(void)state;
	t_scan("m.msgpack", t_hex(NUMPY("a1 4f")));
	assert_int_equal(t_severity(PK_RULE_MSGPACK_PICKLE), PK_HIGH);
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
	/* names and kind as bytes */
	t_scan("m.msgpack", t_hex(NUMPY("c4 01 4f")));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void forged_counts_are_findings(void **state)
{
	(void)state;
	t_scan("m.msgpack", t_hex("82 a1 77 c7 0b 01 93 91 01 a4 696e7438 c4 "
				  "01 05 a1 78 df ffffffff"));
	assert_true(t_finds(PK_RULE_MSGPACK_MALFORMED));
	assert_true(t_partial());
}

static void other_bytes_are_no_map(void **state)
{
	(void)state;
	assert_null(t_scan("a.dat", t_hex("81 a3 616263 c1 c1 c1"))->primary);
	assert_null(t_scan("a.dat", t_hex("82 a3 616263 01"))->primary);
}

static void deep_nesting_ends(void **state)
{
	static uint8_t deep[100000];

	(void)state;
	memcpy(deep,
	       t_hex("82 a1 77 c7 0b 01 93 91 01 a4 696e7438 c4 01 05 "
		     "a1 78")
		       .p,
	       18);
	memset(deep + 18, 0x91, sizeof(deep) - 18);
	t_scan("m.msgpack", (struct pk_span){ deep, sizeof(deep) });
	assert_true(t_finds(PK_RULE_MSGPACK_MALFORMED));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m.msgpack", t_hex(FLAX));
	t_survives_damage("m.msgpack", t_hex(NUMPY("a1 4f")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_model_of_flax_is_clean),
		T_TEST(an_array_of_another_size_is_said),
		T_TEST(an_array_of_objects_is_a_pickle),
		T_TEST(forged_counts_are_findings),
		T_TEST(other_bytes_are_no_map),
		T_TEST(deep_nesting_ends),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
