/* SPDX-License-Identifier: Apache-2.0 */
#include "fb_builder.h"

static struct pk_span build(uint64_t type, const char *external)
{
	struct t_fb *b = fb_new("\0\0\0\0");
	const size_t net = fb_child(b, 0, 10);
	const size_t op = fb_child(b, fb_vector(b, net, 3, 1, 4), 8);
	size_t at;

	fb_text(b, op, 3, "conv");
	fb_vector(b, op, 4, 1, 4);
	fb_number(b, op, 5, type);
	if (external)
		fb_text(b, op, 7, external);
	at = fb_vector(b, net, 7, 1, 4);
	fb_join(b, at);
	fb_put(b, 1, 4);
	fb_put(b, 't', 4);
	return fb_done(b);
}

static void a_plain_model_is_clean(void **state)
{
	const struct pk_job *job = t_scan("a.mnn", build(12, NULL));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "mnn");
}

static void plugins_and_paths_are_said(void **state)
{
	(void)state;
	t_scan("a.mnn", build(256, NULL));
	assert_int_equal(t_severity(PK_RULE_MNN_PLUGIN), PK_LOW);
	t_scan("a.mnn", build(12, "/etc/passwd"));
	assert_true(t_severity(PK_RULE_MNN_EXTERNAL_PATH) >= PK_HIGH);
	t_scan("a.mnn", build(12, "a.mnn.weight"));
	assert_int_equal(t_findings(), 0);
}

static void survives_damage(void **state)
{
	uint8_t copy[4096];
	const struct pk_span m = build(256, "w");

	(void)state;
	memcpy(copy, m.p, m.len);
	t_survives_damage("a.mnn", (struct pk_span){ copy, m.len });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_model_is_clean),
		T_TEST(plugins_and_paths_are_said),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
