/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/remote.h"

#include <stdio.h>
#include <stdlib.h>

#include "hub/serve.h"
#include "hub/uri.h"
#include "support.h"

static struct t_server server;
static struct pk_http *http;
static struct pk_remote remote;
static struct pk_remote_trouble why;
static struct pk_remote_settings settings;

static void set(const char *name, const char *path)
{
	char url[64];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s",
		       server.port[0], path);
	assert_int_equal(setenv(name, url, 1), 0);
}

static int begin(void **state)
{
	const struct pk_http_settings s = { .idle_seconds = 5,
					    .retries = 1,
					    .pause_ms = 10 };
	char root[4096];
	const char *const args[] = { root, NULL };

	(void)state;
	(void)snprintf(root, sizeof(root), "%s", t_path("hub/root"));
	t_serve(&server, "hub/registry.py", args);
	http = pk_http_new(&s);
	return http ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	pk_http_free(http);
	t_serve_end(&server);
	return 0;
}

/* Obeyed by the registry: see registry.py. */
static void tell(const char *command)
{
	struct pk_buf url = { 0 };
	struct pk_http_answer answer;
	struct pk_http_request request = { 0 };

	pk_buf_printf(&url, "http://127.0.0.1:%u/_control?do=", server.port[0]);
	pk_percent_put(
		&url,
		(struct pk_span){ (const uint8_t *)command, strlen(command) },
		false);
	request.url = pk_buf_str(&url);
	pk_http_do(http, &request, &answer);
	assert_int_equal(answer.problem, PK_HTTP_FINE);
	pk_http_answer_release(&answer);
	pk_buf_release(&url);
}

/* Each test begins with the registry as control.json has it. */
static int before(void **state)
{
	static const char *const unset[] = {
		"HF_TOKEN",
		"HUGGING_FACE_HUB_TOKEN",
		"HF_HUB_OFFLINE",
		"TRANSFORMERS_OFFLINE",
		"HF_HUB_DISABLE_IMPLICIT_TOKEN",
		"AWS_ACCESS_KEY_ID",
		"AWS_SECRET_ACCESS_KEY",
		"AWS_SESSION_TOKEN",
		"AWS_PROFILE",
		"AWS_ENDPOINT_URL_S3",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++)
		assert_int_equal(unsetenv(unset[i]), 0);
	assert_int_equal(setenv("HF_HOME", "/nowhere", 1), 0);
	assert_int_equal(setenv("HOME", "/nowhere", 1), 0);
	set("HF_ENDPOINT", "");
	set("AWS_ENDPOINT_URL", "/s3");
	settings = (struct pk_remote_settings){ 0 };
	tell("{\"reset\": true}");
	return 0;
}

static int after(void **state)
{
	(void)state;
	pk_remote_release(&remote);
	return 0;
}

static enum pk_status list(const char *uri)
{
	enum pk_status status;

	pk_remote_release(&remote);
	status = pk_remote_name(&remote, uri, &why);
	if (status == PK_OK)
		status = pk_remote_list(&remote, http, &settings, &why);
	assert_int_equal(status == PK_OK, !why.text[0]);
	return status;
}

static void lists(const char *uri, const char *files)
{
	struct pk_buf b = { 0 };

	if (list(uri) != PK_OK)
		fail_msg("%s: %s", uri, why.text);
	for (size_t i = 0; i < remote.count; i++)
		pk_buf_printf(&b, "%s%s", i ? " " : "", remote.files[i].path);
	assert_string_equal(pk_buf_str(&b), files);
	pk_buf_release(&b);
}

static void refuses(const char *uri, enum pk_http_problem problem,
		    const char *says)
{
	assert_int_not_equal(list(uri), PK_OK);
	if (why.problem != problem || !strstr(why.text, says))
		fail_msg("%s: %d, %s", uri, why.problem, why.text);
}

/* What comes when the file is asked for. */
static void sends(size_t i, const char *text)
{
	struct pk_meter meter = { .ceiling = 1 << 20 };
	struct pk_arena a = PK_ARENA(&meter);
	struct pk_http_request request;
	struct pk_http_answer answer;

	assert_int_equal(pk_remote_request(&remote, &remote.files[i], 0, 0, &a,
					   &request),
			 PK_OK);
	pk_http_do(http, &request, &answer);
	if (answer.problem != PK_HTTP_FINE)
		fail_msg("%s: %s", request.url, answer.message);
	assert_string_equal(pk_buf_str(&answer.body), text);
	pk_http_answer_release(&answer);
	pk_arena_release(&a);
}

/* Why the first file does not come. */
static void withholds(const char *says)
{
	struct pk_meter meter = { .ceiling = 1 << 20 };
	struct pk_arena a = PK_ARENA(&meter);
	struct pk_http_request request;
	struct pk_http_answer answer;

	assert_int_equal(
		pk_remote_request(&remote, remote.files, 0, 0, &a, &request),
		PK_OK);
	pk_http_do(http, &request, &answer);
	assert_int_equal(answer.problem, PK_HTTP_STATUS);
	why = (struct pk_remote_trouble){ 0 };
	assert_int_equal(pk_remote_explain(&remote, &answer, &why), PK_ERR_IO);
	if (!strstr(why.text, says))
		fail_msg("%s", why.text);
	pk_http_answer_release(&answer);
	pk_arena_release(&a);
}

static void a_repository_is_pinned_and_listed(void **state)
{
	const struct pk_origin *o = &remote.origin;

	(void)state;
	lists("hf://org/model", "config.json model.bin sub/part.bin");
	assert_string_equal(o->uri, "hf://org/model");
	assert_string_equal(o->host, "127.0.0.1");
	assert_string_equal(o->owner, "org");
	assert_string_equal(o->repository, "org/model");
	assert_string_equal(o->licence, "mit");
	assert_int_equal(strlen(o->commit), 40);
	assert_null(o->revision);
	assert_null(o->renamed_to);
	assert_false(o->pinned);
	assert_int_equal(o->gated, PK_NO);
	assert_int_equal(o->verified, PK_NOT_KNOWN);
	assert_int_equal(remote.files[0].identity, PK_ID_GIT_BLOB);
	assert_string_equal(remote.files[0].digest,
			    "b45ef6fec89518d314f546fd6c3025367b721684");
	assert_int_equal(remote.files[0].size, 13);
	assert_int_equal(remote.files[1].identity, PK_ID_SHA256);
	assert_string_equal(remote.files[1].digest,
			    "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f"
			    "9d09af107ee8f0");
	sends(0, "Hello, World!");
	sends(1, "aaa");
	sends(2, "part");
}

static void every_request_is_for_the_commit_that_was_found(void **state)
{
	(void)state;
	lists("hf://org/model@main", "config.json model.bin sub/part.bin");
	tell("{\"repo\": \"org/model\", \"commit\": {\"model.bin\": \"bbb\"}}");
	sends(1, "aaa");
}

static void a_part_of_a_repository(void **state)
{
	(void)state;
	lists("hf://org/model/sub", "part.bin");
	sends(0, "part");
	lists("hf://org/model/sub/", "part.bin");
	lists("hf://org/model/sub/part.bin", "part.bin");
	sends(0, "part");
	lists("hf://org/model@main/model.bin", "model.bin");
	sends(0, "aaa");
	refuses("hf://org/model/su", PK_HTTP_STATUS, "has no files");
	assert_true(why.gone);
	refuses("hf://org/model/model.bin/", PK_HTTP_STATUS, "no such file");
	assert_true(why.gone);
}

static void revisions_of_all_sorts(void **state)
{
	char uri[128];

	(void)state;
	lists("hf://org/model@v1", "config.json");
	assert_string_equal(remote.origin.revision, "v1");
	lists("hf://org/model@refs/pr/1", "config.json evil.bin model.bin "
					  "sub/part.bin");
	lists("hf://datasets/org/data", "train.bin");
	sends(0, "rows");
	(void)snprintf(uri, sizeof(uri), "hf://datasets/org/data@%s",
		       remote.origin.commit);
	lists(uri, "train.bin");
	assert_true(remote.origin.pinned);
	refuses("hf://org/model@v9", PK_HTTP_STATUS,
		"@v9 has no such branch, tag or commit");
	assert_true(why.gone);
	assert_int_equal(why.status, 404);
}

static void another_commit_than_the_one_asked_for_is_refused(void **state)
{
	char uri[128];

	(void)state;
	lists("hf://org/model", "config.json model.bin sub/part.bin");
	(void)snprintf(uri, sizeof(uri), "hf://org/model@%s",
		       remote.origin.commit);
	tell("{\"repo\": \"org/model\", \"info\": {\"sha\": "
	     "\"0123456789abcdef0123456789abcdef01234567\"}}");
	refuses(uri, PK_HTTP_CHANGED, "answers with commit 0123456789");
}

static void pages_are_followed(void **state)
{
	(void)state;
	tell("{\"page\": 1}");
	lists("hf://org/model", "config.json model.bin sub/part.bin");
	lists("s3://bucket/models", "a b+c%.bin config.json");
	settings.pages_max = 2;
	refuses("hf://org/model", PK_HTTP_TOO_LARGE, "more than 2 pages");
	settings = (struct pk_remote_settings){ .pages_max = 1 };
	refuses("s3://bucket/models/", PK_HTTP_TOO_LARGE, "more than 1 pages");
	settings = (struct pk_remote_settings){ .files_max = 2 };
	refuses("hf://org/model", PK_HTTP_TOO_LARGE, "more than 2 files");
}

static void a_listing_that_goes_on_elsewhere_is_refused(void **state)
{
	char fault[256];

	(void)state;
	lists("hf://org/model", "config.json model.bin sub/part.bin");
	(void)snprintf(fault, sizeof(fault),
		       "{\"repo\": \"org/model\", \"next\": "
		       "\"http://127.0.0.1:%u/x\"}",
		       server.port[1]);
	tell(fault);
	refuses("hf://org/model", PK_HTTP_REFUSED, "another host");
}

static void doors_are_closed_with_a_reason(void **state)
{
	(void)state;
	refuses("hf://org/none", PK_HTTP_STATUS,
		"does not exist, or is private: for a private one set "
		"HF_TOKEN");
	assert_true(why.gone);
	refuses("hf://org/private", PK_HTTP_STATUS, "set HF_TOKEN");
	assert_int_equal(setenv("HF_TOKEN", "hf_some", 1), 0);
	refuses("hf://org/private", PK_HTTP_STATUS,
		"does not exist, or the token may not read it");
	assert_int_equal(setenv("HF_TOKEN", "hf_wrong", 1), 0);
	refuses("hf://org/model", PK_HTTP_STATUS,
		"does not accept the token that is set");
	assert_int_equal(setenv("HF_TOKEN", " hf_all\n", 1), 0);
	lists("hf://org/private", "x.bin");
	sends(0, "secret");
	settings.no_token = true;
	refuses("hf://org/private", PK_HTTP_STATUS, "set HF_TOKEN");
}

static void gated_repositories_say_what_to_do(void **state)
{
	(void)state;
	lists("hf://org/gated", "x.bin");
	assert_int_equal(remote.origin.gated, PK_YES);
	withholds("/org/gated is gated: accept the terms on this page, then "
		  "set HF_TOKEN");
	assert_true(why.gated);
	assert_int_equal(setenv("HF_TOKEN", "hf_some", 1), 0);
	lists("hf://org/gated", "x.bin");
	withholds("has not accepted the terms");
	assert_int_equal(setenv("HF_TOKEN", "hf_all", 1), 0);
	lists("hf://org/gated", "x.bin");
	sends(0, "closed");
}

static void a_repository_that_was_taken_down(void **state)
{
	(void)state;
	lists("hf://org/model", "config.json model.bin sub/part.bin");
	tell("{\"repo\": \"org/model\", \"disabled\": true}");
	withholds("/org/model was disabled by the registry");
	assert_true(why.gone);
	refuses("hf://org/model", PK_HTTP_STATUS,
		"/org/model was disabled by the registry");
	assert_true(why.gone);
}

static void a_new_name_is_told(void **state)
{
	(void)state;
	tell("{\"repo\": \"org/model\", \"renamed\": \"new/model\"}");
	settings.want_verified = true;
	tell("{\"owner\": \"new\", \"verified\": true}");
	lists("hf://org/model", "config.json model.bin sub/part.bin");
	assert_string_equal(remote.origin.repository, "org/model");
	assert_string_equal(remote.origin.renamed_to, "new/model");
	assert_int_equal(remote.origin.verified, PK_YES);
	sends(1, "aaa");
}

static void owners_are_vouched_for_or_not(void **state)
{
	(void)state;
	settings.want_verified = true;
	lists("hf://org/model@v1", "config.json");
	assert_int_equal(remote.origin.verified, PK_NOT_KNOWN);
	tell("{\"owner\": \"org\", \"verified\": false}");
	lists("hf://org/model@v1", "config.json");
	assert_int_equal(remote.origin.verified, PK_NO);
	tell("{\"owner\": \"org\", \"verified\": true}");
	lists("hf://org/model@v1", "config.json");
	assert_int_equal(remote.origin.verified, PK_YES);
	tell("{\"owner\": \"org\", \"user\": true}");
	lists("hf://org/model@v1", "config.json");
	assert_int_equal(remote.origin.verified, PK_NOT_KNOWN);
}

static void the_registrys_advice_stands_beside_a_file(void **state)
{
	(void)state;
	tell("{\"repo\": \"org/model\", \"security\": {\"sub/part.bin\": "
	     "\"unsafe\", \"model.bin\": \"\\u001b[31m\", \"no\": \"safe\"}}");
	lists("hf://org/model", "config.json model.bin sub/part.bin");
	assert_string_equal(remote.files[0].advice, "");
	assert_string_equal(remote.files[1].advice, "");
	assert_string_equal(remote.files[2].advice, "unsafe");
	lists("hf://org/model/sub", "part.bin");
	assert_string_equal(remote.files[0].advice, "unsafe");
}

static void nothing_is_asked_offline(void **state)
{
	(void)state;
	assert_int_equal(setenv("HF_HUB_OFFLINE", "1", 1), 0);
	refuses("hf://org/model", PK_HTTP_REFUSED, "HF_HUB_OFFLINE is set");
	assert_int_equal(unsetenv("HF_HUB_OFFLINE"), 0);
	assert_int_equal(setenv("TRANSFORMERS_OFFLINE", "YES", 1), 0);
	refuses("hf://org/model", PK_HTTP_REFUSED,
		"TRANSFORMERS_OFFLINE is set");
	lists("s3://bucket/models2", "models2");
}

static void objects_of_a_bucket(void **state)
{
	(void)state;
	lists("s3://bucket/models", "a b+c%.bin config.json");
	assert_string_equal(remote.origin.owner, "bucket");
	assert_string_equal(remote.origin.host, "127.0.0.1");
	assert_null(remote.origin.repository);
	assert_int_equal(remote.files[0].size, 3);
	assert_int_equal(remote.files[0].identity, PK_ID_NONE);
	assert_string_equal(remote.files[0].etag,
			    "47bce5c74f589f4867dbd57e9ca9f808");
	sends(0, "aaa");
	lists("s3://bucket/models/", "a b+c%.bin config.json");
	lists("s3://bucket/models2", "models2");
	sends(0, "x");
	lists("s3://bucket/models/config.json", "config.json");
	sends(0, "{}");
	lists("s3://bucket", "models/a b+c%.bin models/config.json models2");
	refuses("s3://bucket/model", PK_HTTP_STATUS, "has no files");
	assert_true(why.gone);
	refuses("s3://no-bucket/x", PK_HTTP_STATUS, "does not exist");
	assert_true(why.gone);
}

static void requests_to_a_bucket_are_signed(void **state)
{
	(void)state;
	tell("{\"bucket\": \"bucket\", \"closed\": true}");
	refuses("s3://bucket/models", PK_HTTP_STATUS, "set AWS_ACCESS_KEY_ID");
	assert_int_equal(setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1), 0);
	assert_int_equal(setenv("AWS_SECRET_ACCESS_KEY", "wrong", 1), 0);
	refuses("s3://bucket/models", PK_HTTP_STATUS,
		"is closed to the credentials that are set");
	assert_int_equal(
		setenv("AWS_SECRET_ACCESS_KEY", "secret/EXAMPLE+KEY", 1), 0);
	lists("s3://bucket/models", "a b+c%.bin config.json");
	sends(0, "aaa");
	tell("{\"page\": 1}");
	lists("s3://bucket/models", "a b+c%.bin config.json");
	assert_int_equal(setenv("AWS_ACCESS_KEY_ID", "AKIDSESSION", 1), 0);
	refuses("s3://bucket/models", PK_HTTP_STATUS, "is closed to");
	assert_int_equal(setenv("AWS_SESSION_TOKEN", "session", 1), 0);
	lists("s3://bucket/models", "a b+c%.bin config.json");
	sends(1, "{}");
	settings.no_token = true;
	refuses("s3://bucket/models", PK_HTTP_STATUS, "set AWS_ACCESS_KEY_ID");
}

static const char *web(const char *path)
{
	static char url[256];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s",
		       server.port[0], path);
	return url;
}

static void a_file_of_the_web(void **state)
{
	(void)state;
	lists(web("/web/a%20b.bin?x=1&sig=hush"), "a b.bin");
	assert_string_equal(remote.origin.host, "127.0.0.1");
	assert_string_equal(remote.origin.uri,
			    web("/web/a%20b.bin?x=1&sig=***"));
	assert_int_equal(remote.files[0].size, 3);
	assert_string_equal(remote.files[0].etag,
			    "47bce5c74f589f4867dbd57e9ca9f808");
	sends(0, "aaa");
	lists(web("/web/x/"), "download");
	lists(web("/web/a%2fb"), "download");
	lists(web("/data/70000?status=405&times=1"), "70000");
	assert_int_equal(remote.files[0].size, 70000);
	lists(web("/data/70000?noranges=1"), "70000");
	refuses(web("/web/none?token=hush"), PK_HTTP_STATUS, "/web/none");
	assert_true(why.gone);
	assert_null(strstr(why.text, "hush"));
}

static void pages_of_the_hub_are_its_repositories(void **state)
{
	(void)state;
	lists(web("/org/model/blob/main/sub/part.bin"), "part.bin");
	assert_int_equal(remote.kind, PK_REMOTE_HF);
	assert_string_equal(remote.origin.uri,
			    "hf://org/model@main/sub/part.bin");
	lists("https://huggingface.co/org/model/tree/v1?x#y", "config.json");
	assert_string_equal(remote.origin.uri, "hf://org/model@v1");
	lists("https://huggingface.co/datasets/org/data/", "train.bin");
	assert_string_equal(remote.origin.uri, "hf://datasets/org/data");
}

static void what_a_listing_must_not_hold(void **state)
{
	static const struct {
		const char *tree, *says;
	} bad[] = {
		{ "{}", "not the JSON" },
		{ "[{\"type\": \"file\", \"path\": \"../x\", \"size\": 1}]",
		  "'.' or '..'" },
		{ "[{\"type\": \"file\", \"path\": \"a\", \"size\": 1}, "
		  "{\"type\": \"file\", \"path\": \"a\", \"size\": 2}]",
		  "twice" },
		{ "[{\"type\": \"link\", \"path\": \"a\", \"size\": 1}]",
		  "neither file nor folder" },
		{ "[{\"type\": \"file\", \"path\": \"a\"}]", "no size" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char command[512];

		(void)snprintf(command, sizeof(command),
			       "{\"repo\": \"org/model\", \"tree\": %s}",
			       bad[i].tree);
		tell(command);
		refuses("hf://org/model", PK_HTTP_BROKEN, bad[i].says);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, before, after)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_repository_is_pinned_and_listed),
		TEST(every_request_is_for_the_commit_that_was_found),
		TEST(a_part_of_a_repository),
		TEST(revisions_of_all_sorts),
		TEST(another_commit_than_the_one_asked_for_is_refused),
		TEST(pages_are_followed),
		TEST(a_listing_that_goes_on_elsewhere_is_refused),
		TEST(doors_are_closed_with_a_reason),
		TEST(gated_repositories_say_what_to_do),
		TEST(a_repository_that_was_taken_down),
		TEST(a_new_name_is_told),
		TEST(owners_are_vouched_for_or_not),
		TEST(the_registrys_advice_stands_beside_a_file),
		TEST(nothing_is_asked_offline),
		TEST(objects_of_a_bucket),
		TEST(requests_to_a_bucket_are_signed),
		TEST(a_file_of_the_web),
		TEST(pages_of_the_hub_are_its_repositories),
		TEST(what_a_listing_must_not_hold),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
