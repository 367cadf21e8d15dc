/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "source/walk.h"

static char root[64];

static int make_root(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof(root), "/tmp/picket-walk-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static const char *at(const char *path)
{
	static char full[4][256];
	static unsigned n;

	(void)snprintf(full[n % 4], sizeof(full[0]), "%s/%s", root, path);
	return full[n++ % 4];
}

static void folder(const char *path)
{
	assert_int_equal(mkdir(at(path), 0755), 0);
}

static void file(const char *path)
{
	int fd = open(at(path), O_CREAT | O_WRONLY, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, path, strlen(path)), (ssize_t)strlen(path));
	(void)close(fd);
}

/* "file a, skipped b (why)" of all entries, paths below the root. */
static const char *walk(const char *from, const struct pk_filter *filter)
{
	static const char *const kinds[] = { "end",    "file",   "skipped",
					     "escape", "unread", "none" };
	static char result[4096];
	struct pk_walk *w = pk_walk_new(from, filter);
	struct pk_buf b = { 0 };
	struct pk_entry e;

	assert_non_null(w);
	for (;;) {
		assert_int_equal(pk_walk_next(w, &e), PK_OK);
		if (e.kind == PK_ENTRY_END)
			break;
		pk_buf_printf(&b, "%s%s %s", b.len ? ", " : "", kinds[e.kind],
			      strlen(e.path) > strlen(root)
				      ? e.path + strlen(root) + 1
				      : e.path);
		if (e.text && e.kind != PK_ENTRY_ESCAPE)
			pk_buf_printf(&b, " (%s)", e.text);
		if (e.fd >= 0)
			(void)close(e.fd);
	}
	pk_walk_free(w);
	(void)snprintf(result, sizeof(result), "%s", pk_buf_str(&b));
	pk_buf_release(&b);
	return result;
}

static void names_come_in_byte_order(void **state)
{
	(void)state;
	folder("b");
	file("b/z");
	file("B");
	file("a");
	file("c");
	assert_string_equal(walk(root, NULL),
			    "file B, file a, file b/z, file c");
}

static void a_file_is_its_own_walk(void **state)
{
	(void)state;
	file("a.pt");
	assert_string_equal(walk(at("a.pt"), NULL), "file a.pt");
	assert_string_equal(walk(at("b.pt"), NULL),
			    "none b.pt (No such file or directory)");
}

static void special_files_are_not_opened(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(at("fifo"), 0644), 0);
	assert_string_equal(walk(root, NULL),
			    "skipped fifo (a FIFO, never opened)");
	assert_string_equal(walk(at("fifo"), NULL),
			    "none fifo (a FIFO, never opened)");
}

static void links_are_followed_once(void **state)
{
	(void)state;
	file("a.pt");
	assert_int_equal(symlink("a.pt", at("b.pt")), 0);
	assert_int_equal(symlink(at("a.pt"), at("c.pkl")), 0);
	assert_int_equal(symlink("a.pt", at("d")), 0);
	assert_string_equal(walk(root, NULL),
			    "file a.pt, "
			    "skipped b.pt (the same file under another name), "
			    "file c.pkl, "
			    "skipped d (the same file under another name)");
}

static void loops_and_dangling_links_are_told(void **state)
{
	(void)state;
	folder("d");
	assert_int_equal(symlink("..", at("d/up")), 0);
	assert_int_equal(symlink("loop", at("loop")), 0);
	assert_int_equal(symlink("nothing", at("gone")), 0);
	assert_string_equal(walk(root, NULL),
			    "skipped d/up (a link to a folder of the tree), "
			    "skipped gone (a link to nothing), "
			    "unread loop (Too many levels of symbolic links)");
}

static void links_out_of_the_tree_are_not_followed(void **state)
{
	(void)state;
	folder("in");
	folder("inside"); /* not within "in", though it begins so */
	file("inside/f");
	assert_int_equal(symlink("/etc/passwd", at("in/a")), 0);
	assert_int_equal(symlink("../inside/f", at("in/b")), 0);
	assert_int_equal(symlink("..", at("in/c")), 0);
	assert_string_equal(walk(at("in"), NULL),
			    "escape in/a, escape in/b, escape in/c");
}

static void a_model_cache_is_seen_by_its_names(void **state)
{
	(void)state;
	folder("models--x");
	folder("models--x/blobs");
	folder("models--x/snapshots");
	folder("models--x/snapshots/r");
	file("models--x/blobs/0123");
	assert_int_equal(
		symlink("../../blobs/0123", at("models--x/snapshots/r/m.pt")),
		0);
	assert_string_equal(walk(at("models--x/snapshots/r"), NULL),
			    "file models--x/snapshots/r/m.pt");
	assert_string_equal(walk(root, NULL),
			    "file models--x/snapshots/r/m.pt, "
			    "skipped models--x/blobs/0123 "
			    "(the same file under another name)");
}

static void too_deep_a_folder_is_told(void **state)
{
	const char *found;
	int fd = open(root, O_RDONLY | O_DIRECTORY);

	(void)state;
	for (int i = 0; i < 150; i++) {
		int next;

		assert_int_equal(mkdirat(fd, "d", 0755), 0);
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
		(void)close(fd);
		fd = next;
	}
	(void)close(fd);
	found = walk(root, NULL);
	assert_memory_equal(found, "unread d/d/d", 12);
	assert_non_null(strstr(found, "(folders nested too deep)"));
}

static void filters_are_asked(void **state)
{
	struct pk_filter f = { 0 };

	(void)state;
	folder("x");
	file("x/a.pt");
	file("x/b.txt");
	folder("y");
	file("y/a.pt");
	assert_int_equal(pk_filter_include(&f, "*.pt"), PK_OK);
	assert_int_equal(pk_filter_exclude(&f, "y/"), PK_OK);
	assert_string_equal(walk(root, &f), "file x/a.pt");
	pk_filter_release(&f);
}

#define WALK_TEST(fn) \
	cmocka_unit_test_setup_teardown(fn, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WALK_TEST(names_come_in_byte_order),
		WALK_TEST(a_file_is_its_own_walk),
		WALK_TEST(special_files_are_not_opened),
		WALK_TEST(links_are_followed_once),
		WALK_TEST(loops_and_dangling_links_are_told),
		WALK_TEST(links_out_of_the_tree_are_not_followed),
		WALK_TEST(a_model_cache_is_seen_by_its_names),
		WALK_TEST(too_deep_a_folder_is_told),
		WALK_TEST(filters_are_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
