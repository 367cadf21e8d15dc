/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/note.h"
#include "support.h"

/* A block: two entries, the header and the tensor "w" of four floats; one
 * restart; no compression, a checksum that nobody looks at. */
#define DATA                                                          \
	"00 00 02  08 01 # header: one shard\n"                       \
	"00 01 0c  77    08 01  12 04 12 02 08 04  20 00 28 10 # w\n" \
	"00000000 01000000  00 00000000\n"
#define DATA_SIZE "1d" /* with its restarts, without its trailer */
#define META      "00000000 01000000  00 00000000\n" /* empty, at 34 */
#define INDEX     "00 01 02 78 00 " DATA_SIZE " 00000000 01000000 00 00000000\n"
#define FOOTER(meta, index)                                   \
	meta index "0000000000000000000000000000000000000000" \
		   "00000000000000000000000000000000 57fb808b247547db"

static void an_index_is_clean_and_names_its_data(void **state)
{
	const struct pk_job *job =
		t_scan("variables.index",
		       t_hex(DATA META INDEX FOOTER("22 08 ", "2f 0e ")));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "tensorflow-checkpoint");
	assert_int_equal(job->explained, job->size);
	assert_int_equal(job->ref_count, 1);
	assert_true(pk_span_eq(job->refs->path,
			       PK_LIT("variables.data-00000-of-00001")));
	assert_int_equal(job->refs->need, 16);
}

static void blocks_outside_the_file_are_said(void **state)
{
	(void)state;
	t_scan("v.index", t_hex(DATA META INDEX FOOTER("22 08 ", "7e 7f ")));
	assert_true(t_finds(PK_RULE_TENSORFLOW_CHECKPOINT));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("v.index",
			  t_hex(DATA META INDEX FOOTER("22 08 ", "2f 0e ")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(an_index_is_clean_and_names_its_data),
		T_TEST(blocks_outside_the_file_are_said),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
