/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/note.h"

#include "support.h"

static struct pk_limits limits;
static struct pk_job job;
static struct pk_scan scan;

static int begin(void **state)
{
	(void)state;
	limits = pk_limits_default();
	pk_job_init(&job, &limits);
	job.wants_notes = true;
	scan = (struct pk_scan){ .job = &job, .member = "a.zip!b" };
	return 0;
}

static int end(void **state)
{
	(void)state;
	pk_job_release(&job);
	return 0;
}

static void nobody_asked_nothing_is_kept(void **state)
{
	(void)state;
	job.wants_notes = false;
	pk_note_text(&scan, "a", PK_LIT("b"));
	pk_note_tensor(&scan, &(struct pk_tensor_note){ .name = PK_LIT("t") });
	assert_null(job.values);
	assert_null(job.tensors);
}

static void an_inventory_gets_what_the_file_states(void **state)
{
	struct pk_scan inner = scan;

	(void)state;
	scan.member = NULL;
	inner.parent = &scan;
	job.wants_notes = false;
	job.wants_stated = true;
	pk_note_text(&scan, "general.license", PK_LIT("mit"));
	pk_note_text(&scan, "layers", PK_LIT("7"));
	pk_note_text(&scan, "metadata.x.license", PK_LIT("apache-2.0"));
	pk_note_text(&inner, "license", PK_LIT("of a member"));
	pk_note_tensor(&scan, &(struct pk_tensor_note){ .name = PK_LIT("t") });
	assert_null(job.tensors);
	assert_int_equal(pk_stated(job.values), PK_STATED_LICENSE);
	assert_true(pk_span_eq(job.values->next->value, PK_LIT("apache-2.0")));
	assert_null(job.values->next->next);
}

static void what_is_too_long_for_an_inventory_is_left_out(void **state)
{
	static uint8_t text[PK_STATED_LEN + 1];
	struct pk_value_note v = { .key = PK_LIT("general.author"),
				   .value = { text, PK_STATED_LEN } };
	struct pk_value_note other = { .key = PK_LIT("general.x"),
				       .value = PK_LIT("y"),
				       .next = &v };

	(void)state;
	assert_int_equal(pk_stated(&v), PK_STATED_AUTHOR);
	assert_ptr_equal(pk_stated_next(&other), &v);
	v.value.len++;
	assert_int_equal(pk_stated(&v), PK_STATED_NOT);
	assert_null(pk_stated_next(&other));
}

static void everything_is_copied_in_order(void **state)
{
	uint8_t name[] = "one";
	uint64_t shape[] = { 2, 3 };

	(void)state;
	pk_note_tensor(&scan, &(struct pk_tensor_note){ .name = { name, 3 },
							.dtype = PK_LIT("F32"),
							.shape = shape,
							.rank = 2 });
	memset(name, 0, sizeof(name));
	memset(shape, 0, sizeof(shape));
	pk_note_tensor(&scan,
		       &(struct pk_tensor_note){ .name = PK_LIT("two"),
						 .dtype = PK_LIT("I8") });
	assert_true(pk_span_eq(job.tensors->name, PK_LIT("one")));
	assert_int_equal(job.tensors->shape[1], 3);
	assert_string_equal(job.tensors->member, "a.zip!b");
	assert_true(pk_span_eq(job.tensors->next->name, PK_LIT("two")));
	assert_null(job.tensors->next->next);
	pk_note_number(&scan, "n", UINT64_MAX);
	assert_true(
		pk_span_eq(job.values->value, PK_LIT("18446744073709551615")));
}

static void a_rank_beyond_reason_is_cut(void **state)
{
	static uint64_t shape[PK_NOTE_RANK_MAX + 5];

	(void)state;
	pk_note_tensor(&scan, &(struct pk_tensor_note){
				      .name = PK_LIT("t"),
				      .dtype = PK_LIT("F32"),
				      .shape = shape,
				      .rank = PK_NOTE_RANK_MAX + 5 });
	assert_int_equal(job.tensors->rank, PK_NOTE_RANK_MAX);
}

static void a_file_is_referred_to_once(void **state)
{
	(void)state;
	job.wants_notes = false; /* references are for every scan */
	for (uint64_t need = 1; need < 4; need++)
		pk_refer(&scan, &(struct pk_ref){ .path = PK_LIT("w.bin"),
						  .need = need });
	pk_refer(&scan, &(struct pk_ref){ .path = PK_LIT("v.bin") });
	pk_refer(&scan, &(struct pk_ref){ .kind = PK_REF_CODE,
					  .path = PK_LIT("w.bin") });
	assert_int_equal(job.ref_count, 3);
	assert_int_equal(job.refs->need, 3);
	assert_true(pk_span_eq(job.refs->next->path, PK_LIT("v.bin")));
}

static void what_was_lost_is_counted(void **state)
{
	(void)state;
	job.meter.ceiling = job.meter.used;
	for (int i = 0; i < 100000; i++)
		pk_note_text(&scan, "key", PK_LIT("value"));
	assert_true(job.notes_dropped > 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_asked_nothing_is_kept),
		TEST(an_inventory_gets_what_the_file_states),
		TEST(what_is_too_long_for_an_inventory_is_left_out),
		TEST(everything_is_copied_in_order),
		TEST(a_rank_beyond_reason_is_cut),
		TEST(a_file_is_referred_to_once),
		TEST(what_was_lost_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
