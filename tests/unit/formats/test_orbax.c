/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define METADATA                                                  \
	"{\"tree_metadata\": {\"('a',)\": {\"key_metadata\": []," \
	"\"value_metadata\": {\"value_type\": \"jax.Array\"}}},"  \
	"\"use_ocdbt\": true, \"use_zarr3\": false}"

static const char *format_of(const char *name, struct pk_span bytes)
{
	const struct pk_job *job = t_scan(name, bytes);

	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
	return job->primary ? job->primary->name : job->reason;
}

static void what_orbax_writes_in_json_is_known(void **state)
{
	(void)state;
	assert_string_equal(format_of("_METADATA", PK_LIT(METADATA)), "orbax");
	assert_string_equal(
		format_of("_CHECKPOINT_METADATA",
			  PK_LIT("{\"item_handlers\": {}, \"metrics\": {},"
				 "\"init_timestamp_nsecs\": 1}")),
		"orbax");
	assert_string_equal(
		format_of("_sharding",
			  PK_LIT("{\"YQ==\": \"{\\\"sharding_type\\\": "
				 "\\\"NamedSharding\\\"}\"}")),
		"orbax");
}

static void its_database_is_no_file_that_is_read(void **state)
{
	(void)state;
	assert_string_equal(
		format_of("manifest.ocdbt",
			  t_hex("0cdb3a2a 2000000000000000 0000 0000")),
		"part of an OCDBT database (arrays), not analysed");
}

static void other_json_is_none(void **state)
{
	(void)state;
	assert_null(t_scan("a.json", PK_LIT("{\"a\": \"sharding_type\"}"))
			    ->primary);
	assert_null(
		t_scan("a.json", PK_LIT("{\"tree_metadata\": 1}"))->primary);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("_METADATA", PK_LIT(METADATA));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(what_orbax_writes_in_json_is_known),
		T_TEST(its_database_is_no_file_that_is_read),
		T_TEST(other_json_is_none),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
