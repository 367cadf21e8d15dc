/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "zip_builder.h"

#define PAYLOAD                         \
	PK_LIT("\x80\x04"               \
	       "cposix\nsystem\n(U\x09" \
	       "echo hurttR.")

struct header {
	const char *name;
	const char *link;
	const char *prefix;
	const char *magic; /* NULL: ustar */
	struct pk_span data;
	char type;
	int size_plus;
	int sum_plus;
	bool v7;
	bool negative;
};

static uint8_t file[1 << 16];
static size_t n;

static void begin(void)
{
	memset(file, 0, sizeof(file));
	n = 0;
}

static void seal(uint8_t *h, int plus)
{
	unsigned sum = 0;

	memset(h + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += h[i];
	(void)snprintf((char *)h + 148, 8, "%06o", sum + (unsigned)plus);
}

static uint8_t *add(struct header x)
{
	uint8_t *h = file + n;

	(void)snprintf((char *)h, 100, "%s", x.name);
	(void)snprintf((char *)h + 100, 8, "0000644");
	(void)snprintf((char *)h + 124, 12, "%011o",
		       (unsigned)((int)x.data.len + x.size_plus));
	if (x.negative)
		memset(h + 124, 0xff, 12);
	h[156] = (uint8_t)(x.type ? x.type : '0');
	if (x.link)
		(void)snprintf((char *)h + 157, 100, "%s", x.link);
	if (!x.v7)
		memcpy(h + 257, "ustar\00000", 8);
	if (x.prefix)
		(void)snprintf((char *)h + 345, 155, "%s", x.prefix);
	seal(h, x.sum_plus);
	n += 512;
	if (x.data.len)
		memcpy(file + n, x.data.p, x.data.len);
	n += (x.data.len + 511) / 512 * 512;
	return h;
}

static struct pk_span done(void)
{
	n += 1024;
	return (struct pk_span){ file, n };
}

static bool hurt(void)
{
	return t_import("posix", "system") != NULL;
}

static void an_honest_tar_is_clean(void **state)
{
	(void)state;
	begin();
	add((struct header){ .name = "./folder/", .type = '5' });
	add((struct header){ .name = "a", .data = PK_LIT("hello") });
	add((struct header){
		.name = "b", .prefix = "some/folder", .data = PK_LIT("hi") });
	add((struct header){ .name = "l", .link = "a", .type = '2' });
	add((struct header){
		.name = "p", .type = 'x', .data = PK_LIT("9 path=q\n") });
	add((struct header){ .name = "p", .data = PK_LIT("hello") });
	t_scan("a.tar", done());
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
}

static void members_are_scanned_in_every_dialect(void **state)
{
	uint8_t *h;

	(void)state;
	begin();
	add((struct header){ .name = "a", .data = PAYLOAD });
	t_scan("a.tar", done());
	assert_true(hurt());

	begin();
	add((struct header){ .name = "a", .data = PAYLOAD, .v7 = true });
	t_scan("a.tar", done());
	assert_true(hurt());

	begin();
	h = add((struct header){ .name = "a", .data = PAYLOAD });
	memcpy(h + 257, "ustar  ", 8);
	memset(h + 124, 0, 12);
	h[124] = 0x80;
	h[135] = (uint8_t)PAYLOAD.len;
	seal(h, 0);
	t_scan("a.tar", done());
	assert_true(hurt());
	assert_false(t_partial());
}

static void text_is_no_tar(void **state)
{
	static uint8_t text[2048];

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text + 257, "ustar is a tar", 14);
	t_scan("notes.txt", (struct pk_span){ text, sizeof(text) });
	assert_int_equal(t_findings(), 0);
}

static void names_and_links_that_escape_are_found(void **state)
{
	(void)state;
	begin();
	add((struct header){ .name = "../a", .data = PK_LIT("x") });
	t_scan("a.tar", done());
	assert_true(t_finds(PK_RULE_ARCHIVE_PATH_ESCAPE));
	begin();
	add((struct header){ .name = "a/l", .link = "../../x", .type = '2' });
	t_scan("a.tar", done());
	assert_true(t_finds(PK_RULE_ARCHIVE_LINK_ESCAPE));
	begin();
	add((struct header){ .name = "a/l", .link = "../x", .type = '1' });
	t_scan("a.tar", done());
	assert_true(t_finds(PK_RULE_ARCHIVE_LINK_ESCAPE));
	begin();
	add((struct header){ .name = "dev", .type = '3' });
	t_scan("a.tar", done());
	assert_true(t_finds(PK_RULE_ARCHIVE_SPECIAL_FILE));
}

static void extended_names_that_escape_are_found(void **state)
{
	(void)state;
	begin();
	add((struct header){ .name = "x",
			     .type = 'x',
			     .data = PK_LIT("15 path=../../a\n") });
	add((struct header){ .name = "a", .data = PK_LIT("x") });
	t_scan("a.tar", done());
	assert_true(t_finds(PK_RULE_ARCHIVE_PATH_ESCAPE));
	begin();
	add((struct header){
		.name = "L", .type = 'L', .data = PK_LIT("/etc/passwd\0") });
	add((struct header){ .name = "a", .data = PK_LIT("x") });
	t_scan("a.tar", done());
	assert_true(t_finds(PK_RULE_ARCHIVE_PATH_ESCAPE));
	begin();
	add((struct header){ .name = "x",
			     .type = 'x',
			     .data = PK_LIT("17 linkpath=/etc\n") });
	add((struct header){ .name = "a", .link = "b", .type = '2' });
	t_scan("a.tar", done());
	assert_true(t_finds(PK_RULE_ARCHIVE_LINK_ESCAPE));
}

static void a_size_told_twice_is_followed_both_ways(void **state)
{
	static uint8_t inner[1024];

	(void)state;
	begin();
	add((struct header){ .name = "in", .data = PAYLOAD });
	memcpy(inner, file, sizeof(inner));
	begin();
	/* By pax 1024 bytes of data, by the header none. */
	add((struct header){
		.name = "x", .type = 'x', .data = PK_LIT("13 size=1024\n") });
	add((struct header){ .name = "a",
			     .data = { inner, sizeof(inner) },
			     .size_plus = -1024 });
	add((struct header){ .name = "b", .data = PK_LIT("x") });
	t_scan("a.tar", done());
	assert_int_equal(t_severity(PK_RULE_TAR_SIZE_MISMATCH), PK_HIGH);
	assert_true(hurt());
}

static void data_of_a_link_is_followed_both_ways(void **state)
{
	static uint8_t inner[1024];

	(void)state;
	begin();
	add((struct header){ .name = "in", .data = PAYLOAD });
	memcpy(inner, file, sizeof(inner));
	begin();
	add((struct header){ .name = "a",
			     .link = "b",
			     .type = '2',
			     .data = { inner, sizeof(inner) } });
	add((struct header){ .name = "b", .data = PK_LIT("x") });
	t_scan("a.tar", done());
	assert_true(t_finds(PK_RULE_TAR_SIZE_MISMATCH));
	assert_true(hurt());
}

static void a_wrong_checksum_hides_nothing(void **state)
{
	(void)state;
	begin();
	add((struct header){ .name = "a", .data = PK_LIT("x") });
	add((struct header){ .name = "b", .data = PAYLOAD, .sum_plus = 3 });
	t_scan("a.tar", done());
	assert_true(t_finds(PK_RULE_ARCHIVE_BAD_CHECKSUM));
	assert_true(hurt());
}

static void members_behind_the_end_are_found(void **state)
{
	(void)state;
	begin();
	add((struct header){ .name = "a", .data = PK_LIT("x") });
	(void)done();
	add((struct header){ .name = "b", .data = PAYLOAD });
	t_scan("a.tar", done());
	assert_int_equal(t_severity(PK_RULE_TAR_BEHIND_END), PK_HIGH);
	assert_true(hurt());
}

static void names_told_twice_are_found(void **state)
{
	(void)state;
	begin();
	add((struct header){ .name = "a", .data = PK_LIT("x") });
	add((struct header){ .name = "./a", .data = PAYLOAD });
	t_scan("a.tar", done());
	assert_true(t_finds(PK_RULE_ARCHIVE_DUPLICATE_NAME));
}

static void sparse_files_are_scanned_as_they_are_unpacked(void **state)
{
	uint8_t *h;

	(void)state;
	begin();
	/* 4 bytes at 0 and the rest right behind, in the wrong order: only
	 * put together they are a pickle. */
	h = add((struct header){ .name = "s",
				 .type = 'S',
				 .data = PK_LIT("cposix\nsystem\n(U\x09"
						"echo hurttR."
						"\x80\x04") });
	memcpy(h + 257, "ustar  ", 8);
	(void)snprintf((char *)h + 386, 12, "%011o", 2U);
	(void)snprintf((char *)h + 398, 12, "%011o", (unsigned)PAYLOAD.len - 2);
	(void)snprintf((char *)h + 410, 12, "%011o", 0U);
	(void)snprintf((char *)h + 422, 12, "%011o", 2U);
	(void)snprintf((char *)h + 483, 12, "%011o", (unsigned)PAYLOAD.len);
	seal(h, 0);
	t_scan("a.tar", done());
	assert_true(hurt());
	assert_false(t_partial());
}

static void a_negative_size_ends_the_walk(void **state)
{
	(void)state;
	begin();
	add((struct header){ .name = "a", .negative = true });
	t_scan("a.tar", done());
	assert_true(t_finds(PK_RULE_TAR_MALFORMED));
	assert_true(t_partial());
}

static void a_forged_size_is_a_cut_member(void **state)
{
	(void)state;
	begin();
	add((struct header){
		.name = "a", .data = PAYLOAD, .size_plus = 0x7fffffff - 64 });
	t_scan("a.tar", done());
	assert_true(t_finds(PK_RULE_ARCHIVE_DAMAGED));
	assert_true(hurt());
	assert_true(t_partial());
}

static struct pk_span a_zip(void)
{
	struct t_zip *z = z_new();

	z_add(z, (struct t_member){ .name = "a.pkl", .data = PAYLOAD });
	return z_close(z);
}

static void a_zip_at_the_end_is_a_member_and_no_second_reading(void **state)
{
	const struct pk_job *job;

	(void)state;
	begin();
	add((struct header){ .name = "a.zip", .data = a_zip() });
	add((struct header){ .name = "b.zip", .data = a_zip() });
	job = t_scan("a.tar", done());
	assert_string_equal(job->primary->name, "tar");
	assert_true(hurt());
	assert_false(t_finds(PK_RULE_ZIP_SHIFTED));
	assert_false(t_finds(PK_RULE_ZIP_SEVERAL_DIRECTORIES));
}

static void a_zip_around_the_tar_is_said(void **state)
{
	struct pk_span zip;

	(void)state;
	begin();
	add((struct header){ .name = "a", .data = PK_LIT("x") });
	(void)done();
	zip = a_zip();
	memcpy(file + n, zip.p, zip.len);
	n += zip.len;
	t_scan("a.tar", (struct pk_span){ file, n });
	assert_true(hurt());
	assert_true(t_finds(PK_RULE_ZIP_SHIFTED));
}

static void survives_damage(void **state)
{
	(void)state;
	begin();
	add((struct header){
		.name = "x", .type = 'x', .data = PK_LIT("13 size=1024\n") });
	add((struct header){ .name = "a", .data = PK_LIT("x") });
	t_survives_damage("a.tar", (struct pk_span){ file, n });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(an_honest_tar_is_clean),
		T_TEST(members_are_scanned_in_every_dialect),
		T_TEST(text_is_no_tar),
		T_TEST(names_and_links_that_escape_are_found),
		T_TEST(extended_names_that_escape_are_found),
		T_TEST(a_size_told_twice_is_followed_both_ways),
		T_TEST(data_of_a_link_is_followed_both_ways),
		T_TEST(a_wrong_checksum_hides_nothing),
		T_TEST(members_behind_the_end_are_found),
		T_TEST(names_told_twice_are_found),
		T_TEST(sparse_files_are_scanned_as_they_are_unpacked),
		T_TEST(a_negative_size_ends_the_walk),
		T_TEST(a_forged_size_is_a_cut_member),
		T_TEST(a_zip_at_the_end_is_a_member_and_no_second_reading),
		T_TEST(a_zip_around_the_tar_is_said),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
