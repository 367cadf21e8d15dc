/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define META(dtype, filters)                                             \
	"{\"chunks\":[2],\"compressor\":{\"id\":\"zstd\",\"level\":1},"  \
	"\"dtype\":\"" dtype "\",\"filters\":" filters ",\"shape\":[2]," \
	"\"zarr_format\":2}"

static const struct pk_job *scan(const char *text)
{
	return t_scan(".zarray",
		      (struct pk_span){ (const uint8_t *)text, strlen(text) });
}

static void numbers_are_clean(void **state)
{
	const struct pk_job *job = scan(META("<f4", "null"));

	(void)state;
	assert_string_equal(job->primary->name, "zarr");
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->explained, job->size);
}

static void chunks_that_are_unpickled_are_high(void **state)
{
	(void)state;
	scan(META("|O", "[{\"id\":\"pi\\u0063kle\",\"protocol\":5}]"));
	assert_int_equal(t_severity(PK_RULE_ZARR_PICKLE), PK_HIGH);
	assert_int_equal(t_severity(PK_RULE_ZARR_OBJECTS), PK_MEDIUM);
	scan("{\"zarr_format\":3,\"codecs\":[{\"name\":\"numcodecs.pickle\"}],"
	     "\"attributes\":{\"name\":\"a\"}}");
	assert_int_equal(t_severity(PK_RULE_ZARR_PICKLE), PK_HIGH);
}

static void what_is_not_json_is_not_clean(void **state)
{
	(void)state;
	scan("{\"zarr_format\":2,");
	assert_true(t_finds(PK_RULE_ZARR_MALFORMED));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	static const char text[] = META("|O", "[{\"id\":\"pickle\"}]");

	(void)state;
	t_survives_damage(".zarray", (struct pk_span){ (const uint8_t *)text,
						       sizeof(text) - 1 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(numbers_are_clean),
		T_TEST(chunks_that_are_unpickled_are_high),
		T_TEST(what_is_not_json_is_not_clean),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
