/* SPDX-License-Identifier: Apache-2.0 */
#include "specimen/specimen.h"

#include "engine/detect.h"
#include "specimen/put.h"
#include "support.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void each_gets_the_verdict_that_is_due(void **state)
{
	const struct pk_specimen *s;

	(void)state;
	for (size_t i = 0; (s = pk_specimen_at(i)) != NULL; i++) {
		struct pk_buf b = { 0 };
		const struct pk_job *job;

		s->make(&b);
		assert_true(pk_buf_ok(&b) && b.len);
		job = t_scan(base_name(s->path), pk_buf_span(&b));
		if (pk_verdict(job) < s->expect)
			print_message("%s\n", s->path);
		assert_true(pk_verdict(job) >= s->expect);
		pk_buf_release(&b);
		(void)t_teardown(state);
	}
}

static void each_is_said_to_be_something_else(void **state)
{
	const struct pk_specimen *a, *b;

	(void)state;
	for (size_t i = 0; (a = pk_specimen_at(i)) != NULL; i++) {
		for (size_t k = 0; k < i; k++) {
			b = pk_specimen_at(k);
			assert_string_not_equal(a->path, b->path);
			assert_string_not_equal(a->what, b->what);
		}
		assert_int_equal(strncmp(a->technique, "AML.T", 5), 0);
		/* Written as they are into a table of commas. */
		assert_null(strpbrk(a->path, ",\"\\"));
		assert_null(strpbrk(a->attack, ",\"\\"));
		assert_true(a->expect >= PK_ERROR);
	}
}

static bool holds(const struct pk_buf *b, const char *word)
{
	return b->len && memmem(b->p, b->len, word, strlen(word)) != NULL;
}

/* Nothing that a specimen runs is anything but the one payload. */
static void none_does_more_than_print_a_word(void **state)
{
	static const char *const other[] = { "http", "/bin",   "curl",
					     "wget", "socket", "unlink" };
	const struct pk_specimen *s;

	(void)state;
	for (size_t i = 0; (s = pk_specimen_at(i)) != NULL; i++) {
		struct pk_buf b = { 0 };

		s->make(&b);
		assert_true(!s->victim || holds(&b, PK_CANARY));
		for (size_t k = 0; k < sizeof(other) / sizeof(other[0]); k++)
			assert_false(holds(&b, other[k]));
		pk_buf_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(each_gets_the_verdict_that_is_due),
		T_TEST(each_is_said_to_be_something_else),
		T_TEST(none_does_more_than_print_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
