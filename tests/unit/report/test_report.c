/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/utf8.h"
#include "engine/format.h"
#include "report/reporter.h"

static struct pk_result result;
static struct pk_summary summary;

/* A file of that name, with a finding when there is a severity. */
static void make(const char *path, int severity, const char *message)
{
	const struct pk_limits limits = pk_limits_default();
	struct pk_scan s = { .job = &result.job };
	const struct pk_report r = { .rule = PK_RULE_FILE_HIDDEN_CONTENT,
				     .severity = (enum pk_severity)severity,
				     .off = 5,
				     .evidence = "os.system('echo')" };
	const struct pk_import im = { .module = PK_LIT("o\x1b[s\xff"),
				      .name = PK_LIT("system"),
				      .class = PK_IMPORT_DANGEROUS };

	assert_int_equal(pk_result_init(&result, path, &limits), PK_OK);
	if (severity >= 0) {
		pk_report_full(&s, &r, "%s", message);
		(void)pk_job_import(&result.job, &im);
	}
	result.job.size = 123400;
	result.job.reason = "plain text, no model";
	result.opened = true;
	pk_result_conclude(&result);
	result.action = severity >= PK_HIGH ? PK_ACTION_BLOCK
			: severity >= 0     ? PK_ACTION_WARN
					    : PK_ACTION_SKIP;
}

/* The report over the one file, as text; the caller's to release. */
static struct pk_buf write_report(const char *format,
				  struct pk_report_style style)
{
	struct pk_output o = { .reporter = pk_reporter_by_name(format),
			       .style = style,
			       .policy = "standard",
			       .fail_on = "high" };
	struct pk_buf text;

	assert_non_null(o.reporter);
	o.style.severities = ~0U;
	pk_summary_init(&summary);
	pk_summary_add(&summary, &result);
	assert_int_equal(pk_summary_error(&summary, "no\nsuch", "why"), PK_OK);
	o.reporter->begin(&o);
	o.reporter->file(&o, &result);
	o.reporter->finish(&o, &summary);
	(void)pk_buf_str(&o.out);
	assert_true(pk_buf_ok(&o.out));
	text = o.out;
	o.out = (struct pk_buf){ 0 };
	pk_output_release(&o);
	pk_summary_release(&summary);
	pk_result_release(&result);
	return text;
}

static bool has(struct pk_buf *b, const char *text)
{
	return strstr(pk_buf_str(b), text) != NULL;
}

static void assert_harmless(const struct pk_buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		assert_true(b->p[i] == '\n' || (unsigned char)b->p[i] >= 0x20);
	assert_true(pk_utf8_valid(pk_buf_span(b)));
}

static const char hostile[] = "a\x1b]0;x\x07\xe2\x80\xae\xff\r.pt";

static void no_byte_of_a_file_acts_on_a_terminal(void **state)
{
	(void)state;
	for (size_t i = 0; pk_reporters[i]; i++) {
		struct pk_buf b;

		make(hostile, PK_CRITICAL, hostile);
		b = write_report(pk_reporters[i]->name,
				 (struct pk_report_style){ .verbose = true });
		assert_harmless(&b);
		pk_buf_release(&b);
	}
}

static void the_text_says_what_why_and_what_to_do(void **state)
{
	struct pk_buf b;

	(void)state;
	make("m/a.pt", PK_CRITICAL, "it is so");
	b = write_report("text", (struct pk_report_style){ 0 });
	assert_true(has(&b, "malicious    m/a.pt\n"));
	assert_true(has(&b, "blocked, 120.5 KiB"));
	assert_true(has(&b, "critical"));
	assert_true(has(&b, "file.hidden-content"));
	assert_true(has(&b, "it is so [byte 5]"));
	assert_true(has(&b, "os.system('echo')"));
	assert_true(has(&b, "what to do"));
	assert_true(has(&b, "no verdict   no\\nsuch  why"));
	assert_true(has(&b, "policy standard blocks 1 file\n"));
	pk_buf_release(&b);
}

static void the_page_holds_no_markup_of_a_file(void **state)
{
	static const char markup[] = "<img src=x onerror='f()'>\"&amp;";
	struct pk_buf b;

	(void)state;
	make(markup, PK_CRITICAL, markup);
	b = write_report("html", (struct pk_report_style){ 0 });
	assert_false(has(&b, "<img"));
	assert_true(has(&b, "&lt;img src=x onerror=&#39;f()&#39;&gt;"
			    "&quot;&amp;amp;"));
	assert_true(has(&b, "default-src 'none'"));
	assert_true(has(&b, "script-src 'sha256-"));
	assert_false(has(&b, "unsafe-inline"));
	pk_buf_release(&b);
}

static void the_page_shows_what_nobody_explained(void **state)
{
	struct pk_buf b;

	(void)state;
	make("a.pt", PK_CRITICAL, "it is so");
	result.job.gaps = PK_NEW(&result.job.arena, struct pk_range);
	assert_non_null(result.job.gaps);
	*result.job.gaps = (struct pk_range){ 100, 101 };
	result.job.gap_count = 1;
	b = write_report("html", (struct pk_report_style){ 0 });
	assert_true(has(&b, "class=\"g\"><title>unexplained: bytes 100 to "
			    "100 (1 byte"));
	assert_true(has(&b, "<td class=\"num\">100</td><td class=\"num\">1"
			    "</td>"));
	assert_true(has(&b, "1 file blocked"));
	assert_true(has(&b, "class=\"m s-critical\""));
	pk_buf_release(&b);
}

static void the_last_line_counts_everything(void **state)
{
	struct pk_buf b;

	(void)state;
	make("README", -1, "");
	b = write_report("text", (struct pk_report_style){ 0 });
	assert_true(has(&b, "\n1 file seen: 0 read whole, 0 read in part, 1 "
			    "skipped (1 plain text, no model), 1 without a "
			    "verdict; 120.5 KiB\n"));
	pk_buf_release(&b);
}

static void colours_only_where_wanted(void **state)
{
	struct pk_buf b;

	(void)state;
	make("a.pt", PK_CRITICAL, "x");
	b = write_report("text", (struct pk_report_style){ .color = true });
	assert_true(has(&b, "\x1b[1;31mmalicious\x1b[0m"));
	pk_buf_release(&b);
}

static void json_holds_what_the_schema_says(void **state)
{
	struct pk_buf b;

	(void)state;
	make("m/a.pt", PK_CRITICAL, "it is so");
	b = write_report("json", (struct pk_report_style){ 0 });
	assert_true(has(&b, "\"schema\": \"picket.report/1\""));
	assert_true(has(&b, "\"fail_on\": \"high\""));
	assert_true(has(&b, "\"pass\": false"));
	assert_true(has(&b, "\"verdict\": \"malicious\""));
	assert_true(has(&b, "\"action\": \"block\""));
	assert_true(has(&b, "\"location\": {\"offset\": 5}"));
	assert_true(has(&b, "\"module\": \"o\\u001b[s\\ufffd\""));
	assert_true(has(&b, "\"module_hex\": \"6f1b5b73ff\""));
	assert_true(has(&b, "\"class\": \"dangerous\""));
	assert_true(has(&b, "\"path\": \"no\\nsuch\""));
	assert_false(has(&b, "started"));
	assert_false(has(&b, "duration"));
	pk_buf_release(&b);
}

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static void inventories_say_where_a_model_is_from(void **state)
{
	static const struct pk_origin origin = { .uri = "hf://org/name",
						 .commit = COMMIT,
						 .licence = "apache-2.0" };
	struct pk_buf b;

	(void)state;
	make("hf://org/name@" COMMIT "/a b.pt", PK_HIGH, "x");
	result.job.primary = pk_format_by_name("pickle");
	result.origin = &origin;
	b = write_report("cyclonedx", (struct pk_report_style){ 0 });
	assert_true(has(&b, "\"purl\": \"pkg:huggingface/org/name@" COMMIT
			    "#a%20b.pt\""));
	assert_true(has(&b, "\"license\": {\"id\": \"Apache-2.0\""));
	pk_buf_release(&b);
	make("hf://org/name@" COMMIT "/a b.pt", PK_HIGH, "x");
	result.job.primary = pk_format_by_name("pickle");
	result.origin = &origin;
	b = write_report("spdx", (struct pk_report_style){ 0 });
	assert_true(has(&b,
			"\"software_downloadLocation\": \"hf://org/name@" COMMIT
			"/a%20b.pt\""));
	assert_true(has(&b, "\"software_packageUrl\": \"pkg:huggingface/"));
	assert_true(has(&b, "\"simplelicensing_licenseExpression\": "
			    "\"Apache-2.0\""));
	pk_buf_release(&b);
}

static void ndjson_is_a_line_a_file_and_a_summary(void **state)
{
	struct pk_buf b;
	unsigned lines = 0;

	(void)state;
	make("a.pt", PK_HIGH, "x");
	b = write_report("ndjson", (struct pk_report_style){ 0 });
	for (size_t i = 0; i < b.len; i++)
		lines += b.p[i] == '\n';
	assert_int_equal(lines, 2);
	assert_true(has(&b, "}\n{\"schema\""));
	pk_buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_byte_of_a_file_acts_on_a_terminal),
		cmocka_unit_test(the_text_says_what_why_and_what_to_do),
		cmocka_unit_test(the_page_holds_no_markup_of_a_file),
		cmocka_unit_test(the_page_shows_what_nobody_explained),
		cmocka_unit_test(the_last_line_counts_everything),
		cmocka_unit_test(colours_only_where_wanted),
		cmocka_unit_test(json_holds_what_the_schema_says),
		cmocka_unit_test(inventories_say_where_a_model_is_from),
		cmocka_unit_test(ndjson_is_a_line_a_file_and_a_summary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
