/* SPDX-License-Identifier: Apache-2.0 */
/* Files are put together here by the words of the specification. */
#include "support.h"

static uint8_t file[1 << 16];
static size_t at;
static bool big;
static unsigned version;

static void put(uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		file[at++] = (uint8_t)(v >> 8 * (big ? bytes - 1 - i : i));
}

static void put_count(uint64_t n)
{
	put(n, version == 1 ? 4 : 8);
}

static void put_text(const char *s)
{
	put_count(strlen(s));
	memcpy(file + at, s, strlen(s));
	at += strlen(s);
}

static void begin(uint64_t tensors, uint64_t pairs)
{
	at = 4;
	memcpy(file, "GGUF", 4);
	put(version, 4);
	put_count(tensors);
	put_count(pairs);
}

static void put_string(const char *key, const char *value)
{
	put_text(key);
	put(8, 4);
	put_text(value);
}

static void put_u32(const char *key, uint32_t value)
{
	put_text(key);
	put(4, 4);
	put(value, 4);
}

static void put_tensor(const char *name, uint64_t rows, uint64_t columns,
		       uint32_t type, uint64_t offset)
{
	put_text(name);
	put(2, 4);
	put_count(columns);
	put_count(rows);
	put(type, 4);
	put(offset, 8);
}

static void put_data(size_t n)
{
	while (at % 32)
		put(0, 1);
	for (size_t i = 0; i < n; i++)
		put(i * 7 + 1, 1);
}

static const struct pk_job *scan(void)
{
	return t_scan("model.gguf", (struct pk_span){ file, at });
}

static int setup(void **state)
{
	(void)state;
	big = false;
	version = 3;
	return 0;
}

static bool refused(const struct pk_job *job)
{
	return job->facts & PK_FACT_REFUSED;
}

static void small_model(void)
{
	begin(2, 3);
	put_string("general.architecture", "llama");
	put_string("tokenizer.chat_template",
		   "{% for m in messages %}{{ m['content'] }}{% endfor %}");
	put_text("tokenizer.ggml.tokens");
	put(9, 4);
	put(8, 4);
	put_count(2);
	put_text("a");
	put_text("b");
	put_tensor("a.weight", 2, 32, 2, 0); /* Q4_0: 36 bytes */
	put_tensor("b.weight", 1, 3, 0, 64);
	put_data(36);
	while (at % 32)
		put(0, 1);
	put_data(12);
}

static void models_of_every_version_are_clean(void **state)
{
	static const struct {
		unsigned version;
		bool big;
	} of[] = { { 1, false }, { 2, false }, { 3, false }, { 3, true } };

	(void)state;
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		const struct pk_job *job;

		version = of[i].version;
		big = of[i].big;
		small_model();
		job = scan();
		assert_string_equal(job->primary->name, "gguf");
		assert_int_equal(t_findings(), version == 1);
		assert_int_equal(job->explained, job->size);
		assert_false(t_partial());
		assert_false(refused(job));
		t_teardown(NULL);
	}
}

static void a_template_is_judged_wherever_it_lies(void **state)
{
	static const char evil[] = "{{ x.__class__ }}";

	(void)state;
	begin(0, 1);
	put_string("tokenizer.chat_template", evil);
	scan();
	assert_true(t_finds(PK_RULE_TEMPLATE_PYTHON_INTERNALS));
	t_teardown(NULL);
	begin(0, 1);
	put_string("tokenizer.chat_template.tool_use", evil);
	scan();
	assert_true(t_finds(PK_RULE_TEMPLATE_PYTHON_INTERNALS));
	t_teardown(NULL);
	begin(0, 1);
	put_text("tokenizer.chat_templates");
	put(9, 4);
	put(8, 4);
	put_count(1);
	put_text(evil);
	scan();
	assert_true(t_finds(PK_RULE_TEMPLATE_PYTHON_INTERNALS));
}

static void forged_counts_are_findings_not_hangs(void **state)
{
	(void)state;
	begin(0, UINT64_MAX);
	assert_true(refused(scan()));
	assert_true(t_finds(PK_RULE_GGUF_MALFORMED));
	t_teardown(NULL);
	begin(UINT64_MAX / 2, 0);
	scan();
	assert_true(t_finds(PK_RULE_GGUF_MALFORMED));
	t_teardown(NULL);
	begin(0, 1);
	put_count(UINT64_MAX - 3);
	scan();
	assert_true(t_finds(PK_RULE_GGUF_MALFORMED));
	t_teardown(NULL);
	begin(0, 1);
	put_text("a");
	put(9, 4);
	put(10, 4);
	put_count(UINT64_MAX / 8 + 1);
	scan();
	assert_true(t_finds(PK_RULE_GGUF_MALFORMED));
	assert_true(t_partial());
}

static void arrays_in_arrays_and_unknown_kinds_are_refused(void **state)
{
	(void)state;
	begin(0, 1);
	put_text("a");
	put(9, 4);
	put(9, 4);
	put_count(1);
	assert_true(refused(scan()));
	t_teardown(NULL);
	begin(0, 1);
	put_text("a");
	put(13, 4);
	assert_true(refused(scan()));
}

static void what_is_there_twice_is_said(void **state)
{
	(void)state;
	begin(0, 2);
	put_u32("a", 1);
	put_u32("a", 2);
	assert_true(refused(scan()));
	assert_true(t_finds(PK_RULE_GGUF_DUPLICATE));
	t_teardown(NULL);
	begin(2, 0);
	put_tensor("a", 1, 8, 0, 0);
	put_tensor("a", 1, 8, 0, 32);
	put_data(64);
	scan();
	assert_true(t_finds(PK_RULE_GGUF_DUPLICATE));
}

static void alignments_are_powers_of_two(void **state)
{
	(void)state;
	begin(1, 1);
	put_u32("general.alignment", 64);
	put_tensor("a", 1, 8, 0, 0);
	while (at % 64)
		put(0, 1);
	put_data(32);
	scan();
	assert_int_equal(t_findings(), 0);
	t_teardown(NULL);
	for (uint32_t bad = 0; bad < 4; bad += 3) {
		begin(0, 1);
		put_u32("general.alignment", bad);
		assert_true(refused(scan()));
		t_teardown(NULL);
	}
}

static void sizes_that_overflow_are_high(void **state)
{
	static const struct {
		uint64_t rows, columns, offset;
		uint32_t type;
	} bad[] = {
		{ 1ULL << 33, 1ULL << 33, 0, 0 }, { 1ULL << 61, 2, 0, 28 },
		{ UINT64_MAX, 1, 0, 0 },          { 1, 32, UINT64_MAX - 8, 0 },
		{ 1, 1, 0, UINT32_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin(1, 0);
		put_tensor("a", bad[i].rows, bad[i].columns, bad[i].type,
			   bad[i].offset);
		put_data(128);
		scan();
		assert_int_equal(t_severity(PK_RULE_GGUF_SIZE_OVERFLOW),
				 PK_HIGH);
		t_teardown(NULL);
	}
}

static void too_many_dimensions_are_high(void **state)
{
	(void)state;
	begin(1, 0);
	put_text("a");
	put(5, 4);
	for (unsigned i = 0; i < 5; i++)
		put_count(1);
	put(0, 4);
	put(0, 8);
	scan();
	assert_int_equal(t_severity(PK_RULE_GGUF_SIZE_OVERFLOW), PK_HIGH);
}

static void data_outside_the_file_is_refused(void **state)
{
	(void)state;
	begin(1, 0);
	put_tensor("a", 1000, 1000, 0, 0);
	put_data(128);
	assert_true(refused(scan()));
	assert_true(t_finds(PK_RULE_GGUF_TENSOR_BOUNDS));
}

static void holes_and_overlaps_are_refused(void **state)
{
	(void)state;
	begin(2, 0);
	put_tensor("a", 1, 32, 0, 0);
	put_tensor("b", 1, 32, 0, 64);
	put_data(256);
	assert_true(refused(scan()));
	assert_true(t_finds(PK_RULE_GGUF_MALFORMED));
}

static void rows_fill_their_blocks(void **state)
{
	(void)state;
	begin(1, 0);
	put_tensor("a", 1, 33, 2, 0);
	put_data(64);
	assert_true(refused(scan()));
}

static void types_of_forks_are_low(void **state)
{
	(void)state;
	begin(2, 0);
	put_tensor("a", 1, 256, 139, 0);
	put_tensor("b", 1, 8, 0, 160);
	put_data(192);
	assert_false(refused(scan()));
	assert_int_equal(t_severity(PK_RULE_GGUF_ODD), PK_LOW);
	assert_int_equal(t_findings(), 1);
	assert_false(t_partial());
}

static void a_part_that_cannot_be_is_refused(void **state)
{
	(void)state;
	begin(0, 2);
	put_u32("split.no", 3);
	put_u32("split.count", 3);
	assert_true(refused(scan()));
}

static void bytes_behind_the_data_are_said(void **state)
{
	(void)state;
	begin(1, 0);
	put_tensor("a", 1, 8, 0, 0);
	put_data(32 + 100);
	scan();
	assert_true(t_finds(PK_RULE_FILE_UNEXPLAINED_BYTES));
}

static void an_unknown_version_is_not_clean(void **state)
{
	(void)state;
	version = 9;
	begin(0, 0);
	scan();
	assert_true(t_finds(PK_RULE_GGUF_UNKNOWN_VERSION));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	(void)state;
	small_model();
	t_survives_damage("a.gguf", (struct pk_span){ file, at });
	version = 3;
	big = true;
	small_model();
	t_survives_damage("a.gguf", (struct pk_span){ file, at });
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, t_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(models_of_every_version_are_clean),
		TEST(a_template_is_judged_wherever_it_lies),
		TEST(forged_counts_are_findings_not_hangs),
		TEST(arrays_in_arrays_and_unknown_kinds_are_refused),
		TEST(what_is_there_twice_is_said),
		TEST(alignments_are_powers_of_two),
		TEST(sizes_that_overflow_are_high),
		TEST(too_many_dimensions_are_high),
		TEST(data_outside_the_file_is_refused),
		TEST(holes_and_overlaps_are_refused),
		TEST(rows_fill_their_blocks),
		TEST(types_of_forks_are_low),
		TEST(a_part_that_cannot_be_is_refused),
		TEST(bytes_behind_the_data_are_said),
		TEST(an_unknown_version_is_not_clean),
		TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
