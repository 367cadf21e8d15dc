/* SPDX-License-Identifier: Apache-2.0 */
/* TensorFlow is no package of Debian's: these are built by field numbers. */
#include <stdio.h>

#include "support.h"

#define NODE(name, op, more) "1{1\"" name "\" 2\"" op "\" " more "}"
#define CONST(name, text)   \
	NODE(name, "Const", \
	     "5{1\"dtype\" 2{6=7}} 5{1\"value\" 2{8{1=7 2{} 8\"" text "\"}}}")
#define SAVED(graph) "1=1 2{ 1{4\"serve\" 5\"2.11.0\"} 2{ " graph " 4{1=27} } }"
#define PLAIN                                                        \
	NODE("x", "Placeholder", "5{1\"dtype\" 2{6=1}}")             \
	NODE("w", "Const", "5{1\"value\" 2{8{1=1 2{2{1=4}} 4*16}}}") \
	NODE("y", "MatMul", "3\"x\" 3\"w\"")
#define FUNCTION(nodes) "2{ 1{ 1{1\"f\"} " nodes " } }"
/* In functions nodes are field 3. */
#define FNODE(name, op, more) "3{1\"" name "\" 2\"" op "\" " more "}"

#define PAD16 "0123456789abcdef"
#define PAD   PAD16 PAD16 PAD16 PAD16 PAD16 PAD16 PAD16 PAD16 PAD16

static void scan(const char *text)
{
	t_scan("saved_model.pb", t_pb(text));
}

static void a_plain_model_is_clean(void **state)
{
	const struct pk_job *job = t_scan(
		"m",
		t_pb(SAVED(
			PLAIN CONST("save/Const", "model") NODE(
				"save/SaveV2", "SaveV2",
				"3\"save/Const\" 3\"n\" 3\"s\" 3\"w\"")
				NODE("r", "RestoreV2", "3\"save/Const:0\"") NODE(
					"p", "PrintV2",
					"5{1\"output_stream\" 2{2\"stderr\"}}")
					NODE("system", "Identity", "3\"x\"")
						FUNCTION(FNODE("eval", "AddV2",
							       "3\"a\"")))));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "tensorflow-savedmodel");
	assert_int_equal(job->explained, job->size);
}

static void operators_that_reach_out_are_said(void **state)
{
	static const struct {
		const char *graph;
		enum pk_rule rule;
		int severity;
	} cases[] = {
		{ SAVED(PLAIN NODE("r", "ReadFile", "3\"x\"")),
		  PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH },
		{ SAVED(PLAIN NODE("r", "WriteFile", "3\"x\"")),
		  PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH },
		{ SAVED(PLAIN CONST("c", "/tmp/x") NODE(
			  "r", "WriteFile", "3\"^y\" 3\"c:0\" 3\"x\"")),
		  PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_CRITICAL },
		{ SAVED(PLAIN CONST("c", "/tmp/x") NODE("i", "Identity",
							"3\"c\"")
				NODE("r", "WriteFile", "3\"i\" 3\"x\"")),
		  PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_CRITICAL },
		{ SAVED(PLAIN CONST("c", "../../x")
				NODE("r", "SaveV2", "3\"c\"")),
		  PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH },
		{ SAVED(PLAIN CONST("c", "/etc/shadow")
				NODE("r", "TextLineDataset", "3\"c\"")),
		  PK_RULE_TENSORFLOW_INPUT_OPERATOR, PK_HIGH },
		{ SAVED(PLAIN NODE("r", "TFRecordDataset", "3\"x\"")),
		  PK_RULE_TENSORFLOW_INPUT_OPERATOR, PK_MEDIUM },
		{ SAVED(PLAIN NODE("r", "PyFunc",
				   "5{1\"token\" 2{2\"pyfunc_0\"}}")),
		  PK_RULE_TENSORFLOW_PYTHON_OPERATOR, PK_HIGH },
		{ SAVED(PLAIN NODE("r", "EagerPyFunc", "")),
		  PK_RULE_TENSORFLOW_PYTHON_OPERATOR, PK_HIGH },
		{ SAVED(PLAIN NODE("r", "RpcClient", "")),
		  PK_RULE_TENSORFLOW_NETWORK_OPERATOR, PK_HIGH },
		{ SAVED(PLAIN NODE("r", "IO>KafkaDataset", "")),
		  PK_RULE_TENSORFLOW_NETWORK_OPERATOR, PK_HIGH },
		{ SAVED(PLAIN NODE("r", "DebugIdentityV2",
				   "5{1\"debug_urls\" 2{1{2\"grpc://h:1\"}}}")),
		  PK_RULE_TENSORFLOW_NETWORK_OPERATOR, PK_HIGH },
		{ SAVED(PLAIN NODE("r", "PrintV2",
				   "5{1\"output_stream\" "
				   "2{2\"file:///tmp/x\"}}")),
		  PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH },
		{ SAVED(PLAIN NODE("r", "ShellExecute", "")),
		  PK_RULE_TENSORFLOW_PROCESS_OPERATOR, PK_HIGH },
		/* A function that nothing calls; a second meta graph; a
		 * second graph merged with the first; a graph of functions
		 * alone; fields in another order. */
		{ SAVED(PLAIN FUNCTION(FNODE("r", "ReadFile", "3\"x\""))),
		  PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH },
		{ SAVED(PLAIN) "2{2{" NODE("r", "ReadFile", "") "}}",
		  PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH },
		{ "2{ 2{" PLAIN "} 2{" NODE("r", "ReadFile", "") "} } 1=1",
		  PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH },
		{ SAVED(FUNCTION(FNODE("r", "ReadFile", "3\"x\""))),
		  PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH },
		{ "99\"junk\" 2{ 98=1 2{ 97(1=1) 1{5{1\"T\"} 2\"ReadFile\" "
		  "1\"r\"} } }",
		  PK_RULE_TENSORFLOW_FILE_OPERATOR, PK_HIGH },
		/* A graph in a string. */
		{ SAVED(PLAIN CONST("c", "x")
				NODE("r", "DatasetFromGraph", "3\"c\"")),
		  PK_RULE_TENSORFLOW_HIDDEN_GRAPH, PK_HIGH },
		/* Said twice what it is. */
		{ SAVED(PLAIN "1{1\"r\" 2\"ReadFile\" 2\"Add\"}"),
		  PK_RULE_TENSORFLOW_REPEATED_FIELD, PK_MEDIUM },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scan(cases[i].graph);
		assert_int_equal(t_severity(cases[i].rule), cases[i].severity);
	}
}

static void a_graph_in_a_string_is_walked_too(void **state)
{
	(void)state;
	/* GraphDef{ node{ name "hidden" op "WriteFile" } ... } */
	scan(SAVED(PLAIN CONST(
		"c", "\\x0a\\x13\\x0a\\x06hidden\\x12\\x09WriteFile"
		     "\\x0a\\x12\\x0a\\x01x\\x12\\x0bPlaceholder\\x1a\\x00"
		     "\\x0a\\x12\\x0a\\x01y\\x12\\x0bPlaceholder\\x1a\\x00")));
	assert_int_equal(t_severity(PK_RULE_TENSORFLOW_FILE_OPERATOR), PK_HIGH);
}

static void compiled_programs_are_said(void **state)
{
	(void)state;
	scan(SAVED(PLAIN NODE("e", "TRTEngineOp",
			      "5{1\"serialized_segment\" 2{2\"x\"}}")));
	assert_int_equal(t_severity(PK_RULE_TENSORFLOW_ENGINE), PK_LOW);
	scan(SAVED(PLAIN NODE("e", "XlaCallModule",
			      "5{1\"module\" 2{2\"" PAD
			      "xla_python_cpu_callback" PAD "\"}}")));
	assert_int_equal(t_severity(PK_RULE_TENSORFLOW_HOST_CALLBACK), PK_HIGH);
}

static void assets_stay_in_their_folder(void **state)
{
	(void)state;
	scan("1=1 2{2{" PLAIN "} 6{2\"vocab.txt\"}}");
	assert_int_equal(t_findings(), 0);
	scan("1=1 2{2{" PLAIN "} 6{2\"../../../etc/passwd\"}}");
	assert_int_equal(t_severity(PK_RULE_TENSORFLOW_ASSET_PATH), PK_HIGH);
	scan("1=1 2{2{" PLAIN "} 6{2\"/etc/passwd\"}}");
	assert_int_equal(t_severity(PK_RULE_TENSORFLOW_ASSET_PATH), PK_HIGH);
}

static void files_in_fields_that_are_skipped_are_found(void **state)
{
	(void)state;
	scan(SAVED(PLAIN) "77\"\\x80\\x02cos\\nsystem\\nX\\x04\\x00\\x00\\x00"
			  "echo\\x85R.\"");
	assert_true(t_finds(PK_RULE_FILE_HIDDEN_CONTENT));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void a_damaged_model_is_no_clean_one(void **state)
{
	const struct pk_span whole = t_pb(SAVED(PLAIN));
	const struct pk_job *job =
		t_scan("m", (struct pk_span){ whole.p, whole.len - 3 });

	(void)state;
	assert_true(t_finds(PK_RULE_TENSORFLOW_MALFORMED));
	assert_true(job->facts & PK_FACT_REFUSED);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage(
		"m.pb", t_pb(SAVED(PLAIN CONST("c", "/etc/x") NODE(
				"r", "ReadFile",
				"3\"c\"") FUNCTION(FNODE("q", "PyFunc", "")))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_model_is_clean),
		T_TEST(operators_that_reach_out_are_said),
		T_TEST(a_graph_in_a_string_is_walked_too),
		T_TEST(compiled_programs_are_said),
		T_TEST(assets_stay_in_their_folder),
		T_TEST(files_in_fields_that_are_skipped_are_found),
		T_TEST(a_damaged_model_is_no_clean_one),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
