/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "hub/hf_json.h"

#define SHA1   "0123456789abcdef0123456789abcdef01234567"
#define SHA256 SHA1 "0123456789abcdef01234567"

static struct pk_meter meter = { .ceiling = 1 << 24 };
static struct pk_arena arena = { .meter = &meter };
static struct pk_remote_trouble why;
static struct pk_hf_info info;
static struct pk_files files;

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

static enum pk_status read_info(const char *json)
{
	why = (struct pk_remote_trouble){ 0 };
	return pk_hf_info_read(text(json), &arena, &info, &why);
}

static enum pk_status read_tree(const char *json, const char *below,
				const char *only)
{
	why = (struct pk_remote_trouble){ 0 };
	files = (struct pk_files){ .arena = &arena, .max = 100 };
	return pk_hf_tree_read(text(json), below, only, &files, &why);
}

static void what_a_repository_says_of_itself(void **state)
{
	(void)state;
	assert_int_equal(
		read_info("{\"id\": \"o/n\", \"sha\": \"" SHA1 "\", "
			  "\"gated\": \"manual\", \"disabled\": false, "
			  "\"cardData\": {\"license\": \"apache-2.0\"}}"),
		PK_OK);
	assert_string_equal(info.id, "o/n");
	assert_string_equal(info.commit, SHA1);
	assert_string_equal(info.licence, "apache-2.0");
	assert_int_equal(info.gated, PK_YES);
	assert_false(info.disabled);
}

static void what_it_does_not_say_is_not_known(void **state)
{
	(void)state;
	assert_int_equal(read_info("{\"sha\": \"0123456789ABCDEF0123456789ABCDE"
				   "F01234567\"}"),
			 PK_OK);
	assert_null(info.id);
	assert_null(info.licence);
	assert_string_equal(info.commit, SHA1);
	assert_int_equal(info.gated, PK_NOT_KNOWN);
	assert_int_equal(read_info("{\"sha\": \"" SHA1 "\", \"gated\": false, "
				   "\"tags\": [1, \"x\", \"license:mit\"]}"),
			 PK_OK);
	assert_string_equal(info.licence, "mit");
	assert_int_equal(info.gated, PK_NO);
	assert_int_equal(read_info("{\"sha\": \"" SHA1 "\", \"cardData\": "
				   "{\"license\": [\"mit\", \"x\"]}}"),
			 PK_OK);
	assert_string_equal(info.licence, "mit");
	assert_int_equal(read_info("{\"sha\": \"" SHA1 "\", \"cardData\": "
				   "{\"license\": \"a\\u001b[2Jb\"}}"),
			 PK_OK);
	assert_null(info.licence);
}

static void what_cannot_be_a_repository(void **state)
{
	static const char *const bad[] = {
		"",
		"null",
		"[]",
		"{}",
		"{\"sha\": \"main\"}",
		"{\"sha\": 5}",
		"{\"sha\": \"" SHA1 "\", \"id\": \"../x\"}",
		"{\"sha\": \"" SHA1 "\", \"id\": \"a/b/c\"}",
		"{\"sha\": \"" SHA1 "\", \"id\": 5}",
		"{\"sha\": \"" SHA1 "\"} {}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (read_info(bad[i]) != PK_ERR_IO)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(why.problem, PK_HTTP_BROKEN);
	}
}

#define FILE_(path, more) \
	"{\"type\": \"file\", \"path\": \"" path "\", " more "}"
#define GIT "\"size\": 5, \"oid\": \"" SHA1 "\""
#define LFS                                                       \
	"\"size\": 7, \"oid\": \"" SHA1 "\", \"lfs\": {\"oid\": " \
	"\"" SHA256 "\", \"size\": 7, \"pointerSize\": 127}"

static void files_are_known_by_their_digest(void **state)
{
	(void)state;
	assert_int_equal(
		read_tree(
			"[" FILE_("a", GIT) ", " FILE_("b/c", LFS) ", {\"type\": \"directory\", \"path\": \"b\"}, " FILE_(
				"d", "\"size\": 0, \"lfs\": null") "]",
			"", NULL),
		PK_OK);
	assert_int_equal(files.n, 3);
	assert_int_equal(files.v[0].identity, PK_ID_GIT_BLOB);
	assert_string_equal(files.v[0].digest, SHA1);
	assert_int_equal(files.v[1].identity, PK_ID_SHA256);
	assert_string_equal(files.v[1].digest, SHA256);
	assert_int_equal(files.v[1].size, 7);
	assert_int_equal(files.v[2].identity, PK_ID_NONE);
}

static void what_lies_below_a_folder_is_named_from_there(void **state)
{
	(void)state;
	assert_int_equal(read_tree("[" FILE_("x/y/z", GIT) "]", "x", NULL),
			 PK_OK);
	assert_string_equal(files.v[0].path, "y/z");
	assert_int_equal(read_tree("[" FILE_("xy/z", GIT) "]", "x", NULL),
			 PK_ERR_IO);
	assert_int_equal(read_tree("[" FILE_("x", GIT) "]", "x", NULL),
			 PK_ERR_IO);
	assert_int_equal(
		read_tree("[" FILE_("x/a", GIT) ", " FILE_("x/b", GIT) "]", "x",
			  "b"),
		PK_OK);
	assert_int_equal(files.n, 1);
	assert_string_equal(files.v[0].path, "b");
}

static void what_cannot_be_a_listing(void **state)
{
	static const char *const bad[] = {
		"",
		"{}",
		"[5]",
		"[{}]",
		"[{\"type\": \"file\"}]",
		"[{\"type\": \"symlink\", \"path\": \"a\", " GIT "}]",
		"[" FILE_("/etc/passwd", GIT) "]",
		"[" FILE_("a/../../b", GIT) "]",
		"[" FILE_("a\\u0000b", GIT) "]",
		"[" FILE_("a\\\\b", GIT) "]",
		"[" FILE_("a\\r\\nb", GIT) "]",
		"[" FILE_("a\\ud800b", GIT) "]",
		"[" FILE_("a", "\"size\": -1") "]",
		"[" FILE_("a", "\"size\": 1.5") "]",
		"[" FILE_("a", "\"size\": 9223372036854775808") "]",
		"[" FILE_("a", "\"size\": \"5\"") "]",
		"[" FILE_("a", "\"oid\": \"" SHA1 "\"") "]",
		"[" FILE_("a", "\"size\": 5, \"oid\": \"" SHA256 "\"") "]",
		"[" FILE_("a", "\"size\": 5, \"oid\": \"x\"") "]",
		"[" FILE_("a", "\"size\": 5, \"oid\": 5") "]",
		"[" FILE_("a", "\"size\": 5, \"lfs\": {}") "]",
		"[" FILE_("a",
			  "\"size\": 5, \"lfs\": {\"oid\": \"" SHA1 "\"}") "]",
		"[" FILE_("a", "\"size\": 5, \"lfs\": {\"oid\": \"" SHA256
			       "\", \"size\": 6}") "]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (read_tree(bad[i], "", NULL) != PK_ERR_IO)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(why.problem, PK_HTTP_BROKEN);
		assert_true(why.text[0]);
	}
}

static void owners(void **state)
{
	(void)state;
	assert_int_equal(pk_hf_owner_read(PK_LIT("{\"isVerified\": true}")),
			 PK_YES);
	assert_int_equal(pk_hf_owner_read(PK_LIT("{\"isVerified\": false}")),
			 PK_NO);
	assert_int_equal(pk_hf_owner_read(PK_LIT("{\"isVerified\": \"yes\"}")),
			 PK_NOT_KNOWN);
	assert_int_equal(pk_hf_owner_read(PK_LIT("<html>")), PK_NOT_KNOWN);
}

static void advice_is_one_of_the_known_words(void **state)
{
	(void)state;
	assert_int_equal(
		read_info("{\"sha\": \"" SHA1 "\", \"securityRepoStatus\": "
			  "{\"filesWithIssues\": ["
			  "{\"path\": \"x/a\", \"level\": \"unsafe\"}, "
			  "{\"path\": \"x/b\", \"level\": \"fine\"}, "
			  "{\"path\": \"q\", \"level\": \"unsafe\"}, "
			  "{\"path\": 5, \"level\": []}, 5]}}"),
		PK_OK);
	assert_int_equal(
		read_tree("[" FILE_("x/a", GIT) ", " FILE_("x/b", GIT) "]", "x",
			  NULL),
		PK_OK);
	assert_int_equal(pk_files_settle(&files, &why), PK_OK);
	pk_hf_advise(&info, "x", &files);
	assert_string_equal(files.v[0].advice, "unsafe");
	assert_string_equal(files.v[1].advice, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_repository_says_of_itself),
		cmocka_unit_test(what_it_does_not_say_is_not_known),
		cmocka_unit_test(what_cannot_be_a_repository),
		cmocka_unit_test(files_are_known_by_their_digest),
		cmocka_unit_test(what_lies_below_a_folder_is_named_from_there),
		cmocka_unit_test(what_cannot_be_a_listing),
		cmocka_unit_test(owners),
		cmocka_unit_test(advice_is_one_of_the_known_words),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
