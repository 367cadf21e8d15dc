/* SPDX-License-Identifier: Apache-2.0 */
/* A program's own settings, as another program would read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "picket/picket.h"

static char taken[512];
static unsigned complaints;
static uint64_t line;

static void take(void *ctx, uint64_t at, const char *name, const char *value)
{
	const size_t n = strlen(taken);

	(void)ctx;
	(void)snprintf(taken + n, sizeof(taken) - n, "%u:%s=%s;", (unsigned)at,
		       name, value);
}

static void complain(void *ctx, uint64_t at, const char *text)
{
	(void)ctx;
	assert_true(*text);
	complaints++;
	line = at;
}

static enum picket_status read_text(const char *yaml, size_t n)
{
	const struct picket_settings_reader r = { take, complain, NULL };

	taken[0] = '\0';
	complaints = 0;
	return picket_settings_read(yaml, n, &r);
}

static void refused(const char *yaml, uint64_t at)
{
	assert_int_equal(read_text(yaml, strlen(yaml)), PICKET_ERR_DATA);
	assert_true(complaints > 0);
	assert_int_equal(line, at);
}

static void values_come_as_they_are_spelled(void **state)
{
	static const char yaml[] = "a: off\nb: 010\nc: \"x y\"\n";

	(void)state;
	assert_int_equal(read_text(yaml, strlen(yaml)), PICKET_OK);
	assert_string_equal(taken, "1:a=off;2:b=010;3:c=x y;");
}

static void a_list_comes_value_by_value(void **state)
{
	static const char yaml[] = "a: [1, 2]\nb:\n- x\n- y\n";

	(void)state;
	assert_int_equal(read_text(yaml, strlen(yaml)), PICKET_OK);
	assert_string_equal(taken, "1:a=1;1:a=2;3:b=x;4:b=y;");
}

static void an_empty_file_has_none(void **state)
{
	(void)state;
	assert_int_equal(read_text("", 0), PICKET_OK);
	assert_int_equal(read_text("# no\n", 5), PICKET_OK);
	assert_string_equal(taken, "");
}

static void what_is_no_setting_is_refused_with_its_line(void **state)
{
	(void)state;
	refused("- a\n", 1);
	refused("a: 1\nb: {c: 1}\n", 2);
	refused("a: 1\nb:\n", 2);
	refused("a: [[1]]\n", 1);
	refused("a: 1\nb: 2\na: 3\n", 3);
	refused("a: !!python/name:os.system x\n", 1);
	refused("a: \"x\\0y\"\n", 1);
	refused("a: 1\n\tb: 2\n", 2);
}

/* An alias of an alias of an alias ... is small in the file only. */
static void a_bomb_is_refused(void **state)
{
	char yaml[2048] = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";

	(void)state;
	for (int i = 1; i < 12; i++) {
		const size_t n = strlen(yaml);

		(void)snprintf(yaml + n, sizeof(yaml) - n,
			       "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i,
			       i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	}
	assert_int_equal(read_text(yaml, strlen(yaml)), PICKET_ERR_DATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_as_they_are_spelled),
		cmocka_unit_test(a_list_comes_value_by_value),
		cmocka_unit_test(an_empty_file_has_none),
		cmocka_unit_test(what_is_no_setting_is_refused_with_its_line),
		cmocka_unit_test(a_bomb_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
