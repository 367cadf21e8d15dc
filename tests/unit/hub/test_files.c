/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>

#include "hub/files.h"

static struct pk_meter meter = { .ceiling = 1 << 24 };
static struct pk_arena arena = { .meter = &meter };
static struct pk_remote_trouble why;

static struct pk_span text(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static int release(void **state)
{
	(void)state;
	pk_arena_release(&arena);
	return 0;
}

static void paths_that_may_be_used_below_any_folder(void **state)
{
	static const char *const good[] = {
		"a",     "a/b/c.bin", ".gitattributes",   "..a", "a..",
		"a b/c", "\xc3\xa9",  "\xf0\x9f\xa4\x97", "~",   "C:x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(pk_remote_path_fault(text(good[i])));
}

static void paths_that_may_not(void **state)
{
	static const char *const bad[] = {
		"",     "/a",   "a/",           "a//b",     ".",
		"..",   "a/..", "../a",         "a/./b",    "a/../b",
		"a\\b", "a\nb", "a\x7f",        "\xc2\x85", "\xe2\x80\xa8",
		"\xff", "\xc3", "\xed\xa0\x80", "\xc0\xaf",
	};
	char name[PK_REMOTE_PATH_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!pk_remote_path_fault(text(bad[i])))
			fail_msg("'%s' was taken", bad[i]);
	}
	assert_non_null(pk_remote_path_fault(PK_LIT("a\0b")));
	memset(name, 'a', sizeof(name));
	assert_null(
		pk_remote_path_fault((struct pk_span){ (uint8_t *)name, 255 }));
	assert_non_null(
		pk_remote_path_fault((struct pk_span){ (uint8_t *)name, 256 }));
	for (size_t i = 100; i < sizeof(name); i += 100)
		name[i] = '/';
	assert_null(pk_remote_path_fault(
		(struct pk_span){ (uint8_t *)name, PK_REMOTE_PATH_MAX }));
	assert_non_null(pk_remote_path_fault(
		(struct pk_span){ (uint8_t *)name, PK_REMOTE_PATH_MAX + 1 }));
}

static enum pk_status add_all(struct pk_files *l, const char *const *paths)
{
	const struct pk_remote_file f = { .size = 1 };
	enum pk_status status = PK_OK;

	*l = (struct pk_files){ .arena = &arena, .max = 1000 };
	for (; *paths && status == PK_OK; paths++)
		status = pk_files_add(l, text(*paths), &f, &why);
	return status == PK_OK ? pk_files_settle(l, &why) : status;
}

#define ADD(l, ...) add_all((l), (const char *const[]){ __VA_ARGS__, NULL })

static void files_are_in_the_order_of_their_paths(void **state)
{
	struct pk_files l;

	(void)state;
	assert_int_equal(ADD(&l, "b", "a/c", "a-b", "a/b", "B"), PK_OK);
	assert_string_equal(l.v[0].path, "B");
	assert_string_equal(l.v[1].path, "a-b");
	assert_string_equal(l.v[2].path, "a/b");
	assert_string_equal(l.v[3].path, "a/c");
	assert_string_equal(l.v[4].path, "b");
	assert_ptr_equal(pk_files_find(&l, PK_LIT("a/c")), &l.v[3]);
	assert_null(pk_files_find(&l, PK_LIT("a/")));
	assert_null(pk_files_find(&l, PK_LIT("a/cc")));
	assert_null(pk_files_find(&l, PK_LIT("")));
}

static void a_path_stands_once_and_is_file_or_folder(void **state)
{
	struct pk_files l;

	(void)state;
	assert_int_equal(ADD(&l, "a", "b", "a"), PK_ERR_IO);
	assert_non_null(strstr(why.text, "'a' twice"));
	assert_int_equal(why.problem, PK_HTTP_BROKEN);
	assert_int_equal(ADD(&l, "a/b/c", "a-", "a"), PK_ERR_IO);
	assert_non_null(strstr(why.text, "'a/b/c' below"));
	assert_int_equal(ADD(&l, "a/b/c", "a/b"), PK_ERR_IO);
}

static void there_is_an_end_to_files(void **state)
{
	const struct pk_remote_file f = { .size = 1 };
	struct pk_files l = { .arena = &arena, .max = 2 };

	(void)state;
	assert_int_equal(pk_files_add(&l, PK_LIT("a"), &f, &why), PK_OK);
	assert_int_equal(pk_files_add(&l, PK_LIT("b"), &f, &why), PK_OK);
	assert_int_equal(pk_files_add(&l, PK_LIT("c"), &f, &why), PK_ERR_IO);
	assert_int_equal(why.problem, PK_HTTP_TOO_LARGE);
}

static void trouble_is_one_line_that_does_nothing(void **state)
{
	const struct pk_remote_file f = { 0 };
	struct pk_files l = { .arena = &arena, .max = 2 };

	(void)state;
	assert_int_equal(pk_files_add(&l, PK_LIT("a\n\x1b[31m"), &f, &why),
			 PK_ERR_IO);
	assert_null(strpbrk(why.text, "\n\x1b"));
	assert_non_null(strstr(why.text, "a\\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_that_may_be_used_below_any_folder),
		cmocka_unit_test(paths_that_may_not),
		cmocka_unit_test(files_are_in_the_order_of_their_paths),
		cmocka_unit_test(a_path_stands_once_and_is_file_or_folder),
		cmocka_unit_test(there_is_an_end_to_files),
		cmocka_unit_test(trouble_is_one_line_that_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
