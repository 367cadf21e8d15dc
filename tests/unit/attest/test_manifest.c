/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/compare.h"
#include "attest/manifest_text.h"

#include "support.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct pk_manifest m, other;
static struct pk_refusal why;

static struct pk_span text_of(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static enum pk_status read_into(struct pk_manifest *to, const char *text)
{
	pk_manifest_init(to, PK_HASH_SHA256);
	return pk_manifest_read(to, text_of(text), &why);
}

static void every_spelling_of_sha256sum_is_read(void **state)
{
	(void)state;
	assert_int_equal(read_into(&m, "# a remark\n" A "  a b\n" B " *bin\r\n"
				       "SHA256 (x(y)) = " A "\n\\" B
				       "  new\\nline\\\\\n"),
			 PK_OK);
	assert_int_equal(m.count, 4);
	assert_string_equal(m.entries[0].path, "a b");
	assert_string_equal(m.entries[1].path, "bin");
	assert_string_equal(m.entries[2].path, "new\nline\\");
	assert_string_equal(m.entries[3].path, "x(y)");
	pk_manifest_release(&m);
}

static void what_is_written_is_read_again(void **state)
{
	static const char *const names[] = { "a/b", "c\\d\n", "\xff.bin" };
	struct pk_buf lines = { 0 }, json = { 0 };

	(void)state;
	pk_manifest_init(&m, PK_HASH_SHA256);
	for (size_t i = 0; i < 3; i++) {
		const struct pk_manifest_entry e = { .path = names[i],
						     .to = PK_TO_END,
						     .size = i,
						     .digest = { 1 } };
		assert_int_equal(pk_manifest_add(&m, &e), PK_OK);
	}
	pk_manifest_put_lines(&m, &lines);
	pk_manifest_put_json(&m, &json);
	assert_int_equal(read_into(&other, pk_buf_str(&lines)), PK_OK);
	assert_int_equal(other.count, 3);
	assert_string_equal(other.entries[2].path, "\xff.bin");
	pk_manifest_release(&other);
	assert_int_equal(read_into(&other, pk_buf_str(&json)), PK_OK);
	assert_int_equal(other.count, 3);
	assert_int_equal(other.entries[2].size, 2);
	assert_string_equal(other.entries[1].path, "c\\d\n");
	assert_string_equal(other.entries[2].path, "\xff.bin");
	pk_manifest_release(&other);
	pk_manifest_release(&m);
	pk_buf_release(&lines);
	pk_buf_release(&json);
}

static void paths_that_leave_the_tree_are_refused_and_said(void **state)
{
	static const char *const bad[] = {
		A "  ../x\n",
		A "  /etc/passwd\n",
		"{\"schema\": \"picket.manifest/1\", \"hash\": \"sha256\", "
		"\"files\": [{\"path\": \"a/../../x\", \"sha256\": \"" A
		"\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(read_into(&m, bad[i]), PK_ERR_USAGE);
		assert_true(why.escapes);
		pk_manifest_release(&m);
	}
}

static void what_is_no_manifest_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"\n\n",
		"hello\n",
		A "\n",
		A " x\n",
		A "  x\n" B "  x\n",
		"\\" A "  x\\q\n",
		"{}",
		"{\"schema\": \"picket.manifest/1\"}",
		"{\"schema\": \"picket.manifest/1\", \"hash\": \"sha256\", "
		"\"hash\": \"sha256\", \"files\": [{\"path\": \"a\", "
		"\"sha256\": \"" A "\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(read_into(&m, bad[i]), PK_ERR_USAGE);
		assert_true(*why.text);
		pk_manifest_release(&m);
	}
}

static void assert_diff(const struct pk_diffs *d, size_t i,
			enum pk_difference kind, const char *path)
{
	assert_int_equal(d->v[i].kind, kind);
	assert_string_equal(d->v[i].path, path);
}

/* Of two new files with the old one's bytes, one is the renamed one. */
static void differences_are_told_apart(void **state)
{
	struct pk_diffs d;

	(void)state;
	assert_int_equal(read_into(&m, A "  same\n" A "  changed\n" B
					 "  old\n" A "  gone\n" A "  locked\n"),
			 PK_OK);
	assert_int_equal(read_into(&other, A "  same\n" B "  changed\n" B
					     "  moved\n" B "  copy\n"),
			 PK_OK);
	assert_int_equal(pk_manifest_trouble(&other, "locked", "no"), PK_OK);
	assert_int_equal(pk_compare(&m, &other, &d), PK_OK);
	assert_int_equal(d.count, 5);
	assert_diff(&d, 0, PK_DIFF_CHANGED, "changed");
	assert_diff(&d, 2, PK_DIFF_MISSING, "gone");
	assert_diff(&d, 3, PK_DIFF_UNREAD, "locked");
	assert_int_equal((d.v[1].kind == PK_DIFF_RENAMED) +
				 (d.v[4].kind == PK_DIFF_RENAMED),
			 1);
	pk_diffs_release(&d);
	pk_manifest_release(&m);
	pk_manifest_release(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_of_sha256sum_is_read),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(
			paths_that_leave_the_tree_are_refused_and_said),
		cmocka_unit_test(what_is_no_manifest_is_refused),
		cmocka_unit_test(differences_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
