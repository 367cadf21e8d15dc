/* SPDX-License-Identifier: Apache-2.0 */
#include "report/stored.h"

#include <stdio.h>

#include "engine/map.h"
#include "engine/note.h"
#include "report/reporter.h"
#include "support.h"

static const struct pk_origin origin = { .uri = "hf://org/name",
					 .commit = "c0ffee",
					 .licence = "mit" };
static struct pk_result made, got;
static struct pk_summary summary;
static size_t files;
static struct pk_stored_end last;

static void init(struct pk_result *r, const char *path)
{
	const struct pk_limits limits = pk_limits_default();

	assert_int_equal(pk_result_init(r, path, &limits), PK_OK);
}

/* A file with something of everything that a report can hold. */
static void make(void)
{
	struct pk_scan s = { .job = &made.job };
	const struct pk_report r = { .rule = PK_RULE_FILE_HIDDEN_CONTENT,
				     .severity = PK_HIGH,
				     .off = 5,
				     .evidence = "os.system('x')" };
	const struct pk_import im = { .module = PK_LIT("o\x1b\xff"),
				      .name = PK_LIT("system"),
				      .class = PK_IMPORT_DANGEROUS };

	init(&made, "m/\xff.pt");
	made.job.size = 1000;
	made.job.explained = 900;
	pk_report_full(&s, &r, "%s", "it is so");
	assert_non_null(pk_job_import(&made.job, &im));
	assert_true(pk_job_keep_value(
		&made.job,
		&(struct pk_value_note){ .key = PK_LIT("general.license"),
					 .value = PK_LIT("mit\xff") }));
	assert_true(pk_job_keep_ref(&made.job,
				    &(struct pk_ref){ .kind = PK_REF_SHARD,
						      .path = PK_LIT("w\xff"),
						      .need = 7 }));
	assert_true(pk_job_keep_ref(
		&made.job, &(struct pk_ref){ .kind = PK_REF_URL,
					     .path = PK_LIT("http://x"),
					     .revision = PK_LIT("v1") }));
	assert_true(pk_job_keep_part(&made.job, (struct pk_range){ 0, 10 },
				     "head"));
	assert_true(pk_job_keep_gap(&made.job, (struct pk_range){ 900, 1000 }));
	made.origin = &origin;
	made.arrival = (struct pk_arrival){ .received = 17, .proven = true };
	made.job.parts_dropped = 3;
	made.opened = true;
	pk_result_conclude(&made);
	made.action = PK_ACTION_BLOCK;
}

/* The report on one file, in that form; the caller's to release. */
static struct pk_buf write_as(const char *form, const struct pk_result *r)
{
	struct pk_output o = { .reporter = pk_reporter_by_name(form),
			       .policy = "standard",
			       .fail_on = "high" };
	struct pk_buf text;

	o.style.severities = ~0U;
	pk_summary_init(&summary);
	pk_summary_add(&summary, r);
	assert_int_equal(pk_summary_error(&summary, "no\nsuch", "why"), PK_OK);
	o.reporter->begin(&o);
	o.reporter->file(&o, r);
	o.reporter->finish(&o, &summary);
	assert_true(pk_buf_ok(&o.out));
	text = o.out;
	o.out = (struct pk_buf){ 0 };
	pk_output_release(&o);
	pk_summary_release(&summary);
	return text;
}

static struct pk_result *more(void *ctx, const char *path)
{
	(void)ctx;
	if (files++)
		pk_result_release(&got);
	init(&got, path);
	return &got;
}

static enum pk_status error(void *ctx, const char *path, const char *message)
{
	(void)ctx;
	return pk_summary_error(&summary, path, message);
}

static enum pk_status ended(void *ctx, const struct pk_stored_end *e)
{
	(void)ctx;
	last = *e;
	return PK_OK;
}

/* PK_OK with the last file in got, or what is wrong in why. */
static enum pk_status take(struct pk_span text, char why[160])
{
	struct pk_stored st = {
		.more = more, .error = error, .ended = ended, .passes = true
	};
	enum pk_status s;

	if (files)
		pk_result_release(&got);
	files = 0;
	pk_summary_init(&summary);
	s = pk_stored_read(&st, text);
	memcpy(why, st.why, sizeof(st.why));
	pk_summary_release(&summary);
	return s;
}

static int begin(void **state)
{
	(void)state;
	files = 0;
	make();
	return 0;
}

static int end(void **state)
{
	(void)state;
	pk_result_release(&made);
	if (files)
		pk_result_release(&got);
	return 0;
}

static void comes_back_as(const char *form)
{
	struct pk_buf text = write_as(form, &made), again;
	char why[160];

	assert_int_equal(take(pk_buf_span(&text), why), PK_OK);
	again = write_as(form, &got);
	assert_true(pk_span_eq(pk_buf_span(&text), pk_buf_span(&again)));
	pk_buf_release(&text);
	pk_buf_release(&again);
}

static void what_was_written_comes_back(void **state)
{
	(void)state;
	comes_back_as("json");
	assert_string_equal(got.path, "m/\xff.pt");
	assert_int_equal(got.verdict, made.verdict);
	assert_true(pk_span_eq(got.job.values->value, PK_LIT("mit\xff")));
	assert_true(pk_span_eq(got.job.imports->module, PK_LIT("o\x1b\xff")));
	assert_int_equal(got.job.refs->need, 7);
	assert_string_equal(got.origin->licence, "mit");
	assert_int_equal(got.arrival.received, 17);
	assert_string_equal(got.job.parts->what, "head");
	assert_int_equal(got.job.parts->to, 10);
	assert_int_equal(got.job.parts_dropped, 3);
	assert_int_equal(got.job.gap_count, 1);
	assert_int_equal(got.job.gaps[0].from, 900);
	comes_back_as("ndjson");
}

static void a_report_that_ends_early_is_refused(void **state)
{
	struct pk_buf text = write_as("json", &made);
	char why[160];

	(void)state;
	for (size_t n = 0; n + 2 < text.len; n++) {
		struct pk_buf cut = { 0 };

		/* Of its very size, so that a read past the end shows. */
		pk_buf_put(&cut, text.p, n);
		assert_int_equal(take(pk_buf_span(&cut), why), PK_ERR_USAGE);
		assert_true(why[0] != 0);
		if (files)
			pk_result_release(&got);
		files = 0;
		pk_buf_release(&cut);
	}
	pk_buf_release(&text);
}

/* Whatever was taken can be told in any form. */
static void changed_bytes_are_survived(void **state)
{
	static const uint8_t by[] = { 0x01, 0x20, 0x80, '0' ^ '9', '"' ^ '}' };
	struct pk_buf text = write_as("json", &made);
	char why[160];

	(void)state;
	for (size_t i = 0; i < text.len * sizeof(by); i++) {
		char *p = text.p + i / sizeof(by);

		*p = (char)(*p ^ by[i % sizeof(by)]);
		if (take(pk_buf_span(&text), why) == PK_OK && files) {
			struct pk_buf page = write_as("html", &got);

			pk_buf_release(&page);
		}
		if (files)
			pk_result_release(&got);
		files = 0;
		*p = (char)(*p ^ by[i % sizeof(by)]);
	}
	pk_buf_release(&text);
}

/* Puts another text in place of one that is there. */
static struct pk_buf with(const char *was, const char *is)
{
	struct pk_buf text = write_as("json", &made), ret = { 0 };
	const char *at = strstr(pk_buf_str(&text), was);

	assert_non_null(at);
	pk_buf_put(&ret, text.p, (size_t)(at - text.p));
	pk_buf_puts(&ret, is);
	pk_buf_puts(&ret, at + strlen(was));
	pk_buf_release(&text);
	return ret;
}

static void a_map_that_the_file_cannot_have_is_refused(void **state)
{
	static const char *const cases[][2] = {
		{ "\"offset\": 900, \"length\": 100", /* past the end */
		  "\"offset\": 900, \"length\": 101" },
		{ "\"offset\": 900, \"length\": 100",
		  "\"offset\": 9223372036854775807, \"length\": "
		  "9223372036854775807" },
		{ "\"offset\": 900, \"length\": 100",
		  "\"offset\": 900, \"length\": 0" },
		{ "{\"offset\": 900, \"length\": 100}", /* out of order */
		  "{\"offset\": 900, \"length\": 100}, "
		  "{\"offset\": 899, \"length\": 100}" },
		{ "\"name\": \"head\", \"offset\": 0, \"length\": 10",
		  "\"name\": \"head\", \"offset\": 0, \"length\": 1001" },
		{ "\"name\": \"head\", ", "" },
		{ "\"name\": \"head\"", "\"name\": 7" },
		{ "\"name\": \"head\"", "\"name\": \"he\\u0000ad\"" },
		{ "\"parts\": [", "\"parts\": [7, " },
		{ "\"unexplained\": [", "\"unexplained\": 7, \"x\": [" },
		{ "\"explained\": 900", "\"explained\": 1001" },
		{ "\"key\": \"general.license\", ", "" },
		{ "\"uri\": \"hf://org/name\", ", "" },
		{ "\"proven\": true", "\"proven\": 1" },
		{ "\"fetched\": 17", "\"fetched\": -1" },
		{ "\"kind\": \"shard\"", "\"kind\": \"shards\"" },
		{ "\"needs\": 7", "\"needs\": -7" },
		{ "\"references\": [", "\"references\": [[], " },
		{ "\"value_hex\": \"", "\"value_hex\": \"zz" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pk_buf text = with(cases[i][0], cases[i][1]);
		char why[160];

		assert_int_equal(take(pk_buf_span(&text), why), PK_ERR_USAGE);
		pk_result_release(&got);
		files = 0;
		pk_buf_release(&text);
	}
}

static void more_parts_than_a_map_has_are_refused(void **state)
{
	const struct pk_range at = { 0, 1 };
	struct pk_buf text;
	char why[160];

	(void)state;
	while (made.job.part_count < PK_PARTS_MAX)
		assert_true(pk_job_keep_part(&made.job, at, "x"));
	assert_false(pk_job_keep_part(&made.job, at, "x"));
	text = with("\"parts\": [", "\"parts\": [{\"name\": \"x\", "
				    "\"offset\": 0, \"length\": 1}, ");
	assert_int_equal(take(pk_buf_span(&text), why), PK_ERR_USAGE);
	pk_buf_release(&text);
}

static void names_in_it_are_made_harmless(void **state)
{
	struct pk_buf text =
		with("\"name\": \"head\"", "\"name\": \"\\u001b[2Jhead\"");
	char why[160];

	(void)state;
	assert_int_equal(take(pk_buf_span(&text), why), PK_OK);
	assert_string_equal(got.job.parts->what, "\\x1b[2Jhead");
	pk_buf_release(&text);
}

static void a_report_that_lost_files_is_refused(void **state)
{
	struct pk_buf text = write_as("ndjson", &made), two = { 0 };
	const char *end_line = strchr(pk_buf_str(&text), '\n') + 1;
	char why[160];

	(void)state;
	assert_int_equal(take((struct pk_span){ (const uint8_t *)end_line,
						strlen(end_line) },
			      why),
			 PK_ERR_USAGE);
	/* A first attempt that was cut, and a second behind it. */
	pk_buf_put(&two, text.p, (size_t)(end_line - text.p));
	pk_buf_put(&two, text.p, text.len);
	assert_int_equal(take(pk_buf_span(&two), why), PK_ERR_USAGE);
	pk_buf_release(&two);
	pk_result_release(&got);
	files = 0;
	pk_buf_put(&two, text.p, text.len);
	pk_buf_put(&two, text.p, text.len);
	assert_int_equal(take(pk_buf_span(&two), why), PK_OK);
	assert_int_equal(files, 2);
	pk_buf_release(&two);
	pk_buf_release(&text);
}

static void a_part_says_which_it_is(void **state)
{
	static const char *const bad[] = {
		"{\"part\": 0, \"of\": 3}",
		"{\"part\": 4, \"of\": 3}",
		"{\"part\": 1}",
		"7",
		"{\"part\": -1, \"of\": 3}",
	};
	struct pk_buf text;
	char why[160];

	(void)state;
	text = with("\"policy\": {",
		    "\"shard\": {\"part\": 3, \"of\": 3}, \"policy\": {");
	assert_int_equal(take(pk_buf_span(&text), why), PK_OK);
	assert_int_equal(last.share.number, 3);
	assert_int_equal(last.share.of, 3);
	assert_string_equal(last.share.plan, "");
	pk_buf_release(&text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char is[80];

		(void)snprintf(is, sizeof(is), "\"shard\": %s, \"policy\": {",
			       bad[i]);
		pk_result_release(&got);
		text = with("\"policy\": {", is);
		files = 0;
		assert_int_equal(take(pk_buf_span(&text), why), PK_ERR_USAGE);
		pk_buf_release(&text);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_comes_back),
		TEST(a_report_that_ends_early_is_refused),
		TEST(changed_bytes_are_survived),
		TEST(a_map_that_the_file_cannot_have_is_refused),
		TEST(more_parts_than_a_map_has_are_refused),
		TEST(names_in_it_are_made_harmless),
		TEST(a_report_that_lost_files_is_refused),
		TEST(a_part_says_which_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
