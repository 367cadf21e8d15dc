/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/day.h"
#include "policy/policy.h"

#include "support.h"

static struct pk_terms t;
static struct pk_complaints why;
static struct pk_result r;

enum { TODAY = 20000 }; /* 2024-10-04 */

static struct pk_span text_of(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static enum pk_status read_terms(const char *yaml)
{
	pk_terms_release(&t);
	return pk_terms_read(&t, text_of(yaml), TODAY, &why);
}

/* A file with one finding and one import. */
static void find(const char *path, enum pk_rule rule, const char *evidence)
{
	static struct pk_format pickle = { .name = "pickle" };
	const struct pk_limits limits = pk_limits_default();
	const struct pk_import im = { .module = PK_LIT("os"),
				      .name = PK_LIT("system") };

	pk_result_release(&r);
	assert_int_equal(pk_result_init(&r, path, &limits), PK_OK);
	r.job.formats[r.job.format_count++] = &pickle;
	r.job.primary = &pickle;
	assert_non_null(pk_job_import(&r.job, &im));
	assert_int_equal(pk_result_note_on(&r, rule, evidence, "is called"),
			 PK_OK);
}

static enum pk_action act(void)
{
	struct pk_policy p = *pk_policy_builtin(t.base);

	p.terms = &t;
	if (t.fail_on >= 0)
		pk_policy_fail_on(&p, t.fail_on);
	p.forced = false;
	pk_policy_apply(&p, &r);
	return r.action;
}

static int forget(void **state)
{
	(void)state;
	pk_terms_release(&t);
	pk_result_release(&r);
	t = (struct pk_terms){ 0 };
	r = (struct pk_result){ 0 };
	return 0;
}

static void severities_are_the_policys(void **state)
{
	(void)state;
	assert_int_equal(read_terms("version: 1\nrules:\n"
				    "  pickle.*: info\n"
				    "  pickle.dangerous-call: low\n"),
			 PK_OK);
	find("a.pkl", PK_RULE_PICKLE_DANGEROUS_CALL, "os.system('x')");
	assert_int_equal(act(), PK_ACTION_PASS);
	assert_int_equal(r.job.worst, PK_LOW);
	assert_int_equal(r.verdict, PK_CLEAN);
}

static void paths_have_terms_of_their_own(void **state)
{
	(void)state;
	assert_int_equal(read_terms("version: 1\npaths:\n"
				    "  - match: 'exp/**'\n"
				    "    fail_on: never\n"
				    "  - match: strict.pkl\n"
				    "    fail_on: low\n"),
			 PK_OK);
	find("exp/a.pkl", PK_RULE_PICKLE_DANGEROUS_CALL, "os.system('x')");
	assert_int_equal(act(), PK_ACTION_WARN);
	find("more/exp/a.pkl", PK_RULE_PICKLE_DANGEROUS_CALL, "x");
	assert_int_equal(act(), PK_ACTION_BLOCK);
	find("exp/strict.pkl", PK_RULE_PICKLE_DANGEROUS_CALL, "x");
	assert_int_equal(act(), PK_ACTION_BLOCK);
}

static void imports_are_allowed_by_their_whole_name(void **state)
{
	(void)state;
	assert_int_equal(read_terms("version: 1\nimports:\n"
				    "  allow: [mylib.models.*]\n"),
			 PK_OK);
	find("a.pkl", PK_RULE_PICKLE_UNKNOWN_CALL, "mylib.models.Net(1)");
	assert_int_equal(act(), PK_ACTION_PASS);
	find("a.pkl", PK_RULE_PICKLE_DANGEROUS_CALL,
	     "os.system('mylib.models.Net')");
	assert_int_equal(act(), PK_ACTION_BLOCK);
	find("a.pkl", PK_RULE_PICKLE_RESTRICTED_USE, "mylib.models.Net(1)");
	assert_int_equal(act(), PK_ACTION_BLOCK);
}

static void denied_imports_and_formats_are_findings(void **state)
{
	(void)state;
	assert_int_equal(read_terms("version: 1\nrules: {pickle.*: info}\n"
				    "imports: {deny: [os.*]}\n"),
			 PK_OK);
	find("a.pkl", PK_RULE_PICKLE_UNKNOWN_IMPORT, "x.y");
	assert_int_equal(act(), PK_ACTION_BLOCK);
	assert_int_equal(r.job.findings->rule, PK_RULE_POLICY_DENIED_IMPORT);
	assert_int_equal(read_terms("version: 1\nrules: {pickle.*: info}\n"
				    "formats: {allow: [numpy]}\n"),
			 PK_OK);
	find("a.pkl", PK_RULE_PICKLE_UNKNOWN_IMPORT, "x.y");
	assert_int_equal(act(), PK_ACTION_BLOCK);
	assert_int_equal(r.job.findings->rule, PK_RULE_POLICY_DENIED_FORMAT);
}

#define EXCEPTION(what, until)                                         \
	"version: 1\nexceptions:\n  - " what "\n    reason: because\n" \
	"    owner: me\n    expires: " until "\n"

static void an_exception_accepts_until_its_day(void **state)
{
	struct pk_buf b = { 0 };

	(void)state;
	assert_int_equal(read_terms(EXCEPTION(
				 "{rule: pickle.dangerous-call, path: a.pkl}",
				 "2024-10-04")),
			 PK_ERR_USAGE); /* two mappings in one entry */
	assert_int_equal(read_terms(EXCEPTION("rule: pickle.dangerous-call\n"
					      "    path: a.pkl",
					      "2024-10-04")),
			 PK_OK);
	find("a.pkl", PK_RULE_PICKLE_DANGEROUS_CALL, "os.system('x')");
	assert_int_equal(act(), PK_ACTION_WARN);
	assert_int_equal(r.verdict, PK_MALICIOUS);
	assert_non_null(r.job.findings->accepted);
	assert_true(pk_terms_notice(&t, 0, &b));
	assert_non_null(strstr(pk_buf_str(&b), "expires on"));
	find("b.pkl", PK_RULE_PICKLE_DANGEROUS_CALL, "os.system('x')");
	assert_int_equal(act(), PK_ACTION_BLOCK);
	assert_int_equal(read_terms(EXCEPTION("rule: pickle.dangerous-call\n"
					      "    path: a.pkl",
					      "2024-10-03")),
			 PK_OK);
	find("a.pkl", PK_RULE_PICKLE_DANGEROUS_CALL, "os.system('x')");
	assert_int_equal(act(), PK_ACTION_BLOCK);
	b.len = 0;
	assert_true(pk_terms_notice(&t, 0, &b));
	assert_non_null(strstr(pk_buf_str(&b), "expired"));
	pk_buf_release(&b);
}

static void an_exception_is_bound_to_its_digest(void **state)
{
	(void)state;
	assert_int_equal(
		read_terms(EXCEPTION(
			"rule: '*'\n    sha256: "
			"0100000000000000000000000000000000000000000000000000"
			"000000000000",
			"2030-01-01")),
		PK_OK);
	find("a.pkl", PK_RULE_PICKLE_DANGEROUS_CALL, "os.system('x')");
	assert_int_equal(act(), PK_ACTION_BLOCK);
	find("a.pkl", PK_RULE_PICKLE_DANGEROUS_CALL, "os.system('x')");
	r.job.has_sha256 = true;
	r.job.sha256[0] = 1;
	assert_int_equal(act(), PK_ACTION_WARN);
}

/* Each with the line of the mistake and a word that is said of it. */
static void mistakes_are_named_with_their_line(void **state)
{
	static const struct {
		const char *yaml;
		uint64_t line;
		const char *says;
	} bad[] = {
		{ "", 1, "keys" },
		{ "extends: standard\n", 1, "version" },
		{ "version: 2\n", 1, "1" },
		{ "version: 1\nextends: standart\n", 2, "'standard'" },
		{ "version: 1\nexceptoins: []\n", 2, "'exceptions'" },
		{ "version: 1\nfail_on: hihg\n", 2, "'high'" },
		{ "version: 1\nrules:\n  pickle.dangerous-cal: low\n", 3,
		  "'pickle.dangerous-call'" },
		{ "version: 1\nrules:\n  pickle.*: lo\n", 3, "'low'" },
		{ "version: 1\nformats: {deny: [pikle]}\n", 2, "'pickle'" },
		{ "version: 1\nformats:\n  deny: [zip]\n  allow: [zip]\n", 2,
		  "both" },
		{ "version: 1\nversion: 1\n", 2, "twice" },
		{ "version: 1\npaths:\n  - fail_on: low\n", 3, "match" },
		{ "version: 1\nexceptions:\n  - rule: zip.*\n", 3, "sha256" },
		{ "version: 1\nrules: [\n", 3, "YAML" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(read_terms(bad[i].yaml), PK_ERR_USAGE);
		assert_int_equal(why.v[0].line, bad[i].line);
		assert_non_null(strstr(why.v[0].text, bad[i].says));
	}
}

static void days_are_counted_as_the_calendar_does(void **state)
{
	static const struct {
		const char *text;
		int64_t day;
	} days[] = { { "1970-01-01", 0 },     { "1970-12-31", 364 },
		     { "1972-03-01", 790 },   { "2000-02-29", 11016 },
		     { "2024-10-04", TODAY }, { "2100-03-01", 47541 } };
	static const char *const bad[] = { "2024-13-01", "2024-00-10",
					   "2024-1-1",   "soon",
					   "2024-10-0x", "20241-0-04" };
	int64_t day;

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		assert_true(pk_day_of(text_of(days[i].text), &day));
		assert_int_equal(day, days[i].day);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(pk_day_of(text_of(bad[i]), &day));
}

#define TERMS_TEST(fn) cmocka_unit_test_teardown(fn, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TERMS_TEST(severities_are_the_policys),
		TERMS_TEST(paths_have_terms_of_their_own),
		TERMS_TEST(imports_are_allowed_by_their_whole_name),
		TERMS_TEST(denied_imports_and_formats_are_findings),
		TERMS_TEST(an_exception_accepts_until_its_day),
		TERMS_TEST(an_exception_is_bound_to_its_digest),
		TERMS_TEST(mistakes_are_named_with_their_line),
		TERMS_TEST(days_are_counted_as_the_calendar_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
