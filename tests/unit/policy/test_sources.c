/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "engine/note.h"
#include "policy/policy.h"

#include "support.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define OTHER  "76543210fedcba9876543210fedcba9876543210"

static struct pk_terms t;
static struct pk_complaints why;
static struct pk_result r;
static struct pk_policy policy;

static struct pk_span span_of(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static enum pk_status read_terms(const char *yaml)
{
	pk_terms_release(&t);
	return pk_terms_read(&t, span_of(yaml), 0, &why);
}

/* The policy of these lines, or the built-in one. */
static void use(const char *yaml)
{
	policy = *pk_policy_builtin("standard");
	if (!yaml)
		return;
	assert_int_equal(read_terms(yaml), PK_OK);
	policy = *pk_policy_builtin(t.base);
	policy.terms = &t;
}

static struct pk_origin bert(void)
{
	return (struct pk_origin){
		.listed = true,
		.uri = "hf://google/bert@main",
		.host = "huggingface.co",
		.owner = "google",
		.repository = "google/bert",
		.revision = "main",
		.commit = COMMIT,
	};
}

static void fresh(const char *path)
{
	const struct pk_limits limits = pk_limits_default();

	pk_result_release(&r);
	assert_int_equal(pk_result_init(&r, path, &limits), PK_OK);
	pk_result_conclude(&r);
}

static void judge(const struct pk_origin *o)
{
	fresh(o->uri);
	assert_int_equal(pk_policy_judge_origin(&policy, o, &r), PK_OK);
	pk_policy_apply(&policy, &r);
}

/* The severity of a finding by that rule, or -1. */
static int severity(enum pk_rule rule)
{
	for (const struct pk_finding *f = r.job.findings; f; f = f->next) {
		if (f->rule == rule)
			return (int)f->severity;
	}
	return -1;
}

static bool complains_of(const char *line, const char *what)
{
	char yaml[600];

	(void)snprintf(yaml, sizeof(yaml), "version: 1\nsources:\n%s", line);
	assert_int_equal(read_terms(yaml), PK_ERR_USAGE);
	for (size_t i = 0; i < why.count; i++) {
		if (strstr(why.v[i].text, what) && why.v[i].line > 1)
			return true;
	}
	print_message("%s\n", why.v[0].text);
	return false;
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

static void a_branch_is_told_and_strict_blocks_it(void **state)
{
	struct pk_origin o = bert();

	(void)state;
	use(NULL);
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_UNPINNED), PK_MEDIUM);
	assert_int_equal(r.action, PK_ACTION_WARN);
	policy = *pk_policy_builtin("strict");
	judge(&o);
	assert_int_equal(r.action, PK_ACTION_BLOCK);
	assert_true(pk_result_blocked_for_source(&r));
	o.pinned = true;
	judge(&o);
	assert_null(r.job.findings);
	assert_int_equal(r.action, PK_ACTION_SKIP);
}

static void a_commit_can_be_required_or_waived(void **state)
{
	const struct pk_origin web = { .listed = true,
				       .uri = "https://a.example/m.pt",
				       .host = "a.example" };
	struct pk_origin o = bert();

	(void)state;
	use("version: 1\nsources: {require_commit: true}\n");
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_UNPINNED), PK_HIGH);
	assert_int_equal(r.action, PK_ACTION_BLOCK);
	judge(&web);
	assert_int_equal(severity(PK_RULE_SOURCE_UNPINNED), PK_HIGH);
	use("version: 1\nsources: {require_commit: false}\n");
	judge(&o);
	assert_null(r.job.findings);
	use(NULL);
	judge(&web); /* has no commits that it could name */
	assert_null(r.job.findings);
}

static void only_what_is_allowed_is_approved(void **state)
{
	struct pk_origin o = bert();

	(void)state;
	o.pinned = true;
	use("version: 1\nsources:\n  allow:\n"
	    "    - {host: HuggingFace.co, owner: google}\n");
	judge(&o);
	assert_null(r.job.findings);
	use("version: 1\nsources:\n  allow:\n"
	    "    - {host: huggingface.co, repository: google/t5*}\n"
	    "    - {host: hub.example, owner: google}\n");
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_NOT_APPROVED), PK_HIGH);
	assert_true(pk_result_blocked_for_source(&r));
	use("version: 1\nsources: {allow: []}\n");
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_NOT_APPROVED), PK_HIGH);
	o.owner = NULL;
	use("version: 1\nsources: {allow: [{owner: '*'}]}\n");
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_NOT_APPROVED), PK_HIGH);
}

static void a_pinned_revision_is_that_commit_alone(void **state)
{
	struct pk_origin o = bert();

	(void)state;
	o.pinned = true;
	use("version: 1\nsources: {allow: [{repository: google/bert, "
	    "revision: [0123456789ABCDEF0123456789abcdef01234567]}]}\n");
	judge(&o);
	assert_null(r.job.findings);
	o.commit = OTHER;
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_NOT_APPROVED), PK_HIGH);
	o.commit = NULL;
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_NOT_APPROVED), PK_HIGH);
}

static void what_is_denied_is_denied_under_any_case_and_name(void **state)
{
	struct pk_origin o = bert();

	(void)state;
	o.pinned = true;
	use("version: 1\nsources: {allow: [{owner: google}], "
	    "deny: [{repository: Google/BERT}]}\n");
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_DENIED), PK_HIGH);
	assert_int_equal(severity(PK_RULE_SOURCE_NOT_APPROVED), -1);
	use("version: 1\nsources: {deny: [{owner: evil}]}\n");
	judge(&o);
	assert_null(r.job.findings);
	o.renamed_to = "Evil/bert";
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_DENIED), PK_HIGH);
	assert_int_equal(severity(PK_RULE_SOURCE_RENAMED), PK_MEDIUM);
	use("version: 1\nsources: {deny: [{owner: google}]}\n");
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_DENIED), PK_HIGH);
}

static void a_renamed_source_is_approved_by_its_present_name(void **state)
{
	struct pk_origin o = bert();

	(void)state;
	o.pinned = true;
	o.renamed_to = "google-bert/bert";
	use("version: 1\nsources: {allow: [{owner: google}]}\n");
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_NOT_APPROVED), PK_HIGH);
	assert_int_equal(severity(PK_RULE_SOURCE_RENAMED), PK_MEDIUM);
	use("version: 1\nsources: {allow: [{owner: google-bert}]}\n");
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_NOT_APPROVED), -1);
	assert_int_equal(severity(PK_RULE_SOURCE_RENAMED), PK_MEDIUM);
}

static void a_publisher_must_be_known_to_be_verified(void **state)
{
	struct pk_origin o = bert();

	(void)state;
	o.pinned = true;
	use("version: 1\nsources: {require_verified: true}\n");
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_UNVERIFIED_PUBLISHER),
			 PK_HIGH);
	o.verified = PK_NO;
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_UNVERIFIED_PUBLISHER),
			 PK_HIGH);
	o.verified = PK_YES;
	judge(&o);
	assert_null(r.job.findings);
}

static void what_is_not_known_yet_is_not_held_against_it(void **state)
{
	struct pk_origin o = bert();

	(void)state;
	o.listed = false;
	o.commit = NULL;
	use("version: 1\n"
	    "sources:\n"
	    "  require_verified: true\n"
	    "  require_commit: false\n"
	    "  allow: [{owner: google, revision: [" COMMIT "]}]\n");
	judge(&o);
	assert_null(r.job.findings);
	o.owner = "evil";
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_NOT_APPROVED), PK_HIGH);
	o = bert();
	o.commit = "0000000000000000000000000000000000000000";
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_NOT_APPROVED), PK_HIGH);
}

static void findings_of_a_source_obey_the_policy(void **state)
{
	struct pk_origin o = bert();

	(void)state;
	use("version: 1\nsources: {require_commit: true}\n"
	    "rules: {source.unpinned: low}\n");
	judge(&o);
	assert_int_equal(severity(PK_RULE_SOURCE_UNPINNED), PK_LOW);
	assert_int_not_equal(r.action, PK_ACTION_BLOCK);
}

/* A file of the source, in that format. */
static void judge_file(const struct pk_origin *o, struct pk_format *f)
{
	fresh("hf://google/bert@main/model.x");
	r.job.formats[r.job.format_count++] = f;
	r.job.primary = f;
	r.origin = o;
	pk_result_conclude(&r);
	pk_policy_apply(&policy, &r);
}

static void a_source_is_approved_for_some_formats(void **state)
{
	static struct pk_format pickle = { .name = "pickle" };
	static struct pk_format gguf = { .name = "gguf" };
	const struct pk_origin o = bert();
	struct pk_origin other = bert();

	(void)state;
	other.repository = "google/t5";
	use("version: 1\nsources:\n  allow:\n"
	    "    - {repository: google/bert, formats: [safetensors]}\n"
	    "    - {owner: google, formats: [gguf]}\n"
	    "    - {repository: google/t5}\n");
	judge_file(&o, &gguf);
	assert_null(r.job.findings);
	judge_file(&o, &pickle);
	assert_int_equal(severity(PK_RULE_SOURCE_FORMAT_NOT_APPROVED), PK_HIGH);
	assert_true(pk_result_blocked_for_source(&r));
	judge_file(&other, &pickle);
	assert_null(r.job.findings);
	judge_file(NULL, &pickle); /* of this machine */
	assert_null(r.job.findings);
	use("version: 1\n");
	judge_file(&o, &pickle);
	assert_null(r.job.findings);
}

static void what_a_file_holds_outweighs_where_it_comes_from(void **state)
{
	struct pk_origin o = bert();

	(void)state;
	use("version: 1\nsources: {require_commit: true}\n");
	fresh(o.uri);
	assert_int_equal(pk_policy_judge_origin(&policy, &o, &r), PK_OK);
	assert_int_equal(
		pk_result_note(&r, PK_RULE_PICKLE_DANGEROUS_CALL, "x", false),
		PK_OK);
	pk_policy_apply(&policy, &r);
	assert_int_equal(r.action, PK_ACTION_BLOCK);
	assert_false(pk_result_blocked_for_source(&r));
	fresh("lock");
	assert_int_equal(
		pk_result_note(&r, PK_RULE_LOCK_FILE_CHANGED, "x", false),
		PK_OK);
	pk_policy_apply(&policy, &r);
	assert_true(pk_result_blocked_for_source(&r));
	fresh(o.uri); /* neither the one nor the other */
	assert_int_equal(
		pk_result_note(&r, PK_RULE_SOURCE_UNREACHABLE, "x", true),
		PK_OK);
	pk_policy_apply(&policy, &r);
	assert_int_equal(r.verdict, PK_ERROR);
	assert_int_equal(r.action, PK_ACTION_BLOCK);
	assert_false(pk_result_blocked_for_source(&r));
	fresh(o.uri); /* not read whole, and not pinned */
	assert_int_equal(pk_policy_judge_origin(&policy, &o, &r), PK_OK);
	r.job.partial = true;
	pk_policy_apply(&policy, &r);
	assert_true(pk_result_blocked_for_source(&r));
}

/* A file that names another source. */
static void judge_ref(const struct pk_origin *o, enum pk_ref_kind kind,
		      const char *path, const char *revision)
{
	struct pk_scan s = { .job = &r.job };

	fresh("adapter_config.json");
	r.origin = o;
	pk_refer(&s, &(struct pk_ref){ .kind = kind,
				       .path = span_of(path),
				       .revision = span_of(revision) });
	pk_policy_apply(&policy, &r);
}

static void without_a_word_of_sources_nothing_is_said(void **state)
{
	(void)state;
	use("version: 1\n");
	judge_ref(NULL, PK_REF_BASE, "org/x", "");
	assert_null(r.job.findings);
	use("version: 1\nsources: {require_verified: true}\n");
	judge_ref(NULL, PK_REF_REPOSITORY, "org/x", "");
	assert_null(r.job.findings);
}

static void what_is_fetched_must_be_approved(void **state)
{
	(void)state;
	use("version: 1\nsources: {allow: [{host: huggingface.co, "
	    "owner: google}, {host: '*.example'}]}\n");
	judge_ref(NULL, PK_REF_BASE, "google/bert", "");
	assert_null(r.job.findings);
	judge_ref(NULL, PK_REF_BASE, "evil/bert", "");
	assert_int_equal(severity(PK_RULE_SOURCE_INDIRECT), PK_MEDIUM);
	assert_int_equal(r.action, PK_ACTION_WARN);
	judge_ref(NULL, PK_REF_REPOSITORY, "evil/bert", "");
	assert_int_equal(severity(PK_RULE_SOURCE_INDIRECT), PK_HIGH);
	assert_true(pk_result_blocked_for_source(&r));
	judge_ref(NULL, PK_REF_BASE, "gpt2", "");
	assert_int_equal(severity(PK_RULE_SOURCE_INDIRECT), PK_MEDIUM);
	judge_ref(NULL, PK_REF_CODE, "beside.py", "");
	assert_null(r.job.findings);
}

static void an_address_is_judged_by_its_host(void **state)
{
	static const char *const good[] = {
		"https://a.example/x",
		"https://A.EXAMPLE:8443?x",
		"git+ssh://git@a.example/x.git",
		"https://a.example./evil.com/",
	};
	static const char *const bad[] = {
		"https://a.example.com/x",      "https://evil.com/a.example",
		"https://a.example@evil.com",   "https://evil.com\\@a.example/",
		"https://evil.com#@a.example",  "https://a.example%2eevil.com/",
		"https://[::1]/a.example",      "https:///a.example",
		"https://evil.com\n@a.example",
	};

	(void)state;
	use("version: 1\nsources: {allow: [{host: '*.example'}]}\n");
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		judge_ref(NULL, PK_REF_URL, good[i], "");
		assert_null(r.job.findings);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		judge_ref(NULL, PK_REF_URL, bad[i], "");
		assert_int_equal(severity(PK_RULE_SOURCE_INDIRECT), PK_MEDIUM);
	}
	use("version: 1\nsources: {deny: [{host: Evil.com}]}\n");
	judge_ref(NULL, PK_REF_URL, "https://u:p@EVIL.com.:1/", "");
	assert_int_equal(severity(PK_RULE_SOURCE_DENIED), PK_HIGH);
}

static void a_base_may_have_to_name_its_commit(void **state)
{
	(void)state;
	use("version: 1\nsources: {require_commit: true}\n");
	judge_ref(NULL, PK_REF_BASE, "org/x", "main");
	assert_int_equal(severity(PK_RULE_SOURCE_INDIRECT_UNPINNED), PK_MEDIUM);
	judge_ref(NULL, PK_REF_BASE, "org/x", COMMIT);
	assert_null(r.job.findings);
	judge_ref(NULL, PK_REF_REPOSITORY, "org/x", ""); /* said elsewhere */
	assert_null(r.job.findings);
	use("version: 1\nsources: {allow: [{repository: org/x, "
	    "revision: [" COMMIT "]}]}\n");
	judge_ref(NULL, PK_REF_BASE, "org/x", COMMIT);
	assert_null(r.job.findings);
	judge_ref(NULL, PK_REF_BASE, "org/x", OTHER);
	assert_int_equal(severity(PK_RULE_SOURCE_INDIRECT), PK_MEDIUM);
}

static void a_source_may_name_itself(void **state)
{
	struct pk_origin o = bert();

	(void)state;
	use("version: 1\nsources: {allow: [{host: hub.example, owner: a}]}\n");
	judge_ref(&o, PK_REF_REPOSITORY, "google/bert", "");
	assert_null(r.job.findings);
	judge_ref(&o, PK_REF_REPOSITORY, "a/x", "");
	assert_int_equal(severity(PK_RULE_SOURCE_INDIRECT), PK_HIGH);
	o.host = "hub.example"; /* which is asked for the other, too */
	judge_ref(&o, PK_REF_REPOSITORY, "a/x", "");
	assert_null(r.job.findings);
}

static void mistakes_are_told(void **state)
{
	(void)state;
	assert_true(complains_of("  alow: []\n", "'allow'"));
	assert_true(complains_of("  require_commit: 1\n", "true or false"));
	assert_true(complains_of("  allow: {host: x}\n", "must be a list"));
	assert_true(complains_of("  allow: [{}]\n", "names a host"));
	assert_true(
		complains_of("  allow: [{formats: [gguf]}]\n", "names a host"));
	assert_true(complains_of("  deny: [{owner: x, formats: [gguf]}]\n",
				 "'formats'"));
	assert_true(complains_of("  allow: [{owner: x, formats: [ggfu]}]\n",
				 "'gguf'"));
	assert_true(complains_of("  allow: [{owner: x, formats: []}]\n",
				 "empty list"));
	assert_true(complains_of("  allow: [{owner: x, revision: [main]}]\n",
				 "40 hex"));
	assert_true(complains_of("  allow: [{owner: x, revision: []}]\n",
				 "empty list"));
	assert_true(
		complains_of("  allow: [{owner: x, repo: x/y}]\n", "'repo'"));
	assert_true(complains_of("  allow: [{owner: x, repository: y/z}]\n",
				 "no repository of x"));
	assert_true(complains_of("  allow: [{owner: x, repository: z}]\n",
				 "owner/name"));
}

static void contradictions_are_told(void **state)
{
	(void)state;
	assert_true(
		complains_of("  allow: [{owner: x}]\n  deny: [{owner: X}]\n",
			     "both allowed and denied"));
	assert_true(complains_of("  allow: [{owner: x, formats: [pickle]}]\n"
				 "formats: {deny: [pickle]}\n",
				 "'pickle' is both"));
	assert_int_equal(read_terms("version: 1\nsources:\n"
				    "  allow: [{owner: x}, {owner: 'y*', "
				    "repository: y1/z}]\n"
				    "  deny: [{repository: x/evil}]\n"),
			 PK_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_teardown(fn, forget)
		TEST(a_branch_is_told_and_strict_blocks_it),
		TEST(a_commit_can_be_required_or_waived),
		TEST(only_what_is_allowed_is_approved),
		TEST(a_pinned_revision_is_that_commit_alone),
		TEST(what_is_denied_is_denied_under_any_case_and_name),
		TEST(a_renamed_source_is_approved_by_its_present_name),
		TEST(a_publisher_must_be_known_to_be_verified),
		TEST(what_is_not_known_yet_is_not_held_against_it),
		TEST(findings_of_a_source_obey_the_policy),
		TEST(a_source_is_approved_for_some_formats),
		TEST(what_a_file_holds_outweighs_where_it_comes_from),
		TEST(without_a_word_of_sources_nothing_is_said),
		TEST(what_is_fetched_must_be_approved),
		TEST(an_address_is_judged_by_its_host),
		TEST(a_base_may_have_to_name_its_commit),
		TEST(a_source_may_name_itself),
		TEST(mistakes_are_told),
		TEST(contradictions_are_told),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
