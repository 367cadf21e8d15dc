/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/form.h"

#include "support.h"

struct box {
	const char *name;
	int color;
};

static struct pk_meter meter;
static struct pk_arena arena;
static struct pk_complaints why;
static struct box box;

static const char *nth_color(size_t n)
{
	static const char *const colors[] = { "red", "green" };

	return n < 2 ? colors[n] : NULL;
}

PK_TAKE(name)
{
	((struct box *)to)->name = pk_form_text(f, v);
}

PK_TAKE(color)
{
	((struct box *)to)->color = pk_form_word(f, v, "the colour", nth_color);
}

static const struct pk_form_member members[] = {
	{ "version", pk_form_version },
	{ "name", take_name },
	{ "color", take_color },
	{ 0 },
};

static void read_box(const char *yaml)
{
	struct pk_form f = { .arena = &arena,
			     .text = { (const uint8_t *)yaml, strlen(yaml) },
			     .why = &why };
	const struct pk_jvalue *doc;

	pk_arena_release(&arena);
	meter = (struct pk_meter){ .ceiling = 1 << 20 };
	arena = PK_ARENA(&meter);
	why.count = 0;
	box = (struct box){ 0 };
	doc = pk_form_document(&f, "a box");
	if (doc)
		pk_form_members(&f, &box, doc, members, "a box");
	assert_false(f.no_memory);
}

static void complains(const char *yaml, uint64_t line, const char *text)
{
	read_box(yaml);
	assert_int_equal(why.count, 1);
	assert_int_equal(why.v[0].line, line);
	assert_non_null(strstr(why.v[0].text, text));
}

static int forget(void **state)
{
	(void)state;
	pk_arena_release(&arena);
	return 0;
}

static void every_key_goes_to_its_place(void **state)
{
	(void)state;
	read_box("version: 1\nname: x\ncolor: green\n");
	assert_int_equal(why.count, 0);
	assert_string_equal(box.name, "x");
	assert_int_equal(box.color, 1);
}

static void slips_have_a_line_and_the_nearest_word(void **state)
{
	(void)state;
	complains("name: x\n\ncolr: red\n", 3, "did you mean 'color'?");
	complains("color: gren\n", 1, "did you mean 'green'?");
	complains("name: x\nname: y\n", 2, "stands here twice");
	complains("name: [x]\n", 1, "name must be a text");
	complains("name: ''\n", 1, "name must be a text");
	complains("version: 2\n", 1, "the only version");
}

static void what_is_no_single_document_of_keys_is_refused(void **state)
{
	(void)state;
	complains("- name\n", 1, "a box is keys with values");
	complains("", 1, "a box is keys with values");
	complains("name: x\n---\nname: y\n", 3, "more than one document");
	complains("name: x\n  color: : [\n", 2, "not YAML");
}

static void control_characters_are_not_passed_on(void **state)
{
	(void)state;
	read_box("\"a\\eb\": x\n");
	assert_int_equal(why.count, 1);
	assert_null(strchr(why.v[0].text, '\033'));
}

static void complaints_come_to_an_end(void **state)
{
	struct pk_buf b = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		pk_buf_printf(&b, "key%d: x\n", i);
	read_box(pk_buf_str(&b));
	pk_buf_release(&b);
	assert_int_equal(why.count, PK_COMPLAINTS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_key_goes_to_its_place, forget),
		cmocka_unit_test_teardown(
			slips_have_a_line_and_the_nearest_word, forget),
		cmocka_unit_test_teardown(
			what_is_no_single_document_of_keys_is_refused, forget),
		cmocka_unit_test_teardown(control_characters_are_not_passed_on,
					  forget),
		cmocka_unit_test_teardown(complaints_come_to_an_end, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
