/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define LAYER(config)                                             \
	"1{2=1 3\"root.layer-0\" 4\"_tf_keras_layer\" 5\"" config \
	"\" 6{1=1 2=1}}"
#define DENSE "{\\\"class_name\\\": \\\"Dense\\\", \\\"config\\\": {}}"

static void plain_layers_are_clean(void **state)
{
	const struct pk_job *job =
		t_scan("keras_metadata.pb", t_pb(LAYER(DENSE) LAYER(DENSE)));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "keras-metadata");
	assert_int_equal(job->explained, job->size);
}

static void a_damaged_file_is_no_clean_one(void **state)
{
	const struct pk_span whole = t_pb(LAYER(DENSE) LAYER(DENSE));

	(void)state;
	t_scan("m", (struct pk_span){ whole.p, whole.len - 2 });
	assert_true(t_finds(PK_RULE_TENSORFLOW_MALFORMED));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m", t_pb(LAYER(DENSE)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(plain_layers_are_clean),
		T_TEST(a_damaged_file_is_no_clean_one),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
