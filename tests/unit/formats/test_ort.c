/* SPDX-License-Identifier: Apache-2.0 */
#include "fb_builder.h"

struct model {
	const char *domain, *op;
	uint64_t dim;
	bool nested; /* the operator is in a graph of an attribute */
};

static void add_node(struct t_fb *b, size_t graph, const char *domain,
		     const char *op, size_t *ret_node)
{
	*ret_node = fb_child(b, fb_vector(b, graph, 2, 1, 4), 13);
	fb_text(b, *ret_node, 2, domain);
	fb_text(b, *ret_node, 5, op);
}

static struct pk_span build(struct model m)
{
	struct t_fb *b = fb_new("ORTM");
	const size_t root = fb_child(b, 0, 4);
	size_t model, graph, tensor, node, attribute;

	fb_join(b, fb_field(b, root, 1));
	model = fb_child(b, fb_field(b, root, 1), 10);
	graph = fb_child(b, fb_field(b, model, 7), 9);
	tensor = fb_child(b, fb_vector(b, graph, 0, 1, 4), 7);
	fb_set(b, fb_vector(b, tensor, 2, 1, 8), m.dim ? m.dim : 2, 8);
	fb_number(b, tensor, 3, 1);
	fb_bytes(b, tensor, 4, PK_LIT("12345678"));
	if (m.nested) {
		add_node(b, graph, "", "If", &node);
		attribute = fb_child(b, fb_vector(b, node, 10, 1, 4), 13);
		graph = fb_child(b, fb_field(b, attribute, 7), 9);
	}
	add_node(b, graph, m.domain ? m.domain : "", m.op ? m.op : "Add",
		 &node);
	return fb_done(b);
}

static void a_plain_model_is_clean(void **state)
{
	const struct pk_job *job = t_scan("a.ort", build((struct model){ 0 }));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "ort");
	assert_int_equal(job->explained, job->size);
	t_scan("a.ort", build((struct model){ .domain = "com.microsoft",
					      .op = "FusedConv" }));
	assert_int_equal(t_findings(), 0);
}

static void operators_are_judged_as_in_onnx(void **state)
{
	(void)state;
	t_scan("a", build((struct model){ .domain = "evil", .op = "X" }));
	assert_int_equal(t_severity(PK_RULE_ONNX_CUSTOM_DOMAIN), PK_HIGH);
	t_scan("a", build((struct model){
			    .domain = "evil", .op = "X", .nested = true }));
	assert_int_equal(t_severity(PK_RULE_ONNX_CUSTOM_DOMAIN), PK_HIGH);
	t_scan("a", build((struct model){ .op = "PyOp", .nested = true }));
	assert_int_equal(t_severity(PK_RULE_ONNX_PYTHON_OPERATOR), PK_CRITICAL);
}

static void data_of_another_size_is_refused(void **state)
{
	(void)state;
	t_scan("a.ort", build((struct model){ .dim = 3 }));
	assert_true(t_finds(PK_RULE_ORT_MALFORMED));
	t_scan("a.ort", build((struct model){ .dim = UINT64_MAX }));
	assert_true(t_finds(PK_RULE_ORT_MALFORMED));
}

static void survives_damage(void **state)
{
	uint8_t copy[4096];
	const struct pk_span m = build((struct model){ .nested = true });

	(void)state;
	memcpy(copy, m.p, m.len);
	t_survives_damage("a.ort", (struct pk_span){ copy, m.len });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_model_is_clean),
		T_TEST(operators_are_judged_as_in_onnx),
		T_TEST(data_of_another_size_is_refused),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
