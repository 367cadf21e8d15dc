/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "hdf5_builder.h"
#include "zip_builder.h"

static void a_file_with_attributes_is_clean(void **state)
{
	const struct pk_job *job;

	(void)state;
	h5_begin(0);
	h5_attribute("title", "numbers");
	job = t_scan("a.h5", h5_end());
	assert_string_equal(job->primary->name, "hdf5");
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
	assert_int_equal(job->explained, job->size);
}

static void a_file_behind_a_user_block_is_found(void **state)
{
	const struct pk_job *job;

	(void)state;
	h5_begin(2048);
	h5_attribute("title", "numbers");
	job = t_scan("a.h5", h5_end());
	assert_string_equal(job->primary->name, "hdf5");
	assert_int_equal(t_findings(), 0);
}

/* Also where its container calls the bytes raw data, no matter how far. */
static void a_file_in_a_storage_is_found_behind_a_user_block(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	h5_begin(8192);
	h5_external_link("w", "/etc/passwd");
	z_add(z, (struct t_member){ .name = "a/data.pkl",
				    .data = t_hex("80027d71002e") });
	z_add(z,
	      (struct t_member){ .name = "a/version", .data = z_text("3\n") });
	z_add(z, (struct t_member){ .name = "a/data/0", .data = h5_end() });
	t_scan("a.pt", z_close(z));
	assert_true(t_finds(PK_RULE_HDF5_OUTSIDE_FILE));
}

/* A file behind 2048 bytes that begin with these. */
static void scan_behind(struct pk_span block)
{
	static uint8_t bytes[1 << 16];
	struct pk_span file;

	h5_begin(2048);
	h5_attribute("title", "numbers");
	file = h5_end();
	assert_true(file.len <= sizeof(bytes));
	memcpy(bytes, file.p, file.len);
	memcpy(bytes, block.p, block.len);
	t_scan("a.mat", (struct pk_span){ bytes, file.len });
}

static void what_stands_in_the_user_block_is_told_apart(void **state)
{
	char matlab[129];

	(void)state;
	(void)snprintf(matlab, sizeof(matlab), "%-116s%8s",
		       "MATLAB 7.3 MAT-file", "");
	memcpy(matlab + 124, "\0\2IM", 4);
	scan_behind((struct pk_span){ (const uint8_t *)matlab, 128 });
	assert_int_equal(t_findings(), 0);

	scan_behind(PK_LIT("written by some program"));
	assert_int_equal(t_severity(PK_RULE_HDF5_USER_BLOCK), PK_LOW);
	assert_false(t_finds(PK_RULE_FILE_UNEXPLAINED_BYTES));

	scan_behind(PK_LIT("\x80\x04\x8c\x05posix\x8c\x06system\x93"
			   "\x8c\x04"
			   "echo\x85R."));
	assert_int_equal(t_severity(PK_RULE_FILE_HIDDEN_CONTENT), PK_HIGH);
	assert_non_null(t_import("posix", "system"));
}

static void data_of_other_files_are_high_when_they_lie_outside(void **state)
{
	static const char *const out[] = { "/etc/passwd", "../a.h5",
					   "a/../../b", "C:\\a", "\\\\h\\a" };

	(void)state;
	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
		h5_begin(0);
		h5_external_link("x", out[i]);
		t_scan("a.h5", h5_end());
		assert_int_equal(t_severity(PK_RULE_HDF5_OUTSIDE_FILE),
				 PK_HIGH);
		t_teardown(NULL);
	}
	h5_begin(0);
	h5_external_link("x", "part2.h5");
	t_scan("a.h5", h5_end());
	assert_int_equal(t_severity(PK_RULE_HDF5_OUTSIDE_FILE), PK_MEDIUM);
}

static void any_link_out_of_weights_is_high(void **state)
{
	(void)state;
	h5_begin(0);
	h5_attribute("keras_version", "2.4.0");
	h5_external_link("x", "part2.h5");
	t_scan("a.h5", h5_end());
	assert_int_equal(t_severity(PK_RULE_HDF5_OUTSIDE_FILE), PK_HIGH);
}

static void a_pickle_in_an_attribute_is_judged(void **state)
{
	(void)state;
	h5_begin(0);
	h5_attribute("x", "cos\nsystem\n(S'echo picket'\ntR.");
	t_scan("a.h5", h5_end());
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void groups_that_hold_each_other_end(void **state)
{
	size_t m;

	(void)state;
	h5_begin(0);
	m = h5_link("again", 0);
	h5_le(H5_ROOT, 8);
	h5_message_end(m);
	t_scan("a.h5", h5_end());
	assert_int_equal(t_findings(), 0);
}

static void a_dataset_too_large_is_said(void **state)
{
	size_t m;

	(void)state;
	h5_begin(0);
	m = h5_message(1);
	h5_bytes("\2\2\0\1", 4);
	h5_le(1ULL << 40, 8);
	h5_le(1ULL << 40, 8);
	h5_message_end(m);
	m = h5_message(3);
	h5_bytes("\x11\x20\x1f\0\4\0\0\0", 8);
	h5_message_end(m);
	m = h5_message(8);
	h5_bytes("\3\1", 2);
	h5_le(UINT64_MAX, 8);
	h5_le(0, 8);
	h5_message_end(m);
	t_scan("a.h5", h5_end());
	assert_true(t_finds(PK_RULE_HDF5_SHAPE_BOMB));
}

static void a_dataset_of_another_file_is_found(void **state)
{
	size_t m, heap = 512, at;

	(void)state;
	h5_begin(0);
	m = h5_message(7);
	h5_bytes("\1\0\0\0\1\0\1\0", 8);
	h5_le(heap, 8);
	h5_le(8, 8);
	h5_le(0, 8);
	h5_le(4, 8);
	h5_message_end(m);
	m = h5_message(8);
	h5_bytes("\3\1", 2);
	h5_le(UINT64_MAX, 8);
	h5_le(4, 8);
	h5_message_end(m);
	h5_end();
	at = h5_n;
	h5_n = heap;
	h5_bytes("HEAP\0\0\0\0", 8);
	h5_le(24, 8);
	h5_le(1, 8);
	h5_le(heap + 32, 8);
	h5_bytes("\0\0\0\0\0\0\0\0/etc/passwd", 20);
	at = h5_n;
	h5_n = 28;
	h5_le(at, 8);
	t_scan("a.h5", (struct pk_span){ h5_file, at });
	assert_int_equal(t_severity(PK_RULE_HDF5_OUTSIDE_FILE), PK_HIGH);
}

static void links_and_filters_of_plugins_are_low(void **state)
{
	size_t m;

	(void)state;
	h5_begin(0);
	m = h5_link("soft", 1);
	h5_le(2, 2);
	h5_bytes("/x", 2);
	h5_message_end(m);
	m = h5_message(0x0b);
	h5_bytes("\2\1", 2);
	h5_le(32008, 2);
	h5_le(0, 2);
	h5_le(0, 2);
	h5_le(0, 2);
	h5_message_end(m);
	m = h5_message(8);
	h5_bytes("\3\2", 2);
	h5_message_end(m);
	t_scan("a.h5", h5_end());
	assert_int_equal(t_severity(PK_RULE_HDF5_ODD_LINK), PK_LOW);
	assert_int_equal(t_severity(PK_RULE_HDF5_FILTER), PK_LOW);
}

static void arrays_of_pickled_objects_are_said(void **state)
{
	(void)state;
	h5_begin(0);
	h5_attribute("PSEUDOATOM", "object");
	t_scan("a.h5", h5_end());
	assert_true(t_finds(PK_RULE_HDF5_PICKLED_OBJECTS));
}

static void a_file_cut_short_is_refused(void **state)
{
	struct pk_span s;

	(void)state;
	h5_begin(0);
	h5_attribute("title", "numbers");
	s = h5_end();
	s.len -= 6;
	assert_true(t_scan("a.h5", s)->facts & PK_FACT_REFUSED);
	assert_true(t_finds(PK_RULE_HDF5_MALFORMED));
}

static void survives_damage(void **state)
{
	size_t m;

	(void)state;
	h5_begin(0);
	h5_attribute("title", "numbers");
	h5_external_link("x", "part2.h5");
	m = h5_link("again", 0);
	h5_le(H5_ROOT, 8);
	h5_message_end(m);
	m = h5_message(2);
	h5_bytes("\0\0", 2);
	h5_le(H5_ROOT, 8);
	h5_le(H5_ROOT, 8);
	h5_message_end(m);
	t_survives_damage("a.h5", h5_end());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_file_with_attributes_is_clean),
		T_TEST(a_file_behind_a_user_block_is_found),
		T_TEST(a_file_in_a_storage_is_found_behind_a_user_block),
		T_TEST(what_stands_in_the_user_block_is_told_apart),
		T_TEST(data_of_other_files_are_high_when_they_lie_outside),
		T_TEST(any_link_out_of_weights_is_high),
		T_TEST(a_pickle_in_an_attribute_is_judged),
		T_TEST(groups_that_hold_each_other_end),
		T_TEST(a_dataset_too_large_is_said),
		T_TEST(a_dataset_of_another_file_is_found),
		T_TEST(links_and_filters_of_plugins_are_low),
		T_TEST(arrays_of_pickled_objects_are_said),
		T_TEST(a_file_cut_short_is_refused),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
