/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "source/filter.h"

static void globs_match_as_in_gitignore(void **state)
{
	(void)state;
	assert_true(pk_glob("*.pt", "a.pt"));
	assert_false(pk_glob("*.pt", "a/b.pt"));
	assert_true(pk_glob("**/*.pt", "a/b/c.pt"));
	assert_true(pk_glob("**/*.pt", "c.pt"));
	assert_true(pk_glob("a/**", "a/b/c"));
	assert_true(pk_glob("a/**/c", "a/c"));
	assert_true(pk_glob("a/**/c", "a/b/b/c"));
	assert_false(pk_glob("a/*/c", "a/b/b/c"));
	assert_true(pk_glob("?[a-c].[!x]", "zb.y"));
	assert_false(pk_glob("?[a-c].[!x]", "zb.x"));
	assert_true(pk_glob("\\*", "*"));
	assert_false(pk_glob("\\*", "a"));
	assert_true(pk_glob("[", "["));
	assert_true(pk_glob("*", ""));
	assert_false(pk_glob("", "a"));
}

static void many_stars_take_no_time(void **state)
{
	static char text[4096];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	assert_false(pk_glob("*a*a*a*a*a*a*a*a*a*a*a*b", text));
	assert_false(pk_glob("**a**a**a**a**a**a**b", text));
}

static void the_last_exclusion_that_matches_decides(void **state)
{
	struct pk_filter f = { 0 };

	(void)state;
	assert_int_equal(pk_filter_exclude(&f, "*.bin"), PK_OK);
	assert_int_equal(pk_filter_exclude(&f, "!keep.bin"), PK_OK);
	assert_int_equal(pk_filter_exclude(&f, "old/"), PK_OK);
	assert_int_equal(pk_filter_exclude(&f, "/top"), PK_OK);
	assert_false(pk_filter_wants_file(&f, "x/a.bin"));
	assert_true(pk_filter_wants_file(&f, "x/keep.bin"));
	assert_true(pk_filter_wants_file(&f, "old"));
	assert_false(pk_filter_wants_folder(&f, "x/old"));
	assert_false(pk_filter_wants_folder(&f, "top"));
	assert_true(pk_filter_wants_folder(&f, "x/top"));
	pk_filter_release(&f);
}

static void an_inclusion_lets_in_what_lies_below(void **state)
{
	struct pk_filter f = { 0 };

	(void)state;
	assert_int_equal(pk_filter_include(&f, "*.pt"), PK_OK);
	assert_int_equal(pk_filter_include(&f, "models/"), PK_OK);
	assert_int_equal(pk_filter_exclude(&f, "bad.pt"), PK_OK);
	assert_true(pk_filter_wants_file(&f, "a/b.pt"));
	assert_false(pk_filter_wants_file(&f, "a/b.txt"));
	assert_true(pk_filter_wants_file(&f, "models/x/b.txt"));
	assert_false(pk_filter_wants_file(&f, "models"));
	assert_false(pk_filter_wants_file(&f, "models/bad.pt"));
	assert_true(pk_filter_wants_folder(&f, "a"));
	pk_filter_release(&f);
}

static void shards_cover_everything_once(void **state)
{
	unsigned in[3] = { 0 };

	(void)state;
	for (int i = 0; i < 3000; i++) {
		char path[32];
		unsigned n = 0;

		(void)snprintf(path, sizeof(path), "d/m%d.pt", i);
		for (unsigned k = 0; k < 3; k++) {
			const struct pk_filter f = { .shard = k, .shards = 3 };

			if (pk_filter_in_shard(&f, path)) {
				in[k]++;
				n++;
			}
		}
		assert_int_equal(n, 1);
	}
	for (unsigned k = 0; k < 3; k++)
		assert_in_range(in[k], 900, 1100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs_match_as_in_gitignore),
		cmocka_unit_test(many_stars_take_no_time),
		cmocka_unit_test(the_last_exclusion_that_matches_decides),
		cmocka_unit_test(an_inclusion_lets_in_what_lies_below),
		cmocka_unit_test(shards_cover_everything_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
