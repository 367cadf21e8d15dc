/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/yaml.h"

#include <stdio.h>
#include <stdlib.h>

#include "support.h"

static struct pk_meter meter;
static struct pk_arena arena;
static struct pk_cursor cursor;

static int begin(void **state)
{
	(void)state;
	meter = (struct pk_meter){ .ceiling = 64U << 20 };
	arena = PK_ARENA(&meter);
	return 0;
}

static int end(void **state)
{
	(void)state;
	pk_arena_release(&arena);
	return 0;
}

static struct pk_jvalue *parse(const char *text)
{
	cursor = pk_cursor_over(
		(struct pk_span){ (const uint8_t *)text, strlen(text) }, 0);
	return pk_yaml_parse(&cursor, &arena);
}

static bool is(struct pk_span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

static void a_configuration_becomes_a_tree(void **state)
{
	const struct pk_jvalue *v = parse("# a model\n"
					  "name: net\n"
					  "size: 12\n"
					  "quoted: '12'\n"
					  "on: yes\n"
					  "none:\n"
					  "layers:\n"
					  "  - {type: conv, k: [3, 3]}\n"
					  "  - type: dense\n");
	const struct pk_jvalue *layers = pk_json_get(v, "layers");
	uint64_t n = 0;

	(void)state;
	assert_non_null(v);
	assert_int_equal(v->count, 6);
	assert_true(is(pk_json_text(pk_json_get(v, "name")), "net"));
	assert_int_equal(pk_json_get(v, "name")->key_off, 10);
	assert_int_equal(pk_json_get(v, "name")->off, 16);
	assert_true(pk_json_number(pk_json_get(v, "size"), &n));
	assert_int_equal(n, 12);
	assert_true(is(pk_json_text(pk_json_get(v, "quoted")), "12"));
	assert_true(pk_json_true(pk_json_get(v, "on")));
	assert_true(pk_json_is(pk_json_get(v, "none"), PK_J_NULL));
	assert_int_equal(layers->count, 2);
	assert_int_equal(pk_json_get(layers->kids, "k")->count, 2);
}

static void offsets_count_bytes(void **state)
{
	const struct pk_jvalue *v = parse("\u20ac: \u20ac\nb: c\n");

	(void)state;
	assert_int_equal(pk_json_get(v, "b")->off, 12);
}

static void tags_are_resolved_and_kept(void **state)
{
	const struct pk_jvalue *v =
		parse("%TAG !p! tag:yaml.org,2002:python/\n---\n"
		      "a: !!python/object/apply:os.system [echo]\n"
		      "b: !p!name:os.system\n"
		      "c: !<tag:yaml.org,2002:python/module:os> ''\n"
		      "? !!python/name:os.popen\n: 1\n"
		      "d: !local {}\n");

	(void)state;
	assert_non_null(v);
	assert_true(is(pk_json_get(v, "a")->tag,
		       "tag:yaml.org,2002:python/object/apply:os.system"));
	assert_true(is(pk_json_get(v, "b")->tag,
		       "tag:yaml.org,2002:python/name:os.system"));
	assert_true(is(pk_json_get(v, "c")->tag,
		       "tag:yaml.org,2002:python/module:os"));
	assert_true(is(pk_json_get(v, "d")->tag, "!local"));
	assert_true(is(v->kids->next->next->next->tag,
		       "tag:yaml.org,2002:python/name:os.popen"));
}

static void aliases_and_merges_share(void **state)
{
	const struct pk_jvalue *v = parse("base: &b {x: 1, y: 2}\n"
					  "copy: *b\n"
					  "more:\n  <<: *b\n  y: 3\n"
					  "self: &s [*s]\n");
	const struct pk_jvalue *more = pk_json_get(v, "more");

	(void)state;
	assert_true(pk_json_get(v, "copy")->alias);
	assert_ptr_equal(pk_json_get(v, "copy")->kids,
			 pk_json_get(v, "base")->kids);
	assert_true(is(pk_json_get(more, "x")->text, "1"));
	assert_true(is(pk_json_get(more, "y")->text, "3"));
	assert_false(pk_json_get(more, "y")->repeated);
	assert_true(pk_json_is(pk_json_get(v, "self")->kids, PK_J_NULL));
}

static void aliases_of_aliases_cost_nothing(void **state)
{
	char text[4096] = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
	size_t n = strlen(text);

	(void)state;
	for (int i = 1; i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "a%d: &a%d [*a%d,*a%d,*a%d,*a%d]\n", i, i,
				      i - 1, i - 1, i - 1, i - 1);
	assert_non_null(parse(text));
	assert_true(meter.used < 1U << 20);
}

static void duplicates_are_marked(void **state)
{
	const struct pk_jvalue *v = parse("a: 1\nb: 2\na: 3\n");

	(void)state;
	assert_true(pk_json_get(v, "a")->repeated);
	assert_false(v->kids->repeated);
}

static void documents_before_a_fault_stay(void **state)
{
	const struct pk_jvalue *v = parse("a: 1\n---\n- b\n---\n{c: [\n");

	(void)state;
	assert_non_null(v);
	assert_non_null(pk_json_get(v, "a"));
	assert_int_equal(v->next->kind, PK_J_ARRAY);
	assert_null(v->next->next);
	assert_int_equal(cursor.fault, PK_FAULT_VALUE);
	assert_null(parse("\t- x: [}"));
	assert_null(parse(""));
	assert_true(pk_cursor_ok(&cursor));
}

static void nesting_is_bounded(void **state)
{
	static char deep[100001];

	(void)state;
	memset(deep, '[', sizeof(deep) - 1);
	assert_null(parse(deep));
	assert_int_equal(cursor.fault, PK_FAULT_LIMIT);
}

static void survives_damage(void **state)
{
	static const char whole[] = "%TAG !p! tag:x,1:\n---\na: &x !p!y {b: "
				    "[1, 'q', \"\\u20ac\"]}\n<<: *x\n? [k]\n"
				    ": |\n  text\n...\n--- >-\n folded\n";
	const size_t len = sizeof(whole) - 1;

	(void)state;
	for (size_t i = 0; i < 2 * len; i++) {
		const size_t n = i < len ? i : len;
		uint8_t *copy = malloc(n + 1);
		struct pk_cursor c;

		assert_non_null(copy);
		memcpy(copy, whole, n);
		if (i >= len)
			copy[i - len] ^= 0x15;
		c = pk_cursor_over((struct pk_span){ copy, n }, 0);
		(void)pk_yaml_parse(&c, &arena);
		free(copy);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_configuration_becomes_a_tree),
		TEST(offsets_count_bytes),
		TEST(tags_are_resolved_and_kept),
		TEST(aliases_and_merges_share),
		TEST(aliases_of_aliases_cost_nothing),
		TEST(duplicates_are_marked),
		TEST(documents_before_a_fault_stay),
		TEST(nesting_is_bounded),
		TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
