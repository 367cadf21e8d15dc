/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "support.h"

#define PAYLOAD                         \
	PK_LIT("\x80\x04"               \
	       "cposix\nsystem\n(U\x09" \
	       "echo hurttR.")
/* The beginning of a relocatable ELF object for x86-64. */
#define OBJECT                               \
	PK_LIT("\x7f"                        \
	       "ELF\2\1\1\0\0\0\0\0\0\0\0\0" \
	       "\1\0\x3e\0\1\0\0\0")

static uint8_t file[8192];
static size_t n;

static void begin(const char *magic)
{
	memset(file, 0, sizeof(file));
	n = strlen(magic);
	memcpy(file, magic, n);
}

static void add_sized(const char *name, struct pk_span data, size_t size)
{
	char head[61];

	(void)snprintf(head, sizeof(head), "%-16s%-12d%-6d%-6d%-8s%-10zu`\n",
		       name, 0, 0, 0, "100644", size);
	memcpy(file + n, head, 60);
	n += 60;
	if (data.len)
		memcpy(file + n, data.p, data.len);
	n += data.len;
	if (n & 1)
		file[n++] = '\n';
}

static void add(const char *name, struct pk_span data)
{
	add_sized(name, data, data.len);
}

static const struct pk_job *scan(const char *as)
{
	return t_scan(as, (struct pk_span){ file, n });
}

static const char *member_of_the_payload(void)
{
	const struct pk_import *i = t_import("posix", "system");

	return i ? i->member : "none";
}

static void a_static_library_is_no_model(void **state)
{
	const struct pk_job *job;

	(void)state;
	begin("!<arch>\n");
	add("/", PK_LIT("\0\0\0\1\0\0\0\x44main\0"));
	add("//", PK_LIT("an_object_with_a_long_name.o/\n"));
	add("/0", OBJECT);
	add("b.o/", OBJECT);
	job = scan("libfoo.a");
	assert_null(job->primary);
	assert_string_equal(job->reason, "a static library, no model");
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
}

static void a_thin_one_holds_names_only(void **state)
{
	(void)state;
	begin("!<thin>\n");
	add_sized("/0", (struct pk_span){ 0 }, 4000);
	assert_string_equal(scan("libfoo.a")->reason,
			    "names of object files, no model");
}

static void members_are_scanned_under_every_kind_of_name(void **state)
{
	(void)state;
	begin("!<arch>\n");
	add("a.o/", OBJECT);
	add("a.pkl", PAYLOAD);
	assert_string_equal(scan("x.a")->primary->name, "ar");
	assert_string_equal(member_of_the_payload(), "a.pkl");
	assert_false(t_partial());

	begin("!<arch>\n");
	add("//", PK_LIT("first/\na_name_that_is_long.pkl/\n"));
	add("/7", PAYLOAD);
	scan("x.a");
	assert_string_equal(member_of_the_payload(), "a_name_that_is_long.pkl");

	begin("!<arch>\n");
	add("#1/8", PK_LIT("bsd.pkl\0\x80\x04"
			   "cposix\nsystem\n(U\x09"
			   "echo hurttR."));
	scan("x.a");
	assert_string_equal(member_of_the_payload(), "bsd.pkl");
}

static void one_pickle_among_objects_is_found(void **state)
{
	(void)state;
	begin("!<arch>\n");
	add("a.o/", OBJECT);
	add("b.o/", PAYLOAD);
	scan("libfoo.a");
	assert_string_equal(member_of_the_payload(), "b.o");
}

static void what_is_cut_or_follows_is_said(void **state)
{
	(void)state;
	begin("!<arch>\n");
	add_sized("a", PK_LIT("text"), 4000);
	scan("x.a");
	assert_true(t_finds(PK_RULE_ARCHIVE_DAMAGED));
	assert_true(t_partial());

	begin("!<arch>\n");
	add("a", PK_LIT("text"));
	memset(file + n, 'x', 100);
	n += 100;
	scan("x.a");
	assert_true(t_finds(PK_RULE_ARCHIVE_DAMAGED));
	assert_true(t_partial());
}

static void a_name_that_escapes_is_said(void **state)
{
	(void)state;
	begin("!<arch>\n");
	add("../a", PK_LIT("text"));
	scan("x.a");
	assert_int_equal(t_severity(PK_RULE_ARCHIVE_PATH_ESCAPE), PK_HIGH);
}

static void survives_damage(void **state)
{
	(void)state;
	begin("!<arch>\n");
	add("//", PK_LIT("a_name_that_is_long/\n"));
	add("/0", OBJECT);
	add("#1/4", PK_LIT("abcdtext"));
	t_survives_damage("x.a", (struct pk_span){ file, n });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_static_library_is_no_model),
		T_TEST(a_thin_one_holds_names_only),
		T_TEST(members_are_scanned_under_every_kind_of_name),
		T_TEST(one_pickle_among_objects_is_found),
		T_TEST(what_is_cut_or_follows_is_said),
		T_TEST(a_name_that_escapes_is_said),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
