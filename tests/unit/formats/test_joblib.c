/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define B(s) ((struct pk_span){ (const uint8_t *)(s), sizeof(s) - 1 })

/* An array wrapper of n float64s, as joblib before 1.2 writes it. */
#define WRAPPER(n)                                         \
	"\x80\x03"                                         \
	"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(" \
	"X\5\0\0\0shapeK" n "\x85"                         \
	"X\5\0\0\0order"                                   \
	"X\1\0\0\0C"                                       \
	"X\5\0\0\0dtype"                                   \
	"cnumpy\ndtype\nX\2\0\0\0f8K\0K\1\x87R"            \
	"(K\3X\1\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tbub"

static void raw_bytes_between_opcodes_are_skipped(void **state)
{
	/* The array's bytes hold a STOP and then what is no opcode. */
	const struct pk_job *job =
		t_scan("m.joblib", B(WRAPPER("\1") ".\xff.....\xff"
						   "."));

	(void)state;
	assert_string_equal(job->formats[1] ? "joblib" : "", "joblib");
	assert_int_equal(t_severity(PK_RULE_PICKLE_MALFORMED), -1);
	assert_false(t_partial());
}

static void what_follows_the_raw_bytes_is_seen(void **state)
{
	(void)state;
	t_scan("m.joblib", B(WRAPPER("\1") ".\xff.....\xff"
					   "0cos\nsystem\n)R."));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void a_plain_reading_of_the_raw_bytes_counts_too(void **state)
{
	(void)state;
	t_scan("m.joblib", B(WRAPPER("\2") "cos\nsystem\n)R."
					   "."));
	assert_true(t_finds(PK_RULE_PICKLE_HIDDEN_PAYLOAD));
}

static void an_array_longer_than_the_file_is_not_clean(void **state)
{
	(void)state;
	t_scan("m.joblib", B(WRAPPER("\x7f") "........."));
	assert_true(t_finds(PK_RULE_PICKLE_MALFORMED));
	assert_true(t_partial());
}

/* A byte array that is handed to Keras' loader: a file of its own. */
#define CONFIG \
	"{\"class_name\":\"Lambda\",\"config\":{\"function\":[\"4wAA\"]}}"
#define HANDED                                                              \
	"\x80\x03"                                                          \
	"ckeras.saving.pickle_utils\ndeserialize_model_from_bytecode\n"     \
	"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}("                  \
	"X\5\0\0\0shapeK\x36\x85"                                           \
	"X\5\0\0\0dtype"                                                    \
	"cnumpy\ndtype\nX\2\0\0\0u1K\0K\1\x87R"                             \
	"(K\3X\1\0\0\0|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tbub" CONFIG \
	"\x85R."

static void an_array_that_a_loader_is_given_is_a_file(void **state)
{
	(void)state;
	t_scan("m.joblib", B(HANDED));
	assert_int_equal(t_severity(PK_RULE_KERAS_LAMBDA), PK_HIGH);
	assert_false(t_finds(PK_RULE_PICKLE_RESTRICTED_USE));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m.joblib", B(WRAPPER("\1") "12345678."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(raw_bytes_between_opcodes_are_skipped),
		T_TEST(what_follows_the_raw_bytes_is_seen),
		T_TEST(a_plain_reading_of_the_raw_bytes_counts_too),
		T_TEST(an_array_longer_than_the_file_is_not_clean),
		T_TEST(an_array_that_a_loader_is_given_is_a_file),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
