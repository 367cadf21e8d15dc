/* SPDX-License-Identifier: Apache-2.0 */
#include "fb_builder.h"
#include "zip_builder.h"

/* What is to be different from a plain model of one operator. */
struct model {
	const char *custom;     /* the operator's name */
	struct pk_span options; /* its options */
	struct pk_span data;    /* of the buffer */
	const char *external;   /* name of a file with weights */
	uint64_t opcode, tensor, buffer, dim;
	uint64_t apart, apart_len; /* data behind the FlatBuffer */
	bool nested;               /* the operator is in a second subgraph */
	bool unused;               /* the operator code is used by nobody */
};

static void add_graph(struct t_fb *b, size_t at, const struct model *m,
		      bool uses)
{
	const size_t graph = fb_child(b, at, 5);
	const size_t tensors = fb_vector(b, graph, 0, 1, 4);
	const size_t tensor = fb_child(b, tensors, 4);
	size_t op;

	fb_set(b, fb_vector(b, tensor, 0, 1, 4), m->dim ? m->dim : 4, 4);
	fb_number(b, tensor, 1, 3);
	fb_number(b, tensor, 2, 1 + m->buffer);
	fb_text(b, tensor, 3, "weights");
	if (!uses)
		return;
	op = fb_child(b, fb_vector(b, graph, 3, 1, 4), 6);
	fb_number(b, op, 0, m->opcode);
	fb_set(b, fb_vector(b, op, 1, 1, 4), m->tensor, 4);
	if (m->options.len)
		fb_bytes(b, op, 5, m->options);
}

static struct pk_span build(struct model m)
{
	struct t_fb *b = fb_new("TFL3");
	const size_t model = fb_child(b, 0, 10);
	size_t at, table;

	fb_number(b, model, 0, 3);
	table = fb_child(b, fb_vector(b, model, 1, 1, 4), 4);
	fb_number(b, table, 0, m.custom ? 32 : 9);
	if (m.custom)
		fb_text(b, table, 1, m.custom);
	at = fb_vector(b, model, 2, m.nested ? 2 : 1, 4);
	add_graph(b, at, &m, !m.nested && !m.unused);
	if (m.nested)
		add_graph(b, at + 4, &m, true);
	at = fb_vector(b, model, 4, 2, 4);
	fb_child(b, at, 3);
	table = fb_child(b, at + 4, 3);
	if (m.apart) {
		fb_number(b, table, 1, m.apart);
		fb_number(b, table, 2, m.apart_len);
	} else {
		fb_bytes(b, table, 0, m.data.len ? m.data : PK_LIT("1234"));
	}
	if (m.external) {
		at = fb_vector(b, model, 8, 1, 4);
		fb_text(b, fb_child(b, at, 1), 0, m.external);
	}
	return fb_done(b);
}

static struct pk_span plain(void)
{
	return build((struct model){ 0 });
}

static void a_plain_model_is_clean(void **state)
{
	const struct pk_job *job = t_scan("a.tflite", plain());

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
	assert_string_equal(job->primary->name, "tflite");
	assert_int_equal(job->explained, job->size);
}

static void a_model_without_identifier_is_one(void **state)
{
	uint8_t copy[4096];
	struct pk_span m = plain();

	(void)state;
	memcpy(copy, m.p, m.len);
	memset(copy + 4, 0, 4);
	t_scan("a.bin", (struct pk_span){ copy, m.len });
	assert_string_equal(
		t_scan("a.bin", (struct pk_span){ copy, m.len })->primary->name,
		"tflite");
}

static void known_custom_operators_are_fine(void **state)
{
	(void)state;
	t_scan("a", build((struct model){ .custom = "edgetpu-custom-op" }));
	assert_int_equal(t_findings(), 0);
	t_scan("a", build((struct model){ .custom = "FlexErf" }));
	assert_int_equal(t_findings(), 0);
	t_scan("a", build((struct model){ .custom = "TFText>Any" }));
	assert_int_equal(t_findings(), 0);
}

static void unknown_custom_operators_are_said(void **state)
{
	(void)state;
	t_scan("a", build((struct model){ .custom = "MyFusedThing" }));
	assert_int_equal(t_severity(PK_RULE_TFLITE_CUSTOM_OPERATOR), PK_MEDIUM);
	t_scan("a", build((struct model){ .custom = "Thing", .nested = true }));
	assert_true(t_finds(PK_RULE_TFLITE_CUSTOM_OPERATOR));
	t_scan("a", build((struct model){ .custom = "Thing", .unused = true }));
	assert_true(t_finds(PK_RULE_TFLITE_CUSTOM_OPERATOR));
	t_scan("a", build((struct model){ .custom = "RunShellCommand" }));
	assert_int_equal(t_severity(PK_RULE_TFLITE_CUSTOM_OPERATOR), PK_HIGH);
	t_scan("a", build((struct model){ .custom = "Ecosystem" }));
	assert_int_equal(t_severity(PK_RULE_TFLITE_CUSTOM_OPERATOR), PK_MEDIUM);
}

static void flex_operators_that_open_files_are_high(void **state)
{
	(void)state;
	t_scan("a", build((struct model){ .custom = "FlexWriteFile" }));
	assert_int_equal(t_severity(PK_RULE_TFLITE_FLEX_OPERATOR), PK_HIGH);
}

/* A vector of the texts "Add" and a NodeDef {name: "a", op: "ReadFile"} */
#define OPTIONS                                          \
	"03 41646400 0d 0a0161 1208 5265616446696c65 00" \
	"02 14 10 1414 04 28 01"

static void what_the_node_names_is_what_runs(void **state)
{
	(void)state;
	t_scan("a", build((struct model){ .custom = "FlexAdd",
					  .options = t_hex(OPTIONS) }));
	assert_true(t_finds(PK_RULE_TFLITE_FLEX_OPERATOR));
}

static void indices_out_of_range_are_refused(void **state)
{
	const struct model bad[] = {
		{ .opcode = 7 },
		{ .tensor = 1 },
		{ .tensor = 0xfffffffe },
		{ .buffer = 9 },
		{ .dim = 100 },
		{ .dim = 0x80000000 },
		{ .apart = 1 << 20, .apart_len = 1 },
		{ .apart = 16, .apart_len = UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct pk_job *job = t_scan("a.tflite", build(bad[i]));

		assert_true(t_finds(PK_RULE_TFLITE_MALFORMED));
		assert_true(job->facts & PK_FACT_REFUSED);
	}
}

static void files_outside_the_folder_are_said(void **state)
{
	(void)state;
	t_scan("a", build((struct model){ .external = "/etc/passwd" }));
	assert_true(t_severity(PK_RULE_TFLITE_EXTERNAL_PATH) >= PK_HIGH);
	t_scan("a", build((struct model){ .external = "..\\..\\a" }));
	assert_true(t_severity(PK_RULE_TFLITE_EXTERNAL_PATH) >= PK_HIGH);
	t_scan("a", build((struct model){ .external = "weights.bin" }));
	assert_int_equal(t_findings(), 0);
}

static void a_buffer_that_is_a_pickle_is_said(void **state)
{
	(void)state;
	t_scan("a", build((struct model){
			    .dim = 24,
			    .data = PK_LIT("\x80\2cos\nsystem\nX\2\0\0\0id"
					   "\x85R.") }));
	assert_true(t_finds(PK_RULE_FILE_EMBEDDED_CONTENT));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void a_zip_behind_the_model_is_read(void **state)
{
	struct t_zip *z = z_new();

	(void)state;
	z_put(z, plain().p, plain().len);
	z_add(z, (struct t_member){ .name = "labels.txt",
				    .data = PK_LIT("cat\ndog\n") });
	t_scan("a.tflite", z_close(z));
	assert_int_equal(t_findings(), 0);
	z = z_new();
	z_put(z, plain().p, plain().len);
	z_add(z, (struct t_member){ .name = "labels.pkl",
				    .data = PK_LIT("\x80\2cos\nsystem\nX\2\0\0"
						   "\0id\x85R.") });
	t_scan("a.tflite", z_close(z));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

static void a_pickle_behind_the_model_is_hidden_content(void **state)
{
	static uint8_t both[1 << 13];
	const struct pk_span m = plain();
	const struct pk_span p = PK_LIT("\x80\2cos\nsystem\nX\2\0\0\0id\x85R.");

	(void)state;
	memcpy(both, m.p, m.len);
	memcpy(both + m.len, p.p, p.len);
	t_scan("a.tflite", (struct pk_span){ both, m.len + p.len });
	assert_true(t_finds(PK_RULE_FILE_HIDDEN_CONTENT));
}

static void survives_damage(void **state)
{
	uint8_t copy[4096];
	const struct pk_span m =
		build((struct model){ .custom = "FlexAdd",
				      .external = "w.bin",
				      .options = t_hex(OPTIONS) });

	(void)state;
	memcpy(copy, m.p, m.len);
	t_survives_damage("a.tflite", (struct pk_span){ copy, m.len });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_model_is_clean),
		T_TEST(a_model_without_identifier_is_one),
		T_TEST(known_custom_operators_are_fine),
		T_TEST(unknown_custom_operators_are_said),
		T_TEST(flex_operators_that_open_files_are_high),
		T_TEST(what_the_node_names_is_what_runs),
		T_TEST(indices_out_of_range_are_refused),
		T_TEST(files_outside_the_folder_are_said),
		T_TEST(a_buffer_that_is_a_pickle_is_said),
		T_TEST(a_zip_behind_the_model_is_read),
		T_TEST(a_pickle_behind_the_model_is_hidden_content),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
