/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/drift.h"

#include <stdio.h>

#include "support.h"

static struct pk_drifts d;
static struct pk_lock_file files[2];
static struct pk_lock_model m;
static struct pk_remote_file fresh_files[2];
static struct pk_remote fresh;

/* A model of two files, its source still as it was. */
static int begin(void **state)
{
	(void)state;
	pk_drifts_init(&d);
	files[0] = (struct pk_lock_file){ .path = "a", .size = 1 };
	files[1] = (struct pk_lock_file){ .path = "b",
					  .size = 2,
					  .has_git_blob = true };
	m = (struct pk_lock_model){ .from = { .uri = "hf://o/n@v1",
					      .owner = "o",
					      .revision = "v1",
					      .commit = "c1",
					      .licence = "mit",
					      .verified = PK_YES,
					      .gated = PK_NO },
				    .folder = "o/n",
				    .advice = "safe",
				    .files = files,
				    .count = 2 };
	fresh_files[0] = (struct pk_remote_file){ .path = "a",
						  .size = 1,
						  .identity = PK_ID_SHA256,
						  .advice = "safe" };
	fresh_files[1] = (struct pk_remote_file){ .path = "b",
						  .size = 2,
						  .identity = PK_ID_GIT_BLOB };
	memset(fresh_files[0].digest, '0', 64);
	memset(fresh_files[1].digest, '0', 40);
	fresh = (struct pk_remote){ .origin = m.from,
				    .files = fresh_files,
				    .count = 2 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	pk_drifts_release(&d);
	return 0;
}

static void is(size_t i, enum pk_rule rule, const char *path)
{
	assert_true(pk_drifts_ok(&d));
	assert_true(i < d.count);
	assert_string_equal(pk_rules[d.v[i].rule].id, pk_rules[rule].id);
	if (path)
		assert_string_equal(d.v[i].path, path);
	else
		assert_null(d.v[i].path);
}

/* ---- what lies here ---- */

static void the_same_files_differ_in_nothing(void **state)
{
	const struct pk_found found[] = {
		{ .path = "a", .size = 1, .has_sha256 = true },
		{ .path = "b", .size = 2, .has_sha256 = true },
	};

	(void)state;
	pk_lock_compare(&m, found, 2, false, &d);
	assert_int_equal(d.count, 0);
}

static void each_difference_here_is_told(void **state)
{
	const struct pk_found found[] = {
		{ .path = "0", .size = 1 },
		{ .path = "a", .size = 1, .has_sha256 = true, .sha256 = { 1 } },
		{ .path = "z", .size = 1, .trouble = "a FIFO" },
	};

	(void)state;
	pk_lock_compare(&m, found, 3, false, &d);
	assert_int_equal(d.count, 4);
	is(0, PK_RULE_LOCK_FILE_EXTRA, "0");
	is(1, PK_RULE_LOCK_FILE_CHANGED, "a");
	is(2, PK_RULE_LOCK_FILE_MISSING, "b");
	is(3, PK_RULE_LOCK_FILE_EXTRA, "z");
}

static void files_that_are_not_here_may_be_fine(void **state)
{
	const struct pk_found found[] = { { .path = "c" } };

	(void)state;
	pk_lock_compare(&m, found, 1, true, &d);
	assert_int_equal(d.count, 1);
	is(0, PK_RULE_LOCK_FILE_EXTRA, "c");
}

/* Not hashed is not the same, and neither is unreadable. */
static void what_was_not_read_is_not_as_locked(void **state)
{
	const struct pk_found found[] = {
		{ .path = "a", .size = 1 },
		{ .path = "b", .size = 2, .trouble = "could not be read" },
	};

	(void)state;
	pk_lock_compare(&m, found, 2, false, &d);
	assert_int_equal(d.count, 2);
	is(0, PK_RULE_LOCK_FILE_UNREAD, "a");
	is(1, PK_RULE_LOCK_FILE_UNREAD, "b");
	assert_true(pk_drift_is_unread(&d.v[0]));
}

static void another_size_needs_no_digest(void **state)
{
	const struct pk_found found[] = {
		{ .path = "a", .size = 7 },
		{ .path = "b", .size = 2, .has_sha256 = true },
	};

	(void)state;
	pk_lock_compare(&m, found, 2, false, &d);
	assert_int_equal(d.count, 1);
	is(0, PK_RULE_LOCK_FILE_CHANGED, "a");
}

/* ---- what the source has now ---- */

static void a_source_as_it_was_does_not_drift(void **state)
{
	(void)state;
	pk_lock_drift(&m, &fresh, &d);
	assert_int_equal(d.count, 0);
}

static void a_moved_tag_is_no_moved_branch(void **state)
{
	(void)state;
	fresh.origin.commit = "c2";
	fresh.origin.tag = PK_YES;
	pk_lock_drift(&m, &fresh, &d);
	is(0, PK_RULE_DRIFT_TAG_MOVED, NULL);
	fresh.origin.tag = PK_NO;
	pk_lock_drift(&m, &fresh, &d);
	is(1, PK_RULE_DRIFT_BRANCH_MOVED, NULL);
}

static void each_fact_of_the_origin_counts(void **state)
{
	(void)state;
	fresh.origin.renamed_to = "x/y";
	fresh.origin.licence = NULL;
	fresh.origin.verified = PK_NO;
	fresh.origin.gated = PK_YES;
	pk_lock_drift(&m, &fresh, &d);
	assert_int_equal(d.count, 4);
	is(0, PK_RULE_DRIFT_REPOSITORY_RENAMED, NULL);
	is(1, PK_RULE_DRIFT_LICENCE_CHANGED, NULL);
	is(2, PK_RULE_DRIFT_PUBLISHER, NULL);
	is(3, PK_RULE_DRIFT_GATED, NULL);
}

static void what_is_not_known_is_no_change(void **state)
{
	(void)state;
	fresh.origin.verified = PK_NOT_KNOWN;
	fresh.origin.gated = PK_NOT_KNOWN;
	pk_lock_drift(&m, &fresh, &d);
	assert_int_equal(d.count, 0);
}

/* The same size is not the same bytes. */
static void a_file_without_a_digest_is_not_proven(void **state)
{
	(void)state;
	fresh_files[1].identity = PK_ID_NONE;
	pk_lock_drift(&m, &fresh, &d);
	assert_int_equal(d.count, 1);
	is(0, PK_RULE_DRIFT_UNCHECKED, NULL);
	assert_true(pk_drift_is_unread(&d.v[0]));
	fresh_files[1].size = 7;
	pk_lock_drift(&m, &fresh, &d);
	is(1, PK_RULE_DRIFT_FILE_CHANGED, "b");
}

static void files_are_held_against_either_digest(void **state)
{
	(void)state;
	fresh_files[0].digest[63] = '1';
	fresh_files[1].digest[39] = '1';
	pk_lock_drift(&m, &fresh, &d);
	assert_int_equal(d.count, 2);
	is(0, PK_RULE_DRIFT_FILE_CHANGED, "a");
	is(1, PK_RULE_DRIFT_FILE_CHANGED, "b");
}

static void files_come_and_go(void **state)
{
	(void)state;
	fresh_files[1].path = "c";
	pk_lock_drift(&m, &fresh, &d);
	assert_int_equal(d.count, 2);
	is(0, PK_RULE_DRIFT_FILE_REMOVED, "b");
	is(1, PK_RULE_DRIFT_FILE_ADDED, "c");
}

static void a_worse_verdict_of_the_registry_is_drift(void **state)
{
	static const char *const fine[] = { "safe", "queued", "unscanned",
					    "error", "" };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		(void)snprintf(fresh_files[0].advice, 16, "%s", fine[i]);
		pk_lock_drift(&m, &fresh, &d);
		assert_int_equal(d.count, 0);
	}
	(void)snprintf(fresh_files[1].advice, 16, "suspicious");
	assert_string_equal(pk_remote_advice(&fresh), "suspicious");
	pk_lock_drift(&m, &fresh, &d);
	is(0, PK_RULE_DRIFT_REGISTRY_VERDICT, NULL);
	m.advice = "unsafe";
	pk_lock_drift(&m, &fresh, &d);
	assert_int_equal(d.count, 1);
}

static void what_is_gone_is_drift_and_a_bad_line_is_not(void **state)
{
	struct pk_remote_trouble why = { .problem = PK_HTTP_STATUS,
					 .gone = true };

	(void)state;
	assert_true(pk_lock_drift_trouble(&m, &why, false, &d));
	is(0, PK_RULE_DRIFT_REPOSITORY_GONE, NULL);
	assert_true(pk_lock_drift_trouble(&m, &why, true, &d));
	is(1, PK_RULE_DRIFT_COMMIT_GONE, NULL);
	why.gated = true;
	assert_true(pk_lock_drift_trouble(&m, &why, false, &d));
	is(2, PK_RULE_DRIFT_GATED, NULL);
	why = (struct pk_remote_trouble){ .problem = PK_HTTP_UNREACHABLE };
	assert_false(pk_lock_drift_trouble(&m, &why, false, &d));
	assert_int_equal(d.count, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_files_differ_in_nothing),
		TEST(each_difference_here_is_told),
		TEST(files_that_are_not_here_may_be_fine),
		TEST(what_was_not_read_is_not_as_locked),
		TEST(another_size_needs_no_digest),
		TEST(a_source_as_it_was_does_not_drift),
		TEST(a_moved_tag_is_no_moved_branch),
		TEST(each_fact_of_the_origin_counts),
		TEST(what_is_not_known_is_no_change),
		TEST(a_file_without_a_digest_is_not_proven),
		TEST(files_are_held_against_either_digest),
		TEST(files_come_and_go),
		TEST(a_worse_verdict_of_the_registry_is_drift),
		TEST(what_is_gone_is_drift_and_a_bad_line_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
