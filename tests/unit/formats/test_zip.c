/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Content is told by a small zip within: whether a reading of a member was
 * followed shows in what the inner zip's own flaw (an escaping name) makes.
 */
#include "zip_builder.h"

#include <stdlib.h>

#define HELLO PK_LIT("hello, hello, hello, hello")

/* A zip whose one member would be written outside: a telling content. */
static struct pk_span telling(void)
{
	static uint8_t bytes[256];
	static size_t n;
	struct t_zip *z = malloc(sizeof(*z));

	assert_non_null(z);
	memset(z, 0, sizeof(*z));
	z_add(z, (struct t_member){ .name = "../told", .data = HELLO });
	n = z_close(z).len;
	memcpy(bytes, z->p, n);
	free(z);
	return (struct pk_span){ bytes, n };
}

static bool told(void)
{
	return t_finds(PK_RULE_ARCHIVE_PATH_ESCAPE);
}

static void scan_one(struct t_member m)
{
	struct t_zip *z = z_new();

	z_add(z, m);
	t_scan("a.zip", z_close(z));
}

static void an_honest_zip_is_clean(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "folder/" });
	z_add(z, (struct t_member){ .name = "folder/stored", .data = HELLO });
	z_add(z, (struct t_member){
			 .name = "packed", .data = HELLO, .method = 8 });
	z_add(z, (struct t_member){ .name = "by\\windows", .data = HELLO });
	t_scan("a.zip", z_close(z));
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
}

static void every_form_of_data_descriptor_is_clean(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){
			 .name = "a", .data = HELLO, .streamed = true });
	z_add(z, (struct t_member){ .name = "b",
				    .data = HELLO,
				    .method = 8,
				    .streamed = true,
				    .wide = true });
	z_add(z, (struct t_member){ .name = "c",
				    .data = HELLO,
				    .streamed = true,
				    .bare = true });
	z_add(z, (struct t_member){ .name = "d",
				    .data = HELLO,
				    .streamed = true,
				    .bare = true,
				    .wide = true });
	t_scan("a.zip", z_close(z));
	assert_int_equal(t_findings(), 0);
}

static void the_padding_of_pytorch_is_clean(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z,
	      (struct t_member){ .name = "m/data/0",
				 .data = HELLO,
				 .streamed = true,
				 .flags = 0x0800,
				 .local_extra = PK_LIT("FB\x0a\0ZZZZZZZZZZ") });
	z_directory(z);
	z_end64(z, z->records, z->dir_len, z->dir);
	z_end_as(z, z->records, z->dir_len, z->dir, 0);
	t_scan("a.pt", (struct pk_span){ z->p, z->n });
	assert_int_equal(t_findings(), 0);
}

static void an_empty_zip_and_a_comment_are_clean(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_end_as(z, 0, 0, 0, 5);
	z_put(z, "hello", 5);
	t_scan("a.zip", (struct pk_span){ z->p, z->n });
	assert_int_equal(t_findings(), 0);
}

static void content_is_scanned_stored_and_packed(void **state)
{
	(void)state;
	scan_one((struct t_member){ .name = "x.png", .data = telling() });
	assert_true(told());
	scan_one((struct t_member){
		.name = "x", .data = telling(), .method = 8 });
	assert_true(told());
	assert_int_equal(t_findings(), 1);
}

static void names_that_differ_are_found(void **state)
{
	(void)state;
	scan_one((struct t_member){ .name = "data.pkl",
				    .local_name = "datA.pkl",
				    .data = telling() });
	assert_true(t_finds(PK_RULE_ZIP_NAME_MISMATCH));
	assert_true(told());
}

static void a_unicode_path_of_another_name_is_found(void **state)
{
	uint8_t extra[32] = "up\x08\0\1";
	const uint32_t crc = (uint32_t)crc32_z(0, (const uint8_t *)"a.txt", 5);

	(void)state;
	for (int i = 0; i < 4; i++)
		extra[5 + i] = (uint8_t)(crc >> (8 * i));
	memcpy(extra + 9, "b.p", 3);
	scan_one((struct t_member){
		.name = "a.txt", .data = HELLO, .extra = { extra, 12 } });
	assert_true(t_finds(PK_RULE_ZIP_NAME_MISMATCH));
}

static void a_unicode_path_of_the_same_name_is_clean(void **state)
{
	uint8_t extra[32] = "up\x0a\0\1";
	const uint32_t crc =
		(uint32_t)crc32_z(0, (const uint8_t *)"a\x84.txt", 6);

	(void)state;
	for (int i = 0; i < 4; i++)
		extra[5 + i] = (uint8_t)(crc >> (8 * i));
	memcpy(extra + 9, "a\xc3\xa4.txt", 7);
	extra[2] = 12;
	scan_one((struct t_member){
		.name = "a\x84.txt", .data = HELLO, .extra = { extra, 16 } });
	assert_int_equal(t_findings(), 0);
}

static void a_lie_about_encryption_is_found_and_seen_through(void **state)
{
	(void)state;
	scan_one((struct t_member){
		.name = "a", .data = telling(), .local_flags_xor = 1 });
	assert_true(t_finds(PK_RULE_ZIP_FLAG_MISMATCH));
	assert_true(told());
	scan_one((struct t_member){
		.name = "a", .data = telling(), .flags = 1, .method = 8 });
	assert_true(t_finds(PK_RULE_ZIP_FLAG_MISMATCH));
	assert_true(told());
	assert_false(t_finds(PK_RULE_ARCHIVE_ENCRYPTED));
}

static void true_encryption_leaves_the_scan_partial(void **state)
{
	(void)state;
	scan_one((struct t_member){ .name = "a",
				    .data = PK_LIT("\x91\x04\xf3\x77\x12"),
				    .flags = 1,
				    .crc_xor = 0x1234 });
	assert_int_equal(t_severity(PK_RULE_ARCHIVE_ENCRYPTED), PK_HIGH);
	assert_true(t_partial());
}

static void a_bad_checksum_is_found_and_the_content_scanned(void **state)
{
	(void)state;
	scan_one((struct t_member){
		.name = "a", .data = telling(), .crc_xor = 1 });
	assert_true(t_finds(PK_RULE_ARCHIVE_BAD_CHECKSUM));
	assert_true(told());
	scan_one((struct t_member){
		.name = "a", .data = telling(), .crc_xor = 1, .method = 8 });
	assert_true(t_finds(PK_RULE_ARCHIVE_BAD_CHECKSUM));
	assert_true(told());
}

static void both_readings_of_a_method_are_scanned(void **state)
{
	static uint8_t packed[256];
	struct pk_span p;

	(void)state;
	scan_one((struct t_member){ .name = "a",
				    .data = telling(),
				    .method = 8,
				    .local_method_xor = 8 });
	assert_true(t_finds(PK_RULE_ZIP_METHOD_MISMATCH));
	assert_true(told());

	p = z_pack(telling());
	memcpy(packed, p.p, p.len);
	p.p = packed;
	scan_one((struct t_member){
		.name = "a", .data = p, .local_method_xor = 8 });
	assert_true(t_finds(PK_RULE_ZIP_METHOD_MISMATCH));
	assert_true(told());
}

static void an_unknown_method_leaves_the_scan_partial(void **state)
{
	(void)state;
	scan_one((struct t_member){ .name = "a", .data = HELLO, .method = 97 });
	assert_true(t_finds(PK_RULE_ARCHIVE_UNSUPPORTED));
	assert_true(t_partial());
}

static void sizes_that_differ_are_found(void **state)
{
	(void)state;
	scan_one((struct t_member){
		.name = "a", .data = HELLO, .local_csize_plus = -3 });
	assert_true(t_finds(PK_RULE_ZIP_SIZE_MISMATCH));
	scan_one((struct t_member){
		.name = "a", .data = HELLO, .local_usize_plus = 7 });
	assert_true(t_finds(PK_RULE_ZIP_SIZE_MISMATCH));
	scan_one((struct t_member){ .name = "a",
				    .data = HELLO,
				    .method = 8,
				    .usize_plus = -1,
				    .local_usize_plus = -1 });
	assert_true(t_finds(PK_RULE_ZIP_SIZE_MISMATCH));
}

static void data_behind_the_declared_end_is_scanned(void **state)
{
	(void)state;
	scan_one((struct t_member){ .name = "a",
				    .data = telling(),
				    .method = 8,
				    .csize_plus = -20,
				    .local_csize_plus = -20 });
	assert_true(t_finds(PK_RULE_ZIP_SIZE_MISMATCH));
	assert_true(told());
}

static void a_descriptor_that_says_otherwise_is_found(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){
			 .name = "a", .data = HELLO, .streamed = true });
	z->p[z->n - 1] ^= 1;
	t_scan("a.zip", z_close(z));
	assert_true(t_finds(PK_RULE_ZIP_SIZE_MISMATCH));
}

static void names_told_twice_are_found_and_both_scanned(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "m/data.pkl", .data = telling() });
	z_add(z, (struct t_member){ .name = "m/data.pkl", .data = HELLO });
	t_scan("a.zip", z_close(z));
	assert_int_equal(t_severity(PK_RULE_ARCHIVE_DUPLICATE_NAME), PK_HIGH);
	assert_true(told());
}

static void names_equal_but_for_case_are_found(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "m/data.pkl", .data = HELLO });
	z_add(z, (struct t_member){ .name = "m/.\\DATA.pkl",
				    .data = PK_LIT("other") });
	t_scan("a.zip", z_close(z));
	assert_int_equal(t_severity(PK_RULE_ARCHIVE_DUPLICATE_NAME), PK_HIGH);
}

static void unlike_sources_may_differ_in_case(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "xt_DSCP.c", .data = HELLO });
	z_add(z, (struct t_member){ .name = "xt_dscp.c",
				    .data = PK_LIT("other") });
	t_scan("a.zip", z_close(z));
	assert_int_equal(t_severity(PK_RULE_ARCHIVE_DUPLICATE_NAME), PK_LOW);
}

static void names_that_escape_are_found(void **state)
{
	static const char *const names[] = { "/etc/x", "..\\x", "a/../../x",
					     "C:\\x", "\\\\host\\x" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		scan_one((struct t_member){ .name = names[i], .data = HELLO });
		assert_int_equal(t_severity(PK_RULE_ARCHIVE_PATH_ESCAPE),
				 PK_HIGH);
	}
	scan_one((struct t_member){ .name = "a/../x..y", .data = HELLO });
	assert_int_equal(t_findings(), 0);
}

static void names_that_mislead_are_found(void **state)
{
	(void)state;
	scan_one((struct t_member){ .raw_name = PK_LIT("a.pkl\0.txt"),
				    .data = HELLO });
	assert_int_equal(t_severity(PK_RULE_ARCHIVE_ODD_NAME), PK_HIGH);
	scan_one((struct t_member){ .name = "a\x1b[2J", .data = HELLO });
	assert_int_equal(t_severity(PK_RULE_ARCHIVE_ODD_NAME), PK_MEDIUM);
}

static void links_are_followed_by_eye_only(void **state)
{
	(void)state;
	scan_one((struct t_member){ .name = "a/link",
				    .data = PK_LIT("../../etc/passwd"),
				    .attrs = 0xa1ff0000 });
	assert_int_equal(t_severity(PK_RULE_ARCHIVE_LINK_ESCAPE), PK_HIGH);
	scan_one((struct t_member){ .name = "a/link",
				    .data = PK_LIT("../b/c"),
				    .attrs = 0xa1ff0000 });
	assert_int_equal(t_findings(), 0);
	scan_one((struct t_member){ .name = "dev", .attrs = 0x21ff0000 });
	assert_true(t_finds(PK_RULE_ARCHIVE_SPECIAL_FILE));
}

static void orphans_are_found_and_scanned(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "a", .data = HELLO });
	z_add(z, (struct t_member){
			 .name = "b", .data = telling(), .lone = true });
	z_add(z, (struct t_member){ .name = "c", .data = HELLO });
	z_add(z, (struct t_member){ .name = "d",
				    .data = telling(),
				    .method = 8,
				    .streamed = true,
				    .lone = true });
	t_scan("a.zip", z_close(z));
	assert_int_equal(t_severity(PK_RULE_ZIP_ORPHAN), PK_HIGH);
	assert_true(told());
}

static void entries_that_lead_nowhere_leave_the_scan_partial(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "a", .data = HELLO });
	z_add(z, (struct t_member){ .name = "b", .ghost = true });
	t_scan("a.zip", z_close(z));
	assert_true(t_finds(PK_RULE_ZIP_MALFORMED));
	assert_true(t_partial());
	scan_one((struct t_member){
		.name = "a", .data = HELLO, .offset_plus = 0x7fffffff });
	assert_true(t_finds(PK_RULE_ZIP_MALFORMED));
}

static void overlapping_members_are_found(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "a", .data = HELLO });
	z_add(z,
	      (struct t_member){ .name = "b", .data = HELLO, .again = true });
	t_scan("a.zip", z_close(z));
	assert_true(t_finds(PK_RULE_ZIP_OVERLAP));
}

static void bytes_in_front_shift_the_directory(void **state)
{
	struct t_zip *z = z_new();
	static uint8_t all[4096];
	struct pk_span zip;

	(void)state;
	z_add(z, (struct t_member){ .name = "a", .data = telling() });
	zip = z_close(z);
	memcpy(all, "#!/bin/sh\n", 10);
	memcpy(all + 10, zip.p, zip.len);
	t_scan("a.zip", (struct pk_span){ all, 10 + zip.len });
	assert_int_equal(t_severity(PK_RULE_ZIP_SHIFTED), PK_HIGH);
	assert_true(told());
	assert_true(t_finds(PK_RULE_FILE_UNEXPLAINED_BYTES));
}

static void an_end_record_in_the_comment_is_followed_too(void **state)
{
	struct t_zip *z = z_new();
	size_t first, n;

	(void)state;
	z_add(z, (struct t_member){ .name = "a", .data = HELLO });
	z_directory(z);
	first = z->dir;
	n = z->dir_len;
	z->members = 0;
	z_add(z, (struct t_member){ .name = "b", .data = telling() });
	z_directory(z);
	z_end_as(z, 1, z->dir_len, z->dir, 22);
	z_end_as(z, 1, n, first, 0);
	t_scan("a.zip", (struct pk_span){ z->p, z->n });
	assert_int_equal(t_severity(PK_RULE_ZIP_SEVERAL_DIRECTORIES), PK_HIGH);
	assert_true(told());
	assert_false(t_finds(PK_RULE_ZIP_ORPHAN));
}

static void a_second_archive_behind_the_first_is_found(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "a", .data = telling() });
	(void)z_close(z);
	z->members = 0;
	z_add(z, (struct t_member){ .name = "b", .data = HELLO });
	t_scan("a.zip", z_close(z));
	assert_true(t_finds(PK_RULE_ZIP_SEVERAL_DIRECTORIES));
	assert_true(told());
}

static void zip64_that_contradicts_is_found(void **state)
{
	struct t_zip *z = z_new();
	size_t first;

	(void)state;
	z_add(z, (struct t_member){ .name = "a", .data = telling() });
	z_directory(z);
	first = z->dir;
	z->members = 0;
	z_add(z, (struct t_member){ .name = "b", .data = HELLO });
	z_directory(z);
	z_end64(z, 1, z->dir_len, first);
	z_end_as(z, 1, z->dir_len, z->dir, 0);
	t_scan("a.zip", (struct pk_span){ z->p, z->n });
	assert_true(t_finds(PK_RULE_ZIP_ZIP64_MISMATCH));
	assert_true(told());
}

static void a_miscounted_directory_is_found(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "a", .data = HELLO });
	z_add(z, (struct t_member){ .name = "b", .data = telling() });
	z_directory(z);
	z_end_as(z, 1, z->dir_len, z->dir, 0);
	t_scan("a.zip", (struct pk_span){ z->p, z->n });
	assert_true(t_finds(PK_RULE_ZIP_COUNT_MISMATCH));
	assert_true(told());
}

static void a_zip_cut_short_is_read_and_partial(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "../told", .data = HELLO });
	t_scan("a.zip", (struct pk_span){ z->p, z->n });
	assert_true(t_finds(PK_RULE_ZIP_NO_DIRECTORY));
	assert_true(told());
	assert_true(t_partial());
}

static void a_long_extra_field_is_no_hiding_place(void **state)
{
	uint8_t extra[512] = "XX\x80\1";
	const struct pk_span inner = telling();

	(void)state;
	memcpy(extra + 4, inner.p, inner.len);
	scan_one((struct t_member){ .name = "a",
				    .data = HELLO,
				    .local_extra = { extra, 4 + 0x180 } });
	assert_true(told());
}

static void a_binary_comment_is_no_hiding_place(void **state)
{
	struct t_zip *z = z_new();
	uint8_t junk[40] = "\1\2\3";

	(void)state;
	memset(junk + 8, 0xee, 20);
	z_add(z, (struct t_member){ .name = "a", .data = HELLO });
	z_directory(z);
	z_end_as(z, 1, z->dir_len, z->dir, sizeof(junk));
	z_put(z, junk, sizeof(junk));
	t_scan("a.zip", (struct pk_span){ z->p, z->n });
	assert_true(t_finds(PK_RULE_FILE_UNEXPLAINED_BYTES));
}

static void a_zip_in_a_zip_is_no_second_directory(void **state)
{
	struct t_zip *z = z_new();
	static uint8_t inner[512];
	size_t n;

	(void)state;
	z_add(z, (struct t_member){ .name = "in", .data = HELLO });
	n = z_close(z).len;
	memcpy(inner, z->p, n);
	z = z_new();
	z_add(z, (struct t_member){ .name = "a.zip", .data = { inner, n } });
	t_scan("b.zip", z_close(z));
	assert_int_equal(t_findings(), 0);
}

static void survives_damage(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_add(z, (struct t_member){ .name = "a/data.pkl", .data = HELLO });
	z_add(z, (struct t_member){ .name = "b",
				    .data = HELLO,
				    .method = 8,
				    .streamed = true });
	z_directory(z);
	z_end64(z, z->records, z->dir_len, z->dir);
	z_end_as(z, z->records, z->dir_len, z->dir, 3);
	z_put(z, "end", 3);
	t_survives_damage("a.zip", (struct pk_span){ z->p, z->n });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(an_honest_zip_is_clean),
		T_TEST(every_form_of_data_descriptor_is_clean),
		T_TEST(the_padding_of_pytorch_is_clean),
		T_TEST(an_empty_zip_and_a_comment_are_clean),
		T_TEST(content_is_scanned_stored_and_packed),
		T_TEST(names_that_differ_are_found),
		T_TEST(a_unicode_path_of_another_name_is_found),
		T_TEST(a_unicode_path_of_the_same_name_is_clean),
		T_TEST(a_lie_about_encryption_is_found_and_seen_through),
		T_TEST(true_encryption_leaves_the_scan_partial),
		T_TEST(a_bad_checksum_is_found_and_the_content_scanned),
		T_TEST(both_readings_of_a_method_are_scanned),
		T_TEST(an_unknown_method_leaves_the_scan_partial),
		T_TEST(sizes_that_differ_are_found),
		T_TEST(data_behind_the_declared_end_is_scanned),
		T_TEST(a_descriptor_that_says_otherwise_is_found),
		T_TEST(names_told_twice_are_found_and_both_scanned),
		T_TEST(names_equal_but_for_case_are_found),
		T_TEST(unlike_sources_may_differ_in_case),
		T_TEST(names_that_escape_are_found),
		T_TEST(names_that_mislead_are_found),
		T_TEST(links_are_followed_by_eye_only),
		T_TEST(orphans_are_found_and_scanned),
		T_TEST(entries_that_lead_nowhere_leave_the_scan_partial),
		T_TEST(overlapping_members_are_found),
		T_TEST(bytes_in_front_shift_the_directory),
		T_TEST(an_end_record_in_the_comment_is_followed_too),
		T_TEST(a_second_archive_behind_the_first_is_found),
		T_TEST(zip64_that_contradicts_is_found),
		T_TEST(a_miscounted_directory_is_found),
		T_TEST(a_zip_cut_short_is_read_and_partial),
		T_TEST(a_long_extra_field_is_no_hiding_place),
		T_TEST(a_binary_comment_is_no_hiding_place),
		T_TEST(a_zip_in_a_zip_is_no_second_directory),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
