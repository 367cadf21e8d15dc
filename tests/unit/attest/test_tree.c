/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static char dir[32];

static void touch(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int enter(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/picket-tree-XXXXXX");
	return mkdtemp(dir) && chdir(dir) == 0 && mkdir("m", 0777) == 0 &&
			       chdir("m") == 0
		       ? 0
		       : -1;
}

static int leave(void **state)
{
	char command[64];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return chdir("/") == 0 ? system(command) : -1;
}

static void read_tree(struct pk_tree *t, enum pk_links links)
{
	const struct pk_tree_options o = { .links = links };

	pk_tree_init(t);
	assert_int_equal(pk_tree_read(t, ".", &o), PK_OK);
}

static void files_stand_in_the_order_of_their_components(void **state)
{
	static const char *const want[] = { "B",   "_x",  "a/b", "a/c/d",
					    "a b", "a-b", "a.b", "a0" };
	struct pk_tree t;

	(void)state;
	assert_int_equal(mkdir("a", 0777) | mkdir("a/c", 0777) |
				 mkdir("empty", 0777),
			 0);
	for (size_t i = 8; i-- > 0;)
		touch(want[i], "x");
	read_tree(&t, PK_LINKS_REFUSE);
	assert_int_equal(t.count, 8);
	for (size_t i = 0; i < 8; i++)
		assert_string_equal(t.files[i].path, want[i]);
	assert_null(t.troubles);
	pk_tree_release(&t);
}

static void what_is_ignored_goes_with_all_below_it(void **state)
{
	static const char *const ignore[] = { ".git", "a/b" };
	const struct pk_tree_options o = { .ignore = ignore,
					   .ignore_count = 2 };
	struct pk_tree t;

	(void)state;
	assert_int_equal(
		mkdir(".git", 0777) | mkdir("a", 0777) | mkdir("a/b", 0777), 0);
	touch(".git/x", "");
	touch("a/b/x", "");
	touch("a/bc", "");
	touch(".gitmodules", "");
	pk_tree_init(&t);
	assert_int_equal(pk_tree_read(&t, ".", &o), PK_OK);
	assert_int_equal(t.count, 2);
	assert_string_equal(t.files[0].path, ".gitmodules");
	assert_string_equal(t.files[1].path, "a/bc");
	pk_tree_release(&t);
}

/* How many of the three links below are files, and how many troubles. */
static void count_links(enum pk_links links, size_t files, size_t troubles)
{
	struct pk_tree t;
	size_t n = 0;

	read_tree(&t, links);
	for (const struct pk_tree_trouble *x = t.troubles; x; x = x->next)
		n++;
	assert_int_equal(t.count, 1 + files);
	assert_int_equal(n, troubles);
	pk_tree_release(&t);
}

static void links_are_followed_as_far_as_was_asked(void **state)
{
	(void)state;
	touch("file", "x");
	touch("../outside", "y");
	assert_int_equal(symlink("file", "within"), 0);
	assert_int_equal(symlink("../outside", "out"), 0);
	assert_int_equal(symlink("nothing", "dangling"), 0);
	count_links(PK_LINKS_REFUSE, 0, 3);
	count_links(PK_LINKS_WITHIN, 1, 2);
	count_links(PK_LINKS_FOLLOW, 2, 1);
}

static void a_fifo_is_a_trouble_and_no_wait(void **state)
{
	struct pk_tree t;

	(void)state;
	assert_int_equal(mkfifo("pipe", 0666), 0);
	read_tree(&t, PK_LINKS_FOLLOW);
	assert_int_equal(t.count, 0);
	assert_string_equal(t.troubles->path, "pipe");
	pk_tree_release(&t);
}

static void a_single_file_is_a_tree_too(void **state)
{
	const struct pk_tree_options o = { 0 };
	struct pk_tree t;
	int fd;

	(void)state;
	touch("one.bin", "12345");
	pk_tree_init(&t);
	assert_int_equal(pk_tree_read(&t, "one.bin", &o), PK_OK);
	assert_int_equal(t.count, 1);
	assert_string_equal(t.files[0].path, ".");
	assert_int_equal(t.files[0].size, 5);
	fd = pk_tree_open(&t, ".");
	assert_true(fd >= 0);
	(void)close(fd);
	assert_true(pk_tree_open(&t, "../one.bin") < 0);
	pk_tree_release(&t);
}

static void a_path_cannot_be_opened_out_of_the_tree(void **state)
{
	struct pk_tree t;

	(void)state;
	touch("../outside", "y");
	read_tree(&t, PK_LINKS_WITHIN);
	assert_true(pk_tree_open(&t, "../outside") < 0);
	assert_true(pk_tree_open(&t, "/etc/hostname") < 0);
	pk_tree_release(&t);
}

static void paths_of_manifests_stay_within(void **state)
{
	static const char *const good[] = { ".",       "a",   "a/b",
					    "..a/b..", "a b", ".a" };
	static const char *const bad[] = {
		"",     "/a",  "a/",    "a//b", "..",
		"a/..", "./a", "a/./b", "../a", "/"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(pk_tree_path_ok((struct pk_span){
			(const uint8_t *)good[i], strlen(good[i]) }));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(pk_tree_path_ok((struct pk_span){
			(const uint8_t *)bad[i], strlen(bad[i]) }));
	assert_false(pk_tree_path_ok(PK_LIT("a\0b")));
}

#define IN_A_FOLDER(fn) cmocka_unit_test_setup_teardown(fn, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(files_stand_in_the_order_of_their_components),
		IN_A_FOLDER(what_is_ignored_goes_with_all_below_it),
		IN_A_FOLDER(links_are_followed_as_far_as_was_asked),
		IN_A_FOLDER(a_fifo_is_a_trouble_and_no_wait),
		IN_A_FOLDER(a_single_file_is_a_tree_too),
		IN_A_FOLDER(a_path_cannot_be_opened_out_of_the_tree),
		cmocka_unit_test(paths_of_manifests_stay_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
