/* SPDX-License-Identifier: Apache-2.0 */
#include "program_builder.h"
#include "zip_builder.h"

static struct pk_span program_with(struct t_member m)
{
	struct t_zip *z = z_new();
	const struct pk_span elf = t_hex(ELF_LIBRARY);

	z_put(z, elf.p, elf.len);
	z_add(z, m);
	return z_close(z);
}

static void a_program_with_a_model_is_said(void **state)
{
	const struct pk_job *job = t_scan(
		"a.llamafile",
		program_with((struct t_member){
			.name = "m.gguf",
			.data = PK_LIT("GGUF\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				       "\0\0\0") }));

	(void)state;
	assert_string_equal(job->primary->name, "llamafile");
	assert_int_equal(t_severity(PK_RULE_LLAMAFILE_PROGRAM), PK_MEDIUM);
	assert_false(t_finds(PK_RULE_FILE_HIDDEN_CONTENT));
}

static void a_program_with_another_archive_is_an_archive(void **state)
{
	const struct pk_job *job = t_scan(
		"setup", program_with((struct t_member){
				 .name = "a.txt", .data = PK_LIT("text") }));

	(void)state;
	assert_string_equal(job->primary->name, "zip");
	assert_int_equal(t_severity(PK_RULE_PROGRAM_SELF_EXTRACTING), PK_LOW);
	assert_false(t_finds(PK_RULE_FILE_HIDDEN_CONTENT));
}

static void what_the_archive_holds_is_read(void **state)
{
	(void)state;
	t_scan("setup", program_with((struct t_member){
				.name = "a.pkl",
				.data = PK_LIT("\x80\2cos\nsystem\nX\2\0\0\0id"
					       "\x85R.") }));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void survives_damage(void **state)
{
	static uint8_t copy[1024];
	const struct pk_span p = program_with((struct t_member){
		.name = "m.gguf", .data = PK_LIT("GGUF\3\0\0\0") });

	(void)state;
	memcpy(copy, p.p, p.len);
	t_survives_damage("a", (struct pk_span){ copy, p.len });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_program_with_a_model_is_said),
		T_TEST(a_program_with_another_archive_is_an_archive),
		T_TEST(what_the_archive_holds_is_read),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
