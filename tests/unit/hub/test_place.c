/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "hub/place.h"

static struct pk_meter meter = { .ceiling = 1 << 20 };
static struct pk_arena arena = { .meter = &meter };
static struct pk_remote_trouble why;

#define HUB    "https://huggingface.co"
#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static struct pk_place parse_at(const char *uri, const char *hub)
{
	struct pk_place p;

	assert_int_equal(pk_place_parse(uri, hub, &arena, &p, &why), PK_OK);
	return p;
}

static void is_repo(const char *uri, const char *type, const char *id,
		    const char *revision, const char *path)
{
	const struct pk_place p = parse_at(uri, HUB);

	assert_int_equal(p.kind, PK_REMOTE_HF);
	assert_string_equal(p.type, type);
	assert_string_equal(p.id, id);
	if (revision)
		assert_string_equal(p.revision, revision);
	else
		assert_null(p.revision);
	assert_string_equal(p.path, path);
}

static void a_repository_has_a_revision_and_a_path(void **state)
{
	(void)state;
	is_repo("hf://org/name", "models", "org/name", NULL, "");
	is_repo("hf://org/name/", "models", "org/name", NULL, "");
	is_repo("hf://org/name@main", "models", "org/name", "main", "");
	is_repo("hf://org/name@v1.0/a/b.bin", "models", "org/name", "v1.0",
		"a/b.bin");
	is_repo("hf://org/name/a@b.bin", "models", "org/name", NULL, "a@b.bin");
	is_repo("hf://datasets/org/name@" COMMIT "/x", "datasets", "org/name",
		COMMIT, "x");
	is_repo("hf://spaces/o/n", "spaces", "o/n", NULL, "");
	is_repo("hf://gpt2", "models", "gpt2", NULL, "");
	is_repo("hf://gpt2@main/model.bin", "models", "gpt2", "main",
		"model.bin");
}

static void slashes_in_a_revision_are_known_or_encoded(void **state)
{
	(void)state;
	is_repo("hf://o/n@refs/pr/1", "models", "o/n", "refs/pr/1", "");
	is_repo("hf://o/n@refs/pr/1/a.bin", "models", "o/n", "refs/pr/1",
		"a.bin");
	is_repo("hf://o/n@refs/convert/parquet/x", "models", "o/n",
		"refs/convert/parquet", "x");
	is_repo("hf://o/n@refs%2Fpr%2F1/a.bin", "models", "o/n", "refs/pr/1",
		"a.bin");
	is_repo("hf://o/n@feature%2fx", "models", "o/n", "feature/x", "");
}

static void paths_are_meant_as_they_stand(void **state)
{
	(void)state;
	is_repo("hf://o/n/a%20b?c#d", "models", "o/n", NULL, "a%20b?c#d");
	assert_string_equal(parse_at("s3://bucket/a%20b", HUB).path, "a%20b");
}

static void pages_of_the_hub_are_repositories(void **state)
{
	(void)state;
	is_repo(HUB "/org/name", "models", "org/name", NULL, "");
	is_repo(HUB "/org/name/", "models", "org/name", NULL, "");
	is_repo(HUB "/org/name/tree/main", "models", "org/name", "main", "");
	is_repo(HUB "/org/name/tree/refs%2Fpr%2F2", "models", "org/name",
		"refs/pr/2", "");
	is_repo(HUB "/org/name/blob/main/a%20b/c.bin?download=true#L1",
		"models", "org/name", "main", "a b/c.bin");
	is_repo(HUB "/datasets/o/n/resolve/" COMMIT "/x.bin", "datasets", "o/n",
		COMMIT, "x.bin");
	is_repo(HUB "/gpt2/resolve/main/x", "models", "gpt2", "main", "x");
	is_repo("https://HuggingFace.co:443/o/n", "models", "o/n", NULL, "");
	is_repo("https://hf.co/o/n", "models", "o/n", NULL, "");
}

static void a_mirror_has_pages_too(void **state)
{
	const char *mirror = "http://127.0.0.1:8080/hub";
	struct pk_place p =
		parse_at("http://127.0.0.1:8080/hub/o/n/raw/v1/x", mirror);

	(void)state;
	assert_int_equal(p.kind, PK_REMOTE_HF);
	assert_string_equal(p.revision, "v1");
	p = parse_at("http://127.0.0.1:8080/hub/datasets/o/n/resolve/v1/x",
		     mirror);
	assert_string_equal(p.type, "datasets");
	p = parse_at("http://127.0.0.1:8080/hub/o/n", mirror);
	assert_int_equal(p.kind, PK_REMOTE_WEB);
	p = parse_at("http://127.0.0.1:8080/other/o/n/raw/v1/x", mirror);
	assert_int_equal(p.kind, PK_REMOTE_WEB);
	p = parse_at("http://127.0.0.1:8081/hub/o/n/raw/v1/x", mirror);
	assert_int_equal(p.kind, PK_REMOTE_WEB);
}

static void a_bucket_has_a_prefix(void **state)
{
	struct pk_place p = parse_at("s3://my.bucket-1/a/b", HUB);

	(void)state;
	assert_int_equal(p.kind, PK_REMOTE_S3);
	assert_string_equal(p.bucket, "my.bucket-1");
	assert_string_equal(p.path, "a/b");
	assert_false(p.folder);
	p = parse_at("s3://my.bucket-1/a/b/", HUB);
	assert_string_equal(p.path, "a/b");
	assert_true(p.folder);
	assert_string_equal(parse_at("s3://bucket", HUB).path, "");
}

static void a_web_page_is_a_site_and_a_target(void **state)
{
	struct pk_place p =
		parse_at("https://Host.Example:8443/a/b.pt?x=1&y=<2>#f", HUB);

	(void)state;
	assert_int_equal(p.kind, PK_REMOTE_WEB);
	assert_string_equal(p.site, "https://host.example:8443");
	assert_string_equal(p.target, "/a/b.pt?x=1&y=%3C2%3E");
	p = parse_at("https://host.example", HUB);
	assert_string_equal(p.target, "/");
	p = parse_at("https://[2001:DB8::1]/\xc3\xa9", HUB);
	assert_string_equal(p.site, "https://[2001:db8::1]");
	assert_string_equal(p.target, "/%C3%A9");
}

static void what_is_no_place_is_told(void **state)
{
	static const char *const bad[] = {
		"hf://",
		"hf:///name",
		"hf://org/",
		"hf://org/name@",
		"hf://org/name@/x",
		"hf://org/..",
		"hf://-org/name",
		"hf://org/name.",
		"hf://org/na--me",
		"hf://org/na..me",
		"hf://org/name.git",
		"hf://org/na me",
		"hf://org/n%61me",
		"hf://org/name/../x",
		"hf://org/name/./x",
		"hf://org/name//x",
		"hf://org/name/a\\b",
		"hf://org/name/a\nb",
		"hf://org/name@a..b",
		"hf://org/name@-x",
		"hf://org/name@a b",
		"hf://org/name@a%00b",
		"hf://org/name@%zz",
		"hf://org/name@%2e%2e",
		"hf://org/name@a%2f..%2fb",
		"hf://org/name@\xff",
		HUB,
		HUB "/",
		HUB "/docs/hub/api",
		HUB "/org/name/discussions/1",
		HUB "/org/name/tree/",
		HUB "/org/name/blob/main/%2e%2e/x",
		HUB "/org/name/blob/main/a%5cb",
		"s3://",
		"s3://ab/x",
		"s3://Bucket/x",
		"s3://buc_ket/x",
		"s3://bu..cket/x",
		"s3://-bucket/x",
		"s3://bucket/../x",
		"s3://bucket/a//b",
		"https://",
		"https:///x",
		"https://user:pass@host/x",
		"https://host:99999/x",
		"https://host:0/x",
		"https://host:/x",
		"https://ho st/x",
		"https://host/a b",
		"https://ho<st/x",
		"ftp://host/x",
		"model.bin",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pk_place p;

		why = (struct pk_remote_trouble){ 0 };
		if (pk_place_parse(bad[i], HUB, &arena, &p, &why) !=
		    PK_ERR_USAGE)
			fail_msg("'%s' was taken", bad[i]);
		assert_true(why.text[0]);
		assert_null(strchr(why.text, '\n'));
		assert_int_equal(why.problem, PK_HTTP_FINE);
	}
}

static void an_id_of_97_letters_is_too_long(void **state)
{
	char id[98];

	(void)state;
	memset(id, 'a', 97);
	id[97] = '\0';
	assert_false(pk_repo_id_ok((struct pk_span){ (uint8_t *)id, 97 }));
	assert_true(pk_repo_id_ok((struct pk_span){ (uint8_t *)id, 96 }));
}

static int release(void **state)
{
	(void)state;
	pk_arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repository_has_a_revision_and_a_path),
		cmocka_unit_test(slashes_in_a_revision_are_known_or_encoded),
		cmocka_unit_test(paths_are_meant_as_they_stand),
		cmocka_unit_test(pages_of_the_hub_are_repositories),
		cmocka_unit_test(a_mirror_has_pages_too),
		cmocka_unit_test(a_bucket_has_a_prefix),
		cmocka_unit_test(a_web_page_is_a_site_and_a_target),
		cmocka_unit_test(what_is_no_place_is_told),
		cmocka_unit_test(an_id_of_97_letters_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
