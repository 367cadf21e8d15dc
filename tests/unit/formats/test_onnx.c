/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "engine/note.h"
#include "support.h"

/* ModelProto: ir_version, producer, opset_import, and a graph. */
#define MODEL(graph)                                        \
	"1=8 2\"test\" 8{ 1\"\" 2=17 } 7{ " graph           \
	" 2\"g\" 11{1\"x\" 2{1{1=1 2{1{1=1}}}}} 12{1\"y\"}" \
	" 1{ 1\"x\" 2\"y\" 4\"Relu\" } }"

#define ATTRIBUTE(name, value) "5{ 1\"" name "\" 4\"" value "\" 20=3 }"

#define PYOP                                                      \
	"1{ 1\"x\" 2\"y\" 4\"PyOp\" " ATTRIBUTE("module", "evil") \
		ATTRIBUTE("class_name", "Run")                    \
			ATTRIBUTE("compute", "go") " 7\"ai.onnx\" }"

/* TensorProto: four floats. */
#define DATA(n)       "1=4 2=1 8\"w\" 9*" n
#define OUTSIDE(path) "1=4 2=1 8\"w\" 13{1\"location\" 2\"" path "\"} 14=1"

static void scan(const char *text)
{
	t_scan("model", t_pb(text));
}

static void a_plain_model_is_clean(void **state)
{
	const struct pk_job *job =
		t_scan("m", t_pb(MODEL("5{" DATA("16") "}")));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
	assert_string_equal(job->primary->name, "onnx");
	assert_int_equal(job->explained, job->size);
}

static void what_is_no_model_is_left_alone(void **state)
{
	static const char *const others[] = {
		"1=4 2=1 8\"w\" 9*16",                      /* a tensor */
		"1{1\"a\" 2\"Placeholder\"} 4{1=5}",        /* a GraphDef */
		"1=1 2{1{5\"2.1\"} 2{1{1\"a\" 2\"Add\"}}}", /* a SavedModel */
		"1\"net\" 7\"text\" 8\"more\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const struct pk_job *job = t_scan("m", t_pb(others[i]));

		assert_true(!job->primary ||
			    strcmp(job->primary->name, "onnx") != 0);
	}
}

static void a_python_operator_is_critical_wherever_it_hides(void **state)
{
	static const char *const places[] = {
		MODEL(PYOP),
		/* In a branch of an If, two deep. */
		MODEL("1{ 1\"c\" 2\"z\" 4\"If\" 5{1\"then_branch\" 6{ 1{ "
		      "4\"If\" 2\"b\" 5{1\"else_branch\" 6{" PYOP "}} } }} }"),
		/* In a graph among graphs, and in a function nobody calls. */
		MODEL("1{ 2\"z\" 4\"Scan\" 5{1\"x\" 11{2\"n\"} 11{" PYOP
		      "}} }"),
		MODEL("") " 25{ 1\"f\" 10\"local\" 7{ 4\"PyOp\" 2\"q\" } }",
		/* In the default of a function's attribute. */
		MODEL("") " 25{ 1\"f\" 10\"l\" 11{1\"a\" 6{" PYOP "}} }",
		/* In the training graphs. */
		MODEL("") " 20{ 2{" PYOP "} }",
		/* In a second graph, which parsers merge with the first. */
		MODEL("") " 7{" PYOP "}",
		/* Fields in reverse, unknown ones in front, long numbers. */
		"99\"junk\" 98=5 97(1=1) 7{" PYOP "} 8{2=17} ~888000 ~8800",
		/* Under another name, in a vendor's domain. */
		MODEL("1{2\"y\" 4\"PythonOp\" 7\"com.microsoft\"}"),
		MODEL("1{2\"y\" 4\"Py_Func\" 7\"com.microsoft\"}"),
		/* Named after its attributes, and named twice. */
		MODEL("1{2\"y\" 5{1\"module\" 4\"m\"} 4\"PyOp\"}"),
		MODEL("1{2\"y\" 4\"PyOp\" 4\"Relu\"}"),
		MODEL("1{2\"y\" 4\"Relu\" 4\"PyOp\"}"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		scan(places[i]);
		assert_int_equal(t_severity(PK_RULE_ONNX_PYTHON_OPERATOR),
				 PK_CRITICAL);
	}
	assert_true(t_finds(PK_RULE_ONNX_REPEATED_FIELD));
}

static void operators_that_nobody_brings_are_said(void **state)
{
	static const char *const domains[] = {
		"custom.evil",        "AI.ONNX",
		"ai.onnx ",           " ",
		"com.microsoft\\x00", "ai.onnx\\xe2\\x80\\x8b",
		"com.microsoftt",     "com.microsoft.\\xd0\\xb0",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		(void)snprintf(text, sizeof(text),
			       MODEL("1{2\"y\" 4\"Foo\" 7\"%s\"}"), domains[i]);
		scan(text);
		assert_int_equal(t_severity(PK_RULE_ONNX_CUSTOM_DOMAIN),
				 PK_HIGH);
		assert_int_equal(t_findings(), 1);
	}
}

static void known_domains_and_own_functions_are_silent(void **state)
{
	(void)state;
	scan(MODEL(
		"1{2\"y\" 4\"FusedConv\" 7\"com.microsoft\"}"
		"1{2\"y\" 4\"Scaler\" 7\"ai.onnx.ml\"}"
		"1{2\"y\" 4\"aten_add\" 7\"pkg.onnxscript.torch_lib\"}"
		"1{2\"y\" 4\"Mine\" 7\"local\" 8\"v1\"}") " 25{ 1\"Mine\" 10\"local\" 13\"v1\" 7{ 4\"Add\" 2\"q\" } }");
	assert_int_equal(t_findings(), 0);
	/* The same name without its body is not there. */
	scan(MODEL(
		"1{2\"y\" 4\"Mine\" 7\"local\" 8\"v2\"}") " 25{ 1\"Mine\" 10\"local\" 13\"v1\" 7{ 4\"Add\" 2\"q\" } }");
	assert_true(t_finds(PK_RULE_ONNX_CUSTOM_DOMAIN));
	scan(MODEL("") " 25{1\"f\" 10\"l\"} 25{1\"f\" 10\"l\"}");
	assert_true(t_finds(PK_RULE_ONNX_DUPLICATE_FUNCTION));
	scan(MODEL("") " 25{1\"Relu\" 10\"ai.onnx\" 7{4\"Add\" 2\"q\"}}");
	assert_int_equal(t_severity(PK_RULE_ONNX_SHADOWED_OPERATOR), PK_LOW);
}

static void operators_that_reach_out_are_said(void **state)
{
	(void)state;
	scan(MODEL("1{2\"y\" 4\"ImageReader\" 7\"ai.onnx.contrib\"}"));
	assert_int_equal(t_severity(PK_RULE_ONNX_FILE_OPERATOR), PK_HIGH);
	scan(MODEL("1{2\"y\" 4\"PyCustomOpOne\" 7\"ai.onnx.contrib\"}"));
	assert_int_equal(t_severity(PK_RULE_ONNX_HOST_CALLABLE), PK_MEDIUM);
	scan(MODEL("1{2\"y\" 4\"AzureTritonInvoker\" "
		   "7\"com.microsoft.extensions\" " ATTRIBUTE(
			   "model_uri", "https://x.example") "}"));
	assert_int_equal(t_severity(PK_RULE_ONNX_NETWORK_OPERATOR), PK_HIGH);
	scan(MODEL("1{2\"y\" 4\"ATen\" 7\"org.pytorch.aten\" " ATTRIBUTE(
		"operator", "aten::add") "}"));
	assert_int_equal(t_severity(PK_RULE_ONNX_ATEN), PK_LOW);
	scan(MODEL("1{2\"y\" 4\"ATen\" 7\"org.pytorch.aten\" " ATTRIBUTE(
		"operator", "from_file") "}"));
	assert_int_equal(t_severity(PK_RULE_ONNX_ATEN), PK_HIGH);
	scan(MODEL("1{2\"y\" 4\"EPContext\" 7\"com.microsoft\" "
		   "5{1\"embed_mode\" 3=0} " ATTRIBUTE("ep_cache_context",
						       "../../engine") "}"));
	assert_int_equal(t_severity(PK_RULE_ONNX_EXTERNAL_PATH), PK_HIGH);
	assert_int_equal(t_severity(PK_RULE_ONNX_NATIVE_ENGINE), PK_LOW);
}

static void paths_that_leave_the_folder_are_said(void **state)
{
	static const char *const paths[] = {
		"/etc/passwd",
		"../w",
		"a/../../w",
		"..\\\\w",
		"a\\\\..\\\\..\\\\w",
		"C:\\\\w",
		"C:w",
		"\\\\\\\\host\\\\w",
		"//host/w",
		"~/w",
		"http://h/w",
		"file:w",
		".. /w",
		"%2e%2e%2fw",
		"%2Fetc/w",
		".ssh/id_rsa",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		(void)snprintf(text, sizeof(text),
			       MODEL("5{" OUTSIDE("%s") "}"), paths[i]);
		scan(text);
		assert_int_equal(t_severity(PK_RULE_ONNX_EXTERNAL_PATH),
				 PK_HIGH);
	}
	scan(MODEL("5{" OUTSIDE("w\\x00.bin") "}"));
	assert_true(t_finds(PK_RULE_ONNX_EXTERNAL_DATA));
	scan(MODEL("5{" OUTSIDE("*/_ORT_MEM_ADDR_/*") "}"));
	assert_int_equal(t_severity(PK_RULE_ONNX_MEMORY_ADDRESS), PK_CRITICAL);
}

static void tensors_in_other_places_are_looked_at(void **state)
{
	static const char *const places[] = {
		MODEL("15{ 1{" OUTSIDE("/x") "} }"),
		MODEL("15{ 2{" OUTSIDE("/x") "} }"),
		MODEL("1{2\"y\" 4\"Constant\" 5{1\"value\" 5{" OUTSIDE(
			"/x") "}}}"),
		MODEL("1{2\"y\" 4\"C\" 5{1\"v\" 10{8\"a\"} 10{" OUTSIDE(
			"/x") "}}}"),
		MODEL("1{2\"y\" 4\"C\" 5{1\"v\" 22{ 1{" OUTSIDE("/x") "}}}}"),
		MODEL("1{2\"y\" 4\"C\" 5{1\"v\" 23{ 2{" OUTSIDE("/x") "}}}}"),
		MODEL("") "20{ 1{ 5{" OUTSIDE("/x") "} } }",
		MODEL("") "25{ 1\"f\" 7{4\"Constant\" 5{1\"v\" 5{" OUTSIDE(
			"/x") "}}} }",
		/* Entries count although data_location says otherwise. */
		MODEL("5{ 1=4 2=1 14=0 13{1\"location\" 2\"/x\"} }"),
		/* The last location counts, and so does the first. */
		MODEL("5{ 1=4 13{1\"location\" 2\"a\"} "
		      "13{1\"location\" 2\"/x\"} 14=1 }"),
		MODEL("5{ 1=4 13{1\"location\" 2\"/x\"} "
		      "13{1\"location\" 2\"a\"} 14=1 }"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		scan(places[i]);
		assert_int_equal(t_severity(PK_RULE_ONNX_EXTERNAL_PATH),
				 PK_HIGH);
	}
}

static void external_data_are_referred_to(void **state)
{
	const struct pk_job *job = t_scan(
		"m", t_pb(MODEL("5{ 1=4 2=1 14=1 13{1\"location\" 2\"w.data\"} "
				"13{1\"offset\" 2\"4096\"} }")));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->ref_count, 1);
	assert_true(pk_span_eq(job->refs->path, PK_LIT("w.data")));
	assert_int_equal(job->refs->need, 4096 + 16);
}

static void odd_entries_are_said(void **state)
{
	(void)state;
	scan(MODEL("5{1=4 13{1\"location\" 2\"w\"} 13{1\"offset\" 2\"-1\"}}"));
	assert_int_equal(t_severity(PK_RULE_ONNX_EXTERNAL_DATA), PK_MEDIUM);
	scan(MODEL("5{1=4 13{1\"location\" 2\"w\"} 13{1\"mode\" 2\"1\"}}"));
	assert_int_equal(t_severity(PK_RULE_ONNX_EXTERNAL_DATA), PK_MEDIUM);
	scan(MODEL(
		"5{1=4 13{1\"location\" 2\"w\"} 13{1\"__class__\" 2\"x\"}}"));
	assert_int_equal(t_severity(PK_RULE_ONNX_EXTERNAL_DATA), PK_HIGH);
}

static void sizes_are_held_against_the_data(void **state)
{
	(void)state;
	scan(MODEL("5{" DATA("12") "}"));
	assert_true(t_finds(PK_RULE_ONNX_TENSOR_SIZE));
	scan(MODEL("5{1=-4 2=1 9*16}"));
	assert_true(t_finds(PK_RULE_ONNX_TENSOR_SIZE));
	scan(MODEL("5{1=4294967296 1=4294967296 1=2 2=1 9*16}"));
	assert_true(t_finds(PK_RULE_ONNX_TENSOR_SIZE));
	scan(MODEL("5{1=4 2=1 4[1 2 3]}"));
	assert_true(t_finds(PK_RULE_ONNX_TENSOR_SIZE));
	/* Packed, unpacked, two to a number, none at all. */
	scan(MODEL("5{1[2 2] 2=7 7[1 2] 7=3 7=4} 5{1=3 2=22 5[1 2]}"
		   "5{1=0 2=1} 5{1=3 2=22 9*2} 5{2=1 9*4}"));
	assert_int_equal(t_findings(), 0);
}

static void bytes_behind_a_tensor_are_said(void **state)
{
	(void)state;
	scan(MODEL("5{1=4 2=1 9\"0123456789abcdef\\x80\\x02cos\\nsystem\\n"
		   "X\\x04\\x00\\x00\\x00echo\\x85R."
		   "0123456789abcdef0123456789abcdef0123456789abcdef\"}"));
	assert_true(t_finds(PK_RULE_FILE_HIDDEN_CONTENT));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void files_in_fields_that_are_skipped_are_found(void **state)
{
#define PICKLE "\\x80\\x02cos\\nsystem\\nX\\x04\\x00\\x00\\x00echo\\x85R."
	static const char *const places[] = {
		MODEL("") "99\"" PICKLE "\"",
		MODEL("99\"" PICKLE "\""),
		MODEL("1{2\"y\" 4\"Relu\" 77\"" PICKLE "\"}"),
		MODEL("11{1\"x\" 2{99\"" PICKLE "\"}}"),
		MODEL("5{1=1 2=1 9*4 50\"" PICKLE "\"}"),
		/* The text of a number's field. */
		"1\"" PICKLE "\"" MODEL(""),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		scan(places[i]);
		assert_true(t_finds(PK_RULE_FILE_HIDDEN_CONTENT));
		assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
	}
	/* A field of a later version is nothing special. */
	scan(MODEL("") "99\"a new setting\" 98=1");
	assert_int_equal(t_findings(), 0);
}

static void metadata_that_call_functions_are_said(void **state)
{
	(void)state;
	scan(MODEL("") "14{1\"names\" 2\"{0: __import__('os')}\"}");
	assert_int_equal(t_severity(PK_RULE_ONNX_METADATA_CODE), PK_HIGH);
	scan(MODEL("") "14{1\"names\" 2\"{0: 'eval', 1: 'open (door)'}\"}"
		       "14{1\"info\" 2\"please do not call eval() on this\"}");
	assert_int_equal(t_severity(PK_RULE_ONNX_METADATA_CODE), -1);
}

static void a_damaged_model_is_no_clean_one(void **state)
{
	const struct pk_span whole = t_pb(MODEL("5{" DATA("16") "}"));
	const struct pk_job *job =
		t_scan("m.onnx", (struct pk_span){ whole.p, whole.len - 3 });

	(void)state;
	assert_true(t_finds(PK_RULE_ONNX_MALFORMED));
	assert_true(t_partial());
	assert_true(job->facts & PK_FACT_REFUSED);
}

static void the_text_form_is_read_too(void **state)
{
	const struct pk_job *job = t_scan(
		"m.textproto",
		PK_LIT("ir_version: 8 opset_import { version: 17 }\n"
		       "graph { node { output: 'y' op_type: 'PyOp' attribute { "
		       "name: 'module' s: 'm' } } }\n"));

	(void)state;
	assert_int_equal(t_severity(PK_RULE_ONNX_PYTHON_OPERATOR), PK_CRITICAL);
	assert_string_equal(job->primary->name, "onnx");
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage(
		"m.onnx",
		t_pb(MODEL("5{" OUTSIDE(
			"w") "}" PYOP) "25{1\"f\" 7{4\"Add\"}} 97(1=1)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_model_is_clean),
		T_TEST(what_is_no_model_is_left_alone),
		T_TEST(a_python_operator_is_critical_wherever_it_hides),
		T_TEST(operators_that_nobody_brings_are_said),
		T_TEST(known_domains_and_own_functions_are_silent),
		T_TEST(operators_that_reach_out_are_said),
		T_TEST(paths_that_leave_the_folder_are_said),
		T_TEST(tensors_in_other_places_are_looked_at),
		T_TEST(external_data_are_referred_to),
		T_TEST(odd_entries_are_said),
		T_TEST(sizes_are_held_against_the_data),
		T_TEST(bytes_behind_a_tensor_are_said),
		T_TEST(files_in_fields_that_are_skipped_are_found),
		T_TEST(metadata_that_call_functions_are_said),
		T_TEST(a_damaged_model_is_no_clean_one),
		T_TEST(the_text_form_is_read_too),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
