/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdlib.h>

#include "hub/remote.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define SHA256 COMMIT "0123456789abcdef01234567"
#define ORIGIN                                                    \
	"\"origin\": {\"uri\": \"hf://o/n\", \"pinned\": false, " \
	"\"verified\": \"unknown\", \"gated\": \"no\"}"
#define HEAD                                                            \
	"{\"kind\": \"hf\", \"endpoint\": \"https://huggingface.co\", " \
	"\"key\": \"/o/n/resolve/" COMMIT "/\", " ORIGIN ", \"files\": "

static enum pk_status decode(const char *text, struct pk_remote *ret)
{
	const size_t n = strlen(text);
	uint8_t *copy = malloc(n + !n);
	enum pk_status status;

	assert_non_null(copy);
	memcpy(copy, text, n);
	status = pk_remote_decode((struct pk_span){ copy, n }, ret);
	free(copy);
	return status;
}

static struct pk_remote_file files[] = {
	{ .path = "a \"b\"/\xc3\xa9.bin",
	  .size = 1ULL << 40,
	  .identity = PK_ID_SHA256,
	  .digest = SHA256,
	  .etag = "some",
	  .advice = "unsafe" },
	{ .path = "config.json",
	  .size = 0,
	  .identity = PK_ID_GIT_BLOB,
	  .digest = COMMIT },
	{ .path = "z", .size = PK_SIZE_UNKNOWN },
};

static const struct pk_remote listed = {
	.kind = PK_REMOTE_HF,
	.origin = { .uri = "hf://o/n@" COMMIT,
		    .host = "huggingface.co",
		    .owner = "o",
		    .repository = "o/n",
		    .revision = COMMIT,
		    .commit = COMMIT,
		    .licence = "mit",
		    .pinned = true,
		    .verified = PK_YES,
		    .gated = PK_NO,
		    .renamed_to = "p/n" },
	.files = files,
	.count = 3,
	.endpoint = "https://huggingface.co",
	.key = "/o/n/resolve/" COMMIT "/",
	.headers = (const char *const[]){ "authorization: Bearer hf_x", NULL },
};

static void what_was_listed_comes_back(void **state)
{
	struct pk_buf b = { 0 }, again = { 0 };
	struct pk_remote r;

	(void)state;
	assert_int_equal(pk_remote_encode(&listed, &b), PK_OK);
	assert_int_equal(decode(pk_buf_str(&b), &r), PK_OK);
	assert_int_equal(r.kind, PK_REMOTE_HF);
	assert_int_equal(r.count, 3);
	assert_string_equal(r.files[0].path, files[0].path);
	assert_true(r.files[0].size == 1ULL << 40);
	assert_int_equal(r.files[0].identity, PK_ID_SHA256);
	assert_string_equal(r.files[0].digest, SHA256);
	assert_string_equal(r.files[0].etag, "some");
	assert_string_equal(r.files[0].advice, "unsafe");
	assert_int_equal(r.files[1].identity, PK_ID_GIT_BLOB);
	assert_true(r.files[2].size == PK_SIZE_UNKNOWN);
	assert_string_equal(r.origin.licence, "mit");
	assert_string_equal(r.origin.renamed_to, "p/n");
	assert_true(r.origin.pinned);
	assert_int_equal(r.origin.verified, PK_YES);
	assert_int_equal(pk_remote_encode(&r, &again), PK_OK);
	assert_string_equal(pk_buf_str(&b), pk_buf_str(&again));
	pk_remote_release(&r);
	pk_buf_release(&b);
	pk_buf_release(&again);
}

static void secrets_do_not_travel(void **state)
{
	struct pk_buf b = { 0 };
	const struct pk_remote web = {
		.kind = PK_REMOTE_WEB,
		.origin = { .uri = "https://h/x?token=***" },
		.endpoint = "https://h",
		.key = "/x?token=hush",
	};

	(void)state;
	assert_int_equal(pk_remote_encode(&listed, &b), PK_OK);
	assert_int_equal(pk_remote_encode(&web, &b), PK_OK);
	assert_null(strstr(pk_buf_str(&b), "hf_x"));
	assert_null(strstr(pk_buf_str(&b), "hush"));
	pk_buf_release(&b);
}

static void a_request_needs_what_did_not_travel(void **state)
{
	struct pk_meter meter = { .ceiling = 1 << 20 };
	struct pk_arena a = PK_ARENA(&meter);
	struct pk_http_request request;
	struct pk_remote_trouble why;
	struct pk_remote r;

	(void)state;
	assert_int_equal(
		decode("{\"kind\": \"web\", \"endpoint\": \"https://h\", " ORIGIN
		       ", \"files\": [{\"path\": \"x\"}]}",
		       &r),
		PK_OK);
	assert_int_equal(pk_remote_request(&r, r.files, 0, 0, &a, &request),
			 PK_ERR_USAGE);
	assert_int_equal(pk_remote_list(&r, NULL, NULL, &why), PK_ERR_USAGE);
	pk_remote_release(&r);
	pk_arena_release(&a);
}

static void an_answer_is_explained_without_the_place(void **state)
{
	const struct pk_http_answer gated = { .problem = PK_HTTP_STATUS,
					      .status = 401,
					      .error_code = "GatedRepo" };
	struct pk_remote_trouble why = { 0 };
	struct pk_remote r;

	(void)state;
	assert_int_equal(decode(HEAD "[]}", &r), PK_OK);
	assert_int_equal(pk_remote_explain(&r, &gated, &why), PK_ERR_IO);
	assert_true(why.gated);
	assert_non_null(strstr(why.text, "hf://o/n is gated"));
	pk_remote_release(&r);
}

static void what_cannot_have_been_listed_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		HEAD "[]",
		HEAD "{}}",
		HEAD "[]} x",
		HEAD "[{}]}",
		HEAD "[{\"path\": \"../x\"}]}",
		HEAD "[{\"path\": \"/x\"}]}",
		HEAD "[{\"path\": \"a\\u0000b\"}]}",
		HEAD "[{\"path\": \"a\\nb\"}]}",
		HEAD "[{\"path\": \"a\\\\b\"}]}",
		HEAD "[{\"path\": 5}]}",
		HEAD "[{\"path\": \"x\"}, {\"path\": \"x\"}]}",
		HEAD "[{\"path\": \"x\"}, {\"path\": \"x-\"}, "
		     "{\"path\": \"x/y\"}]}",
		HEAD "[{\"path\": \"x\", \"size\": -1}]}",
		HEAD "[{\"path\": \"x\", \"size\": 18446744073709551615}]}",
		HEAD "[{\"path\": \"x\", \"size\": \"1\"}]}",
		HEAD "[{\"path\": \"x\", \"sha256\": \"" COMMIT "\"}]}",
		HEAD "[{\"path\": \"x\", \"git-blob\": \"" COMMIT
		     "\", \"sha256\": \"" SHA256 "\"}]}",
		HEAD "[{\"path\": \"x\", \"git-blob\": \"" SHA256 "\"}]}",
		HEAD "[{\"path\": \"x\", \"advice\": "
		     "\"longer than an advice\"}]}",
		HEAD "[{\"path\": \"x\", \"etag\": \"a\\u202eb\"}]}",
		"{\"kind\": \"ftp\", \"endpoint\": \"https://h\", " ORIGIN
		", \"files\": []}",
		"{\"kind\": \"s3\", \"endpoint\": \"https://h\", " ORIGIN
		", \"files\": []}",
		"{\"kind\": \"hf\", \"endpoint\": \"file:///etc\", " ORIGIN
		", \"files\": []}",
		"{\"kind\": \"hf\", \"endpoint\": \"https://h/\", " ORIGIN
		", \"files\": []}",
		"{\"kind\": \"hf\", \"endpoint\": \"https://h\", "
		"\"key\": \"x\", " ORIGIN ", \"files\": []}",
		"{\"kind\": \"hf\", \"endpoint\": \"https://h\", "
		"\"origin\": {\"uri\": \"x\", \"pinned\": true, "
		"\"verified\": \"no\", \"gated\": \"no\"}, \"files\": []}",
		"{\"kind\": \"hf\", \"endpoint\": \"https://h\", "
		"\"origin\": {\"uri\": \"x\", \"commit\": \"x\", "
		"\"verified\": \"no\", \"gated\": \"no\"}, \"files\": []}",
		"{\"kind\": \"hf\", \"endpoint\": \"https://h\", "
		"\"origin\": {\"verified\": \"no\", \"gated\": \"no\"}, "
		"\"files\": []}",
		"{\"kind\": \"hf\", \"endpoint\": \"https://h\", "
		"\"origin\": {\"uri\": \"x\", \"verified\": \"often\", "
		"\"gated\": \"no\"}, \"files\": []}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pk_remote r;

		if (decode(bad[i], &r) != PK_ERR_IO)
			fail_msg("taken: %s", bad[i]);
		pk_remote_release(&r);
	}
}

static void survives_damage(void **state)
{
	struct pk_buf b = { 0 };
	struct pk_remote r;

	(void)state;
	assert_int_equal(pk_remote_encode(&listed, &b), PK_OK);
	for (size_t i = 0; i < b.len; i++) {
		const char was = b.p[i];

		for (unsigned bit = 0; bit < 8; bit += 3) {
			b.p[i] = (char)(was ^ (1 << bit));
			(void)!pk_remote_decode(pk_buf_span(&b), &r);
			pk_remote_release(&r);
		}
		b.p[i] = was;
		if (b.p[i] == '\n')
			continue;
		assert_int_equal(
			pk_remote_decode((struct pk_span){ (uint8_t *)b.p, i },
					 &r),
			PK_ERR_IO);
		pk_remote_release(&r);
	}
	pk_buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_listed_comes_back),
		cmocka_unit_test(secrets_do_not_travel),
		cmocka_unit_test(a_request_needs_what_did_not_travel),
		cmocka_unit_test(an_answer_is_explained_without_the_place),
		cmocka_unit_test(what_cannot_have_been_listed_is_refused),
		cmocka_unit_test(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
