/* SPDX-License-Identifier: Apache-2.0 */
#include "source/memory.h"
#include "support.h"

#define COUNT "\x80\2K\1."
#define STORAGE                                            \
	"\x80\2K\7X\3\0\0\0cpuctorch\nFloatStorage\n\x87." \
	"\1\0\0\0\0\0\0\0\0\0\x80\x3f"
#define VIEWS   "\x80\2]."
#define PAYLOAD "\x80\2cos\nsystem\nX\2\0\0\0id\x85R."

static struct pk_job job;

static int release(void **state)
{
	(void)state;
	pk_job_release(&job);
	return 0;
}

/* Scans bytes as the member of that name of some archive. */
static void scan_member(const char *name, const char *bytes, size_t n)
{
	const struct pk_limits limits = pk_limits_default();
	struct pk_scan parent = { .job = &job, .name = "m.t7" };
	const struct pk_span text = { (const uint8_t *)bytes, n };
	const struct pk_span n_span = { (const uint8_t *)name, strlen(name) };

	pk_job_init(&job, &limits);
	parent.arena = PK_ARENA(&job.meter);
	parent.bytes = pk_memory_borrow(text);
	(void)pk_descend(&parent, n_span, pk_memory_borrow(text),
			 PK_MEMBER_ANY);
	pk_source_free(parent.bytes);
	pk_arena_release(&parent.arena);
}
#define SCAN(name, bytes) scan_member(name, bytes, sizeof(bytes) - 1)

static bool finds(enum pk_rule rule)
{
	const struct pk_finding *f = job.findings;

	while (f && f->rule != rule)
		f = f->next;
	return f != NULL;
}

static void storages_are_clean_to_the_last_byte(void **state)
{
	(void)state;
	SCAN("storages", COUNT STORAGE VIEWS);
	assert_null(job.findings);
	assert_false(job.partial);
}

static void a_pickle_behind_raw_data_is_read(void **state)
{
	(void)state;
	SCAN("storages", COUNT STORAGE PAYLOAD);
	assert_true(finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void raw_data_that_is_missing_is_not_clean(void **state)
{
	(void)state;
	SCAN("storages",
	     COUNT "\x80\2K\7X\3\0\0\0cpuctorch\nFloatStorage\n\x87.\xff\1");
	assert_true(finds(PK_RULE_TORCH_STORAGE_SIZE));
	assert_true(job.partial);
}

#define TEST(fn) cmocka_unit_test_teardown(fn, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(storages_are_clean_to_the_last_byte),
		TEST(a_pickle_behind_raw_data_is_read),
		TEST(raw_data_that_is_missing_is_not_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
