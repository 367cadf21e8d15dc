/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/beside.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/note.h"
#include "support.h"

static struct pk_limits limits;
static struct pk_result result;
static char folder[64];

static void make(const char *name, size_t size)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	(void)close(fd);
}

static void link_to(const char *name, const char *to)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(symlink(to, path), 0);
}

/* A result for a file in the folder, or in one below it. */
static void begin_at(const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	limits = pk_limits_default();
	pk_result_release(&result);
	assert_int_equal(pk_result_init(&result, path, &limits), PK_OK);
	result.opened = true;
}

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/picket-beside-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	memset(&result, 0, sizeof(result));
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	pk_result_release(&result);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static void names(const char *path, uint64_t need)
{
	struct pk_scan s = { .job = &result.job };

	pk_refer(&s, &(struct pk_ref){
			     .path = { (const uint8_t *)path, strlen(path) },
			     .need = need });
}

static bool finds(enum pk_rule rule)
{
	for (const struct pk_finding *f = result.job.findings; f; f = f->next) {
		if (f->rule == rule)
			return true;
	}
	return false;
}

static void what_is_there_and_whole_is_fine(void **state)
{
	(void)state;
	begin_at("m.onnx");
	make("w.bin", 10);
	link_to("v.bin", "w.bin");
	names("w.bin", 10);
	names("v.bin", 10);
	names("./w.bin", 0);
	assert_int_equal(pk_look_beside(&result, NULL), PK_OK);
	assert_null(result.job.findings);
}

static void what_is_missing_or_short_is_said(void **state)
{
	(void)state;
	begin_at("m.onnx");
	make("w.bin", 9);
	names("w.bin", 10);
	names("none.bin", 0);
	assert_int_equal(pk_look_beside(&result, NULL), PK_OK);
	assert_true(finds(PK_RULE_REPO_REFERENCE_SHORT));
	assert_true(finds(PK_RULE_REPO_REFERENCE_MISSING));
	assert_int_equal(result.verdict, PK_UNKNOWN);
}

static void a_link_out_is_not_followed(void **state)
{
	(void)state;
	begin_at("m.onnx");
	link_to("w.bin", "/etc/passwd");
	names("w.bin", 1);
	assert_int_equal(pk_look_beside(&result, NULL), PK_OK);
	assert_true(finds(PK_RULE_REPO_REFERENCE_ESCAPE));
}

/* A link to a folder beside is no escape from the tree that is scanned. */
static void the_root_is_what_counts(void **state)
{
	char sub[128];

	(void)state;
	begin_at("sub/m.onnx");
	make("w.bin", 4);
	(void)snprintf(sub, sizeof(sub), "%s/sub", folder);
	assert_int_equal(mkdir(sub, 0700), 0);
	link_to("sub/w.bin", "../w.bin");
	names("w.bin", 4);
	assert_int_equal(pk_look_beside(&result, folder), PK_OK);
	assert_null(result.job.findings);
	assert_int_equal(pk_look_beside(&result, NULL), PK_OK);
	assert_true(finds(PK_RULE_REPO_REFERENCE_ESCAPE));
}

static void a_model_cache_is_known(void **state)
{
	(void)state;
	begin_at("m.onnx");
	link_to("w.bin", "../../blobs/"
			 "4d7a214614ab2935c943f9e0ff69d22eadbb8f32"
			 "b1258daaa5e2ca24d17e2393");
	names("w.bin", 4);
	assert_int_equal(pk_look_beside(&result, NULL), PK_OK);
	assert_null(result.job.findings);
}

static void another_source_is_not_looked_for_here(void **state)
{
	struct pk_scan s = { .job = &result.job };

	(void)state;
	begin_at("adapter_config.json");
	pk_refer(&s, &(struct pk_ref){ .kind = PK_REF_BASE,
				       .path = PK_LIT("org/base") });
	assert_int_equal(pk_look_beside(&result, NULL), PK_OK);
	assert_null(result.job.findings);
}

static void a_fifo_is_no_file(void **state)
{
	char path[128];

	(void)state;
	begin_at("m.onnx");
	(void)snprintf(path, sizeof(path), "%s/w.bin", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	names("w.bin", 0);
	assert_int_equal(pk_look_beside(&result, NULL), PK_OK);
	assert_true(finds(PK_RULE_REPO_REFERENCE_ODD));
}

static void a_pickle_beside_its_twin_is_low(void **state)
{
	(void)state;
	begin_at("pytorch_model.bin");
	result.job.primary = pk_format_by_name("pytorch-zip");
	assert_int_equal(pk_look_beside(&result, NULL), PK_OK);
	assert_null(result.job.findings);
	make("model.safetensors", 1);
	assert_int_equal(pk_look_beside(&result, NULL), PK_OK);
	assert_true(finds(PK_RULE_REPO_SAFETENSORS_TWIN));
	assert_int_equal(result.verdict, PK_CLEAN);
}

static void standard_input_has_nothing_beside_it(void **state)
{
	(void)state;
	limits = pk_limits_default();
	assert_int_equal(pk_result_init(&result, "-", &limits), PK_OK);
	result.opened = true;
	names("none.bin", 0);
	assert_int_equal(pk_look_beside(&result, NULL), PK_OK);
	assert_null(result.job.findings);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_there_and_whole_is_fine),
		TEST(what_is_missing_or_short_is_said),
		TEST(a_link_out_is_not_followed),
		TEST(the_root_is_what_counts),
		TEST(a_model_cache_is_known),
		TEST(another_source_is_not_looked_for_here),
		TEST(a_fifo_is_no_file),
		TEST(a_pickle_beside_its_twin_is_low),
		TEST(standard_input_has_nothing_beside_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
