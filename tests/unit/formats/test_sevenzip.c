/* SPDX-License-Identifier: Apache-2.0 */
#include <archive.h>
#include <archive_entry.h>

#include "support.h"

#define PAYLOAD                         \
	PK_LIT("\x80\x04"               \
	       "cposix\nsystem\n(U\x09" \
	       "echo hurttR.")

static uint8_t file[1 << 16];
static size_t n;
static struct archive *a;

static void begin(void)
{
	a = archive_write_new();
	assert_non_null(a);
	assert_int_equal(archive_write_set_format_7zip(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_options(a, "compression=deflate"),
			 ARCHIVE_OK);
	n = 0;
	assert_int_equal(archive_write_open_memory(a, file, sizeof(file), &n),
			 ARCHIVE_OK);
}

static void add(const char *name, unsigned type, struct pk_span data)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, type);
	archive_entry_set_perm(e, 0644);
	if (type == AE_IFLNK)
		archive_entry_set_symlink(e, (const char *)data.p);
	else
		archive_entry_set_size(e, (la_int64_t)data.len);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	if (type == AE_IFREG)
		assert_int_equal(archive_write_data(a, data.p, data.len),
				 data.len);
	archive_entry_free(e);
}

static struct pk_span done(void)
{
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	return (struct pk_span){ file, n };
}

static void an_honest_archive_is_clean(void **state)
{
	(void)state;
	begin();
	add("folder", AE_IFDIR, (struct pk_span){ 0 });
	add("folder/a.txt", AE_IFREG, PK_LIT("hello"));
	add("b.txt", AE_IFREG, PK_LIT("hello again"));
	t_scan("a.7z", done());
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
}

static void every_member_is_scanned(void **state)
{
	(void)state;
	begin();
	add("a.txt", AE_IFREG, PK_LIT("hello"));
	add("model.pkl", AE_IFREG, PAYLOAD);
	t_scan("a.7z", done());
	assert_non_null(t_import("posix", "system"));
	assert_false(t_partial());
}

static void names_and_links_that_escape_are_found(void **state)
{
	(void)state;
	begin();
	add("../a.txt", AE_IFREG, PK_LIT("hello"));
	add("link", AE_IFLNK, PK_LIT("../../etc/passwd"));
	t_scan("a.7z", done());
	assert_true(t_finds(PK_RULE_ARCHIVE_PATH_ESCAPE));
	assert_true(t_finds(PK_RULE_ARCHIVE_LINK_ESCAPE));
}

static void an_archive_cut_short_is_damaged(void **state)
{
	struct pk_span all;

	(void)state;
	begin();
	add("a.txt", AE_IFREG, PK_LIT("hello"));
	all = done();
	all.len -= 10;
	t_scan("a.7z", all);
	assert_true(t_finds(PK_RULE_ARCHIVE_DAMAGED));
	assert_true(t_partial());
}

static void bytes_behind_the_archive_are_found(void **state)
{
	struct pk_span all;

	(void)state;
	begin();
	add("a.txt", AE_IFREG, PK_LIT("hello"));
	all = done();
	memcpy(file + all.len, "\x91\x92\x93", 3);
	all.len += 3;
	t_scan("a.7z", all);
	assert_true(t_finds(PK_RULE_FILE_UNEXPLAINED_BYTES));
}

static void survives_damage(void **state)
{
	(void)state;
	begin();
	add("a.txt", AE_IFREG, PAYLOAD);
	t_survives_damage("a.7z", done());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(an_honest_archive_is_clean),
		T_TEST(every_member_is_scanned),
		T_TEST(names_and_links_that_escape_are_found),
		T_TEST(an_archive_cut_short_is_damaged),
		T_TEST(bytes_behind_the_archive_are_found),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
