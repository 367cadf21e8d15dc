/* SPDX-License-Identifier: Apache-2.0 */
#include "fb_builder.h"
#include "program_builder.h"

struct program {
	const char *op;
	uint64_t op_index, value, size, segment;
	struct pk_span data; /* of the segment */
};

static size_t add_plan(struct t_fb *b, size_t at, const struct program *m)
{
	const size_t plan = fb_child(b, at, 9);
	size_t v, t;

	v = fb_child(b, fb_vector(b, plan, 2, 1, 4), 2);
	fb_number(b, v, 0, 5);
	t = fb_child(b, fb_field(b, v, 1), 6);
	fb_number(b, t, 0, 6);
	fb_set(b, fb_vector(b, t, 2, 1, 4), m->size ? m->size : 4, 4);
	fb_vector(b, t, 3, 1, 1);
	v = fb_child(b, fb_vector(b, plan, 6, 1, 4), 2);
	fb_text(b, v, 0, m->op ? m->op : "aten::add");
	v = fb_child(b, fb_vector(b, plan, 5, 1, 4), 4);
	v = fb_child(b, fb_vector(b, v, 2, 1, 4), 2);
	fb_number(b, v, 0, 1);
	t = fb_child(b, fb_field(b, v, 1), 2);
	fb_number(b, t, 0, m->op_index);
	fb_set(b, fb_vector(b, t, 1, 1, 4), m->value, 4);
	return plan;
}

static struct pk_span build(struct program m)
{
	struct t_fb *b = fb_new("ET12");
	size_t root, segment, size;

	memcpy(b->p + b->n, "eh00", 4);
	b->n += 4;
	fb_put(b, 24, 4);
	size = fb_put(b, 0, 8);
	fb_put(b, 0, 8);
	root = fb_child(b, 0, 8);
	add_plan(b, fb_vector(b, root, 1, 1, 4), &m);
	segment = fb_child(b, fb_vector(b, root, 4, 1, 4), 2);
	fb_number(b, segment, 0, m.segment);
	fb_number(b, segment, 1, m.data.len ? m.data.len : 16);
	fb_align(b);
	fb_set(b, size, b->n, 8);
	fb_set(b, size + 8, b->n, 8);
	if (m.data.len)
		memcpy(b->p + b->n, m.data.p, m.data.len);
	b->n += m.data.len ? m.data.len : 16;
	return fb_done(b);
}

static void a_plain_program_is_clean(void **state)
{
	const struct pk_job *job =
		t_scan("a.pte", build((struct program){ 0 }));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "executorch");
	assert_int_equal(job->explained, job->size);
}

static void what_leads_nowhere_is_refused(void **state)
{
	const struct program bad[] = {
		{ .op_index = 1 },         { .value = 1 },
		{ .size = 0xffffffff },    { .segment = 1 },
		{ .segment = UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct pk_job *job = t_scan("a.pte", build(bad[i]));

		assert_true(t_finds(PK_RULE_EXECUTORCH_MALFORMED));
		assert_true(job->facts & PK_FACT_REFUSED);
	}
}

static void operators_of_unknown_origin_are_said(void **state)
{
	(void)state;
	t_scan("a", build((struct program){ .op = "mine::op" }));
	assert_int_equal(t_severity(PK_RULE_EXECUTORCH_CUSTOM_OPERATOR),
			 PK_LOW);
}

static void a_library_for_the_host_is_critical(void **state)
{
	(void)state;
	t_scan("a", build((struct program){ .data = t_hex(ELF_LIBRARY) }));
	assert_int_equal(t_severity(PK_RULE_PROGRAM_IN_MODEL), PK_CRITICAL);
}

static void survives_damage(void **state)
{
	uint8_t copy[4096];
	const struct pk_span m = build((struct program){ 0 });

	(void)state;
	memcpy(copy, m.p, m.len);
	t_survives_damage("a.pte", (struct pk_span){ copy, m.len });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_program_is_clean),
		T_TEST(what_leads_nowhere_is_refused),
		T_TEST(operators_of_unknown_origin_are_said),
		T_TEST(a_library_for_the_host_is_critical),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
