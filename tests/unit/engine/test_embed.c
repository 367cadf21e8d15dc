/* SPDX-License-Identifier: Apache-2.0 */
#include "program_builder.h"
#include "zip_builder.h"

#include <stdio.h>

static uint8_t file[1 << 16];

/* An array of n bytes of no pattern, and what is put into them or behind. */
static struct pk_span array_with(unsigned n, size_t at, struct pk_span what)
{
	size_t len;

	memcpy(file, "\x93NUMPY\1\0", 8);
	len = (size_t)snprintf((char *)file + 10, 100,
			       "{'descr': '|u1', 'fortran_order': False, "
			       "'shape': (%u,), }\n",
			       n);
	file[8] = (uint8_t)len;
	file[9] = 0;
	len += 10;
	for (size_t i = 0; i < n; i++)
		file[len + i] = (uint8_t)(i * 2654435761U >> 13);
	memcpy(file + len + at, what.p, what.len);
	return (struct pk_span){ file, len + (at + what.len > n ? at + what.len
								: n) };
}

static void a_program_behind_the_data_is_hidden_content(void **state)
{
	(void)state;
	t_scan("a.npy", array_with(64, 64, t_hex(ELF_LIBRARY)));
	assert_int_equal(t_severity(PK_RULE_FILE_HIDDEN_CONTENT), PK_HIGH);
	t_scan("a.npy", array_with(64, 100, t_hex(MACHO_LIBRARY)));
	assert_int_equal(t_severity(PK_RULE_FILE_HIDDEN_CONTENT), PK_HIGH);
}

static void many_false_beginnings_hide_nothing(void **state)
{
	static uint8_t crowd[8000];

	(void)state;
	for (size_t i = 0; i + 1 < 4000; i += 2)
		memcpy(crowd + i, "MZ", 2);
	memcpy(crowd + 4000, t_hex(PE_LIBRARY).p, t_hex(PE_LIBRARY).len);
	t_scan("a.npy", array_with(16, 16, (struct pk_span){ crowd, 8000 }));
	assert_true(t_finds(PK_RULE_FILE_HIDDEN_CONTENT));
}

static void deep_finds_a_program_in_the_data(void **state)
{
	const struct pk_span hidden =
		array_with(9000, 4321, t_hex(ELF_LIBRARY));

	(void)state;
	t_scan("a.npy", hidden);
	assert_int_equal(t_findings(), 0);
	t_scan_deep("a.npy", hidden);
	assert_int_equal(t_severity(PK_RULE_FILE_EMBEDDED_CONTENT), PK_HIGH);
}

static void deep_finds_a_pickle_in_the_data(void **state)
{
	(void)state;
	t_scan_deep("a.npy", array_with(9000, 77,
					PK_LIT("\x80\2cos\nsystem\nX\2\0\0\0"
					       "id\x85R.")));
	assert_true(t_finds(PK_RULE_FILE_EMBEDDED_CONTENT));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void deep_is_silent_where_a_pickle_is_due(void **state)
{
	(void)state;
	t_scan_deep("a.pkl", PK_LIT("\x80\2]q\0.\x80\2]q\0.\x80\2N."));
	assert_false(t_finds(PK_RULE_FILE_EMBEDDED_CONTENT));
}

static void a_library_beside_a_model_is_held_against_the_archive(void **state)
{
	struct t_zip *z = z_new();
	uint8_t so[256];
	const struct pk_span elf = t_hex(ELF_LIBRARY);

	(void)state;
	memcpy(so, elf.p, elf.len);
	z_add(z,
	      (struct t_member){ .name = "a/lib.so", .data = { so, elf.len } });
	t_scan("a.zip", z_close(z));
	assert_int_equal(t_severity(PK_RULE_PROGRAM_IN_MODEL), PK_LOW);

	z = z_new();
	z_add(z,
	      (struct t_member){ .name = "a/lib.so", .data = { so, elf.len } });
	z_add(z, (struct t_member){ .name = "b.pkl",
				    .data = PK_LIT("\x80\2]q\0.") });
	t_scan("a.zip", z_close(z));
	assert_int_equal(t_severity(PK_RULE_PROGRAM_IN_MODEL), PK_HIGH);

	z = z_new();
	z_add(z, (struct t_member){ .name = "m/data.pkl",
				    .data = PK_LIT("\x80\2]q\0.") });
	z_add(z,
	      (struct t_member){ .name = "m/data/0", .data = { so, elf.len } });
	z_add(z,
	      (struct t_member){ .name = "m/version", .data = PK_LIT("3\n") });
	t_scan("a.pt", z_close(z));
	assert_int_equal(t_severity(PK_RULE_PROGRAM_IN_MODEL), PK_CRITICAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_program_behind_the_data_is_hidden_content),
		T_TEST(many_false_beginnings_hide_nothing),
		T_TEST(deep_finds_a_program_in_the_data),
		T_TEST(deep_finds_a_pickle_in_the_data),
		T_TEST(deep_is_silent_where_a_pickle_is_due),
		T_TEST(a_library_beside_a_model_is_held_against_the_archive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
