/* SPDX-License-Identifier: Apache-2.0 */
/* Caffe is no package of Debian's any more: built by field numbers. */
#include "support.h"

#define LAYER(type, more) "100{1\"l\" 2\"" type "\" 3\"x\" 4\"y\" " more "}"
#define NET(layers)                                                          \
	"1\"net\" " LAYER("Input", "") LAYER("Convolution", "7{5%0000803f}") \
		layers
#define OP(type, more) "2{1\"x\" 2\"y\" 4\"" type "\" " more "}"
#define NET2(ops)      "1\"net\" " OP("Relu", "") OP("FC", "") ops " 7\"x\" 8\"y\""

static void scan(const char *text)
{
	t_scan("m.caffemodel", t_pb(text));
}

static void plain_networks_are_clean(void **state)
{
	const struct pk_job *job = t_scan("m", t_pb(NET("")));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "caffe");
	assert_int_equal(job->explained, job->size);
	job = t_scan("m", t_pb(NET2("")));
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "caffe");
}

static void python_layers_are_said(void **state)
{
	(void)state;
	scan(NET(LAYER("Python", "130{1\"mod\" 2\"Layer\" 3\"arg\"}")));
	assert_int_equal(t_severity(PK_RULE_CAFFE_PYTHON_LAYER), PK_HIGH);
	scan(NET(LAYER("Python", "130{1\"os\" 2\"system\"}")));
	assert_int_equal(t_severity(PK_RULE_CAFFE_PYTHON_LAYER), PK_CRITICAL);
	scan(NET(LAYER("Python", "")));
	assert_int_equal(t_severity(PK_RULE_CAFFE_PYTHON_LAYER), PK_HIGH);
	scan(NET2(OP("Python", "")));
	assert_int_equal(t_severity(PK_RULE_CAFFE_PYTHON_LAYER), PK_HIGH);
}

static void operators_that_open_files_are_said(void **state)
{
	(void)state;
	scan(NET2(OP("Load", "5{1\"db\" 4\"w.db\"}")));
	assert_int_equal(t_severity(PK_RULE_CAFFE_FILE_OPERATOR), PK_MEDIUM);
	scan(NET2(OP("Save", "5{1\"db\" 4\"../../w\"}")));
	assert_int_equal(t_severity(PK_RULE_CAFFE_FILE_OPERATOR), PK_HIGH);
}

static void the_text_form_is_read_too(void **state)
{
	(void)state;
	t_scan("net.prototxt",
	       PK_LIT("name: \"n\"\nlayer { name: \"d\" type: \"Input\" }\n"
		      "layer { name: \"p\" type: \"Python\" python_param { "
		      "module: \"mod\" layer: \"L\" } }\n"));
	assert_int_equal(t_severity(PK_RULE_CAFFE_PYTHON_LAYER), PK_HIGH);
	t_scan("net.pbtxt", PK_LIT("name: \"n\" op { type: \"Python\" "
				   "input: \"x\" output: \"y\" }\n"));
	assert_int_equal(t_severity(PK_RULE_CAFFE_PYTHON_LAYER), PK_HIGH);
	assert_null(t_scan("m.yaml", PK_LIT("name: a thing\nlayers: 3\n"))
			    ->primary);
}

static void a_damaged_model_is_no_clean_one(void **state)
{
	const struct pk_span whole = t_pb(NET(""));

	(void)state;
	t_scan("m", (struct pk_span){ whole.p, whole.len - 1 });
	assert_true(t_finds(PK_RULE_CAFFE_MALFORMED));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage(
		"m", t_pb(NET(LAYER("Python", "130{1\"os\" 2\"system\"}"))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(plain_networks_are_clean),
		T_TEST(python_layers_are_said),
		T_TEST(operators_that_open_files_are_said),
		T_TEST(the_text_form_is_read_too),
		T_TEST(a_damaged_model_is_no_clean_one),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
