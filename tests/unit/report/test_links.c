/* SPDX-License-Identifier: Apache-2.0 */
#include "report/links.h"

#include "engine/note.h"
#include "support.h"

static struct pk_links links;

static int begin(void **state)
{
	(void)state;
	links = (struct pk_links){ 0 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	assert_false(links.failed);
	pk_links_release(&links);
	return 0;
}

static void add_of(enum pk_ref_kind kind, const char *path,
		   const char *const *names)
{
	const struct pk_limits limits = pk_limits_default();
	struct pk_result r;

	assert_int_equal(pk_result_init(&r, path, &limits), PK_OK);
	for (; *names; names++)
		assert_true(pk_job_keep_ref(
			&r.job,
			&(struct pk_ref){ .kind = kind,
					  .path = { (const uint8_t *)*names,
						    strlen(*names) } }));
	pk_links_add(&links, &r, path);
	pk_result_release(&r);
}

/* A file that names others, up to a NULL. */
static void add(const char *path, const char *const *names)
{
	add_of(PK_REF_DATA, path, names);
}

static const char *const none[] = { NULL };

static void a_name_leads_to_the_file_beside(void **state)
{
	static const char *const names[] = { "w.bin",      "b/v.bin",
					     "../w.bin",   "gone.bin",
					     "/m/w.bin",   "w.bin",
					     "model.onnx", NULL };
	const struct pk_link *rest;

	(void)state;
	add("w.bin", none);
	add("./m/model.onnx", names);
	add("m/w.bin", none);
	add("m/b/v.bin", none);
	rest = links.first->next->to;
	assert_string_equal(pk_links_next(&links, links.first->next, &rest),
			    "m/w.bin");
	assert_string_equal(pk_links_next(&links, links.first->next, &rest),
			    "m/b/v.bin");
	assert_null(pk_links_next(&links, links.first->next, &rest));
	rest = links.first->to;
	assert_null(pk_links_next(&links, links.first, &rest));
}

static void another_source_is_no_file_beside(void **state)
{
	static const char *const names[] = { "org/base", NULL };
	const struct pk_link *rest;

	(void)state;
	add_of(PK_REF_BASE, "adapter_config.json", names);
	add("org/base", none);
	rest = links.first->to;
	assert_null(pk_links_next(&links, links.first, &rest));
}

static void two_files_may_need_the_same(void **state)
{
	static const char *const names[] = { "w", NULL };
	const struct pk_link *rest;

	(void)state;
	add("a", names);
	add("b", names);
	add("w", none);
	rest = links.first->to;
	assert_string_equal(pk_links_next(&links, links.first, &rest), "w");
	rest = links.first->next->to;
	assert_string_equal(pk_links_next(&links, links.first->next, &rest),
			    "w");
}

static void an_id_is_new_once(void **state)
{
	char id[] = "one";

	(void)state;
	assert_true(pk_links_first(&links, id));
	id[0] = 't';
	assert_true(pk_links_first(&links, id));
	assert_false(pk_links_first(&links, "one"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_leads_to_the_file_beside),
		TEST(another_source_is_no_file_beside),
		TEST(two_files_may_need_the_same),
		TEST(an_id_is_new_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
