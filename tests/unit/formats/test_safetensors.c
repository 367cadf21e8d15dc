/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/safetensors.h"

#include <stdio.h>

#include "support.h"

/* A file: the header's length, the header, so many zeros. */
static struct pk_span file(struct pk_span header, size_t data)
{
	static uint8_t bytes[4096];

	assert_true(8 + header.len + data <= sizeof(bytes));
	memset(bytes, 0, sizeof(bytes));
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)header.len >> (8 * i));
	memcpy(bytes + 8, header.p, header.len);
	return (struct pk_span){ bytes, 8 + header.len + data };
}

#define FILE_OF(text, data) file(PK_LIT(text), data)
#define ONE(dtype, shape, offsets)                         \
	"{\"a\":{\"dtype\":\"" dtype "\",\"shape\":" shape \
	",\"data_offsets\":" offsets "}}"

static void an_ordinary_file_is_clean(void **state)
{
	const struct pk_job *job =
		t_scan("m.safetensors",
		       FILE_OF("{\"__metadata__\":{\"format\":\"pt\"},"
			       "\"b\":{\"dtype\":\"F32\",\"shape\":[2,2],"
			       "\"data_offsets\":[0,16]},"
			       "\"a\":{\"dtype\":\"BOOL\",\"shape\":[],"
			       "\"data_offsets\":[16,17]}}   ",
			       17));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "safetensors");
	assert_int_equal(job->explained, job->size);
	assert_false(t_partial());
	assert_int_equal(job->facts & PK_FACT_REFUSED, 0);
}

/* What the reference reader makes of it, by its own name for the error. */
static const struct {
	struct pk_span header;
	size_t data;
	enum pk_st_error error;
} cases[] = {
	{ PK_LIT_INIT("{}"), 0, PK_ST_FINE },
	{ PK_LIT_INIT("{}"), 1, PK_ST_INCOMPLETE_LONG },
	{ PK_LIT_INIT(""), 0, PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT(ONE("F32", "[1]", "[0,4]")), 4, PK_ST_FINE },
	{ PK_LIT_INIT(ONE("F32", "[1]", "[0,4]")), 3, PK_ST_INCOMPLETE_SHORT },
	{ PK_LIT_INIT(ONE("F32", "[1]", "[0,4]")), 5, PK_ST_INCOMPLETE_LONG },
	{ PK_LIT_INIT(ONE("F32", "[2]", "[0,4]")), 4,
	  PK_ST_TENSOR_INVALID_INFO },
	{ PK_LIT_INIT(ONE("F32", "[1]", "[4,8]")), 8,
	  PK_ST_INVALID_OFFSET_HOLE },
	{ PK_LIT_INIT(ONE("F32", "[1]", "[4,0]")), 4,
	  PK_ST_INVALID_OFFSET_ORDER },
	{ PK_LIT_INIT(ONE("F4", "[1]", "[0,0]")), 0, PK_ST_MISALIGNED_SLICE },
	{ PK_LIT_INIT(ONE("F4", "[8]", "[0,4]")), 4, PK_ST_FINE },
	{ PK_LIT_INIT(ONE("F6_E2M3", "[4]", "[0,3]")), 3, PK_ST_FINE },
	{ PK_LIT_INIT(ONE("U8", "[4294967296,4294967296]", "[0,0]")), 0,
	  PK_ST_VALIDATION_OVERFLOW },
	{ PK_LIT_INIT(ONE("F32", "[1152921504606846976]", "[0,0]")), 0,
	  PK_ST_VALIDATION_OVERFLOW },
	{ PK_LIT_INIT(ONE("U8", "[18446744073709551615,2,0]", "[0,0]")), 0,
	  PK_ST_VALIDATION_OVERFLOW },
	{ PK_LIT_INIT(ONE("U8", "[0,18446744073709551615]", "[0,0]")), 0,
	  PK_ST_FINE },
	{ PK_LIT_INIT(ONE("Q4", "[1]", "[0,4]")), 4, PK_ST_UNKNOWN_DTYPE },
	{ PK_LIT_INIT(ONE("f32", "[1]", "[0,4]")), 4, PK_ST_UNKNOWN_DTYPE },
	/* Numbers are plain or none. */
	{ PK_LIT_INIT(ONE("F32", "[1.0]", "[0,4]")), 4,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT(ONE("F32", "[-0]", "[0,0]")), 0,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT(ONE("F32", "[01]", "[0,4]")), 4,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT(ONE("F32", "[18446744073709551616]", "[0,4]")), 4,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT(ONE("F32", "[true]", "[0,4]")), 4,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT(ONE("F32", "null", "[0,4]")), 4,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT(ONE("F32", "[1]", "[0]")), 4,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT(ONE("F32", "[1]", "[0,4,8]")), 4,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	/* Forms that serde takes. */
	{ PK_LIT_INIT("{\"a\":[\"F32\",[1],[0,4]]}"), 4, PK_ST_FINE },
	{ PK_LIT_INIT("{\"a\":[\"F32\",[1],[0,4],1]}"), 4,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT("{\"a\":{\"dtype\":{\"F32\":null},\"shape\":[1],"
		      "\"data_offsets\":[0,4]}}"),
	  4, PK_ST_FINE },
	{ PK_LIT_INIT("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"x\":"
		      "[{\"y\":1e308}],\"data_offsets\":[0,4]}}"),
	  4, PK_ST_FINE },
	{ PK_LIT_INIT("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],"
		      "\"x\":1e999,\"data_offsets\":[0,4]}}"),
	  4, PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}"), 4,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\","
		      "\"shape\":[1],\"data_offsets\":[0,4]}}"),
	  4, PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT("{\"a\":1}"), 0, PK_ST_INVALID_HEADER_DESERIALIZATION },
	/* The metadata. */
	{ PK_LIT_INIT("{\"__metadata__\":null}"), 0, PK_ST_FINE },
	{ PK_LIT_INIT("{\"\\u005f_metadata__\":{\"a\":\"b\"}}"), 0,
	  PK_ST_FINE },
	{ PK_LIT_INIT("{\"__metadata__\":{\"a\":1}}"), 0,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT("{\"__metadata__\":[]}"), 0,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT("{\"__metadata__\":{},\"__metadata__\":{}}"), 0,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT("{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}"), 0,
	  PK_ST_FINE },
	/* The JSON itself. */
	{ PK_LIT_INIT(" \t{}\r\n "), 0, PK_ST_FINE },
	{ PK_LIT_INIT("{}\0"), 0, PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT("{} x"), 0, PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT("\xef\xbb\xbf{}"), 0,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT("{}\xff"), 0, PK_ST_INVALID_HEADER },
	{ PK_LIT_INIT("{\"\xed\xa0\x80\":1}"), 0, PK_ST_INVALID_HEADER },
	{ PK_LIT_INIT("{\"\\ud800\":1}"), 0,
	  PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT("[]"), 0, PK_ST_INVALID_HEADER_DESERIALIZATION },
	{ PK_LIT_INIT("{,}"), 0, PK_ST_INVALID_HEADER_DESERIALIZATION },
};

static void the_reference_reader_decides(void **state)
{
	const struct pk_st_visit quiet = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pk_meter meter = { .ceiling = 1 << 22 };
		struct pk_arena a = PK_ARENA(&meter);
		const struct pk_span f = file(cases[i].header, cases[i].data);
		struct pk_source src = { .size = f.len, .mem = f.p };
		struct pk_st st;

		pk_st_read(&st, &src, &a, &quiet);
		if (st.error != cases[i].error)
			print_message("case %zu: %s, %s\n", i,
				      pk_st_error_name(st.error),
				      st.error_why ? st.error_why : "");
		assert_int_equal(st.error, cases[i].error);
		pk_arena_release(&a);
	}
}

static void what_the_reader_refuses_is_an_error(void **state)
{
	const struct pk_job *job =
		t_scan("m.safetensors", FILE_OF(ONE("F32", "[2]", "[0,4]"), 4));

	(void)state;
	assert_true(t_finds(PK_RULE_SAFETENSORS_WRONG_SIZE));
	assert_true(job->facts & PK_FACT_REFUSED);
}

static void lengths_are_claims(void **state)
{
	const struct pk_job *job;

	(void)state;
	t_scan("m", t_hex("e803000000000000 7b22"));
	assert_true(t_finds(PK_RULE_SAFETENSORS_TRUNCATED));
	job = t_scan("m", t_hex("01e1f50500000000 7b7d"));
	assert_true(t_finds(PK_RULE_SAFETENSORS_MALFORMED));
	assert_true(job->facts & PK_FACT_REFUSED);
}

static void overlaps_and_holes_are_told_apart(void **state)
{
#define TWO(second)                                                       \
	"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}," \
	"\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":" second "}}"
	(void)state;
	t_scan("m", FILE_OF(TWO("[0,4]"), 4));
	assert_true(t_finds(PK_RULE_SAFETENSORS_OVERLAP));
	t_scan("m", FILE_OF(TWO("[2,6]"), 6));
	assert_true(t_finds(PK_RULE_SAFETENSORS_OVERLAP));
	t_scan("m", FILE_OF(TWO("[5,9]"), 9));
	assert_true(t_finds(PK_RULE_SAFETENSORS_HOLE));
	t_scan("m", FILE_OF(TWO("[4,8]"), 8));
	assert_int_equal(t_findings(), 0);
	t_scan("m", FILE_OF(TWO("[4,8]"), 9));
	assert_true(t_finds(PK_RULE_SAFETENSORS_TRAILING));
}

static void a_name_that_stands_twice_is_two_models(void **state)
{
	(void)state;
	t_scan("m", FILE_OF("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],"
			    "\"data_offsets\":[0,4]},\"\\u0061\":{\"dtype\":"
			    "\"I32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
			    4));
	assert_int_equal(t_severity(PK_RULE_SAFETENSORS_DUPLICATE), PK_HIGH);
	assert_false(t_finds(PK_RULE_SAFETENSORS_OVERLAP));
}

static void what_others_would_not_take_is_said(void **state)
{
	(void)state;
	t_scan("m", FILE_OF("{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}", 0));
	assert_true(t_finds(PK_RULE_SAFETENSORS_DUPLICATE_KEY));
	t_scan("m", FILE_OF("{\"a\":[\"F32\",[1],[0,4]]}", 4));
	assert_true(t_finds(PK_RULE_SAFETENSORS_ODD_FORM));
	t_scan("m", FILE_OF(" {}", 0));
	assert_true(t_finds(PK_RULE_SAFETENSORS_ODD_FORM));
	t_scan("m", FILE_OF("{}\t", 0));
	assert_true(t_finds(PK_RULE_SAFETENSORS_ODD_FORM));
	t_scan("m", FILE_OF("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"x\":"
			    "\"y\",\"data_offsets\":[0,4]}}",
			    4));
	assert_true(t_finds(PK_RULE_SAFETENSORS_EXTRA_FIELD));
	t_scan("m", FILE_OF(ONE("F4", "[8]", "[0,4]"), 4));
	assert_true(t_finds(PK_RULE_SAFETENSORS_YOUNG_DTYPE));
}

static void names_are_looked_at(void **state)
{
	static const char *const names[] = { "a\\u0000b", "a\\u202eb",
					     "../../a",   "/etc/a",
					     "a/../b",    "..\\\\a" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char header[200];
		const int n = snprintf(header, sizeof(header),
				       "{\"%s\":{\"dtype\":\"U8\",\"shape\":"
				       "[0],\"data_offsets\":[0,0]}}",
				       names[i]);

		t_scan("m",
		       file((struct pk_span){ (uint8_t *)header, (size_t)n },
			    0));
		assert_true(t_finds(PK_RULE_SAFETENSORS_NAME));
	}
	t_scan("m", FILE_OF("{\"a/b..c.weight\":{\"dtype\":\"U8\",\"shape\":"
			    "[0],\"data_offsets\":[0,0]}}",
			    0));
	assert_int_equal(t_findings(), 0);
}

/* base64 of a pickle that would call os.system("echo inert"). */
static void a_pickle_in_the_metadata_is_found(void **state)
{
	(void)state;
	t_scan("m", FILE_OF("{\"__metadata__\":{\"x\":\"gAJjb3MKc3lzdGVtClgKAAA"
			    "AZWNobyBpbmVydIVSLg==\"}}",
			    0));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

/* As base64 it begins "N.": None to an unpickler. */
static void a_hash_in_the_metadata_is_no_pickle(void **state)
{
	const struct pk_job *job = t_scan(
		"m",
		FILE_OF("{\"__metadata__\":{\"sshs_model_hash\":"
			"\"Ti7c0ffee1234567890abcdef1234567890abcdef1234567"
			"890abcdef1234567\"}}",
			0));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->format_count, 1);
}

static void other_texts_are_not_taken_for_it(void **state)
{
	(void)state;
	assert_null(t_scan("README.md", PK_LIT("# A model\n\n{\"a\": 1}\n"))
			    ->primary);
	assert_null(t_scan("x.json", PK_LIT("{\"a\": {\"b\": 12345678}}"))
			    ->primary);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage(
		"m.safetensors",
		FILE_OF("{\"__metadata__\":{\"f\":\"pt\"},\"a\":{\"dtype\":"
			"\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
			4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(an_ordinary_file_is_clean),
		T_TEST(the_reference_reader_decides),
		T_TEST(what_the_reader_refuses_is_an_error),
		T_TEST(lengths_are_claims),
		T_TEST(overlaps_and_holes_are_told_apart),
		T_TEST(a_name_that_stands_twice_is_two_models),
		T_TEST(what_others_would_not_take_is_said),
		T_TEST(names_are_looked_at),
		T_TEST(a_pickle_in_the_metadata_is_found),
		T_TEST(a_hash_in_the_metadata_is_no_pickle),
		T_TEST(other_texts_are_not_taken_for_it),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
