/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/lock.h"

#include <stdio.h>

#include "support.h"

#define SHA256                             \
	"00112233445566778899aabbccddeeff" \
	"00112233445566778899aabbccddeeff"
#define COMMIT "0123456789012345678901234567890123456789"
#define A_FILE "      - {path: a, size: 1, sha256: " SHA256 "}\n"

static struct pk_lock l;
static struct pk_complaints why;

static enum pk_status read_lock(const char *yaml)
{
	pk_lock_release(&l);
	return pk_lock_read(
		&l, (struct pk_span){ (const uint8_t *)yaml, strlen(yaml) },
		&why);
}

static void complains(const char *yaml, uint64_t line, const char *text)
{
	assert_int_equal(read_lock(yaml), PK_ERR_USAGE);
	assert_true(why.count > 0);
	assert_int_equal(why.v[0].line, line);
	if (!strstr(why.v[0].text, text))
		fail_msg("'%s' does not say '%s'", why.v[0].text, text);
}

static int forget(void **state)
{
	(void)state;
	pk_lock_release(&l);
	return 0;
}

static const char whole[] =
	"# Models, pinned: written by `picket lock`, reviewed like code.\n"
	"version: 1\n"
	"models:\n"
	"  - source: hf://org/name@main\n"
	"    folder: org/name\n"
	"    host: huggingface.co\n"
	"    owner: org\n"
	"    repository: org/name\n"
	"    revision: main\n"
	"    commit: \"" COMMIT "\"\n"
	"    licence: apache-2.0\n"
	"    gated: false\n"
	"    publisher_verified: true\n"
	"    registry_verdict: safe\n"
	"    signature:\n"
	"      path: model.sig\n"
	"      signer: \"certificate CN=x\"\n"
	"      verified: false\n"
	"    files:\n"
	"      - path: \"1.bin\"\n"
	"        size: 12\n"
	"        sha256: \"" SHA256 "\"\n"
	"      - path: config.json\n"
	"        size: 3\n"
	"        sha256: \"" SHA256 "\"\n"
	"        git_blob: \"" COMMIT "\"\n"
	"        format: json\n"
	"        verdict: skipped\n";

static void what_is_written_is_what_was_read(void **state)
{
	struct pk_buf b = { 0 };

	(void)state;
	assert_int_equal(read_lock(whole), PK_OK);
	pk_lock_write(&l, &b);
	assert_string_equal(pk_buf_str(&b), whole);
	pk_buf_release(&b);
}

static void every_fact_is_kept(void **state)
{
	const struct pk_lock_model *m;

	(void)state;
	assert_int_equal(read_lock(whole), PK_OK);
	assert_int_equal(l.count, 1);
	m = &l.models[0];
	assert_int_equal(m->line, 4);
	assert_string_equal(m->from.commit, COMMIT);
	assert_int_equal(m->from.verified, PK_YES);
	assert_int_equal(m->from.gated, PK_NO);
	assert_false(m->from.pinned);
	assert_int_equal(m->count, 2);
	assert_null(m->files[0].format);
	assert_true(m->files[1].has_git_blob);
	assert_ptr_equal(pk_lock_find(m, "config.json"), &m->files[1]);
	assert_null(pk_lock_find(m, "config"));
}

/* Quotes, blanks, escapes, words that YAML takes for something else. */
static void odd_names_survive(void **state)
{
	static const char *const names[] = {
		"a \"b\" \\ c",    "no",   "12e4", "x: y", "#", "ü/é",
		"a\xe2\x80\xae.b", "a\tb", "-"
	};
	struct pk_buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct pk_lock_file f = { .path = names[i] };
		struct pk_lock_model m = { .from.uri = names[i],
					   .folder = names[i],
					   .files = &f,
					   .count = 1 };
		struct pk_lock one = { .models = &m, .count = 1 };

		b.len = 0;
		pk_lock_write(&one, &b);
		assert_int_equal(read_lock(pk_buf_str(&b)), PK_OK);
		assert_string_equal(l.models[0].from.uri, names[i]);
		assert_string_equal(l.models[0].files[0].path, names[i]);
	}
	pk_buf_release(&b);
}

static void the_order_is_its_own(void **state)
{
	(void)state;
	assert_int_equal(read_lock("version: 1\nmodels:\n"
				   "  - source: hf://z/z\n    folder: z\n"
				   "    files: []\n"
				   "  - source: hf://a/a\n    files:\n"
				   "      - {path: b, size: 1, sha256: " SHA256
				   "}\n" A_FILE),
			 PK_OK);
	assert_string_equal(l.models[0].from.uri, "hf://a/a");
	assert_string_equal(l.models[0].files[0].path, "a");
	assert_string_equal(l.models[0].folder, "a/a");
}

static void models_get_folders_of_their_own(void **state)
{
	(void)state;
	assert_int_equal(
		read_lock("version: 1\nmodels:\n"
			  "  - {source: 'hf://o/n', repository: o/n, "
			  "files: []}\n"
			  "  - {source: 'hf://o/n@v1', repository: o/n, "
			  "revision: v1, files: []}\n"
			  "  - {source: 's3://bucket/a/', files: []}\n"
			  "  - {source: 's3://bucket/../b', files: []}\n"),
		PK_OK);
	assert_string_equal(l.models[0].folder, "o/n");
	assert_string_equal(l.models[1].folder, "o/n@v1");
	assert_string_equal(l.models[2].folder, "model");
	assert_string_equal(l.models[3].folder, "bucket/a");
}

#define ONE "version: 1\nmodels:\n  - source: hf://a/a\n    files:\n"

static void slips_are_told_with_their_line(void **state)
{
	(void)state;
	complains("models: []\n", 1, "version: 1");
	complains("version: 1\nmodels: [a]\n", 2, "keys with values");
	complains("version: 1\nmodels: []\nmodel: []\n", 3, "'models'");
	complains("version: 1\nmodels:\n  - files: []\n", 3, "has a source");
	complains("version: 1\nmodels:\n  - source: x\n", 3, "has files");
	complains(ONE "      - {path: a, size: 1}\n", 5, "a sha256");
	complains(ONE "      - {path: a, size: x, sha256: " SHA256 "}\n", 5,
		  "number of bytes");
	complains(ONE "      - {path: a, size: 1, sha256: 12}\n", 5, "64 hex");
	complains(ONE "      - {path: a, size: 1, sha256: " SHA256
		      ", verdict: claen}\n",
		  5, "'clean'");
	complains(ONE A_FILE A_FILE, 1, "'a' stands here twice");
}

static void paths_out_of_the_folder_are_refused(void **state)
{
	static const char *const paths[] = { "/a",    "../a", "a/../b", "a//b",
					     "a/./b", ".",    "..",     "a/" };
	char yaml[300];

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		(void)snprintf(yaml, sizeof(yaml),
			       ONE "      - {path: \"%s\", size: 1, sha256: %s"
				   "}\n",
			       paths[i], SHA256);
		complains(yaml, 5, "does not stay below");
		(void)snprintf(yaml, sizeof(yaml),
			       "version: 1\nmodels:\n  - source: x\n"
			       "    folder: \"%s\"\n    files: []\n",
			       paths[i]);
		complains(yaml, 4, "does not stay below");
	}
}

static void two_models_need_two_folders(void **state)
{
	(void)state;
	complains("version: 1\nmodels:\n"
		  "  - {source: a, folder: x, files: []}\n"
		  "  - {source: b, folder: x, files: []}\n",
		  1, "'x' stands here twice");
}

static void write_again(void)
{
	struct pk_buf once = { 0 }, twice = { 0 };

	pk_lock_write(&l, &once);
	assert_int_equal(read_lock(pk_buf_str(&once)), PK_OK);
	pk_lock_write(&l, &twice);
	assert_string_equal(pk_buf_str(&once), pk_buf_str(&twice));
	pk_buf_release(&once);
	pk_buf_release(&twice);
}

static void what_survives_damage_is_still_a_lock(void **state)
{
	static const char bytes[] = "\n:\"-{&* \x00\xff";
	char text[sizeof(whole)];

	(void)state;
	for (size_t i = 0; i < sizeof(whole) - 1; i++) {
		for (size_t j = 0; j < sizeof(bytes); j++) {
			memcpy(text, whole, sizeof(whole));
			text[i] = bytes[j];
			if (read_lock(text) == PK_OK)
				write_again();
			else
				assert_true(why.count > 0);
		}
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_what_was_read),
		TEST(every_fact_is_kept),
		TEST(odd_names_survive),
		TEST(the_order_is_its_own),
		TEST(models_get_folders_of_their_own),
		TEST(slips_are_told_with_their_line),
		TEST(paths_out_of_the_folder_are_refused),
		TEST(two_models_need_two_folders),
		TEST(what_survives_damage_is_still_a_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
