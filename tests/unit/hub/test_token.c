/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static struct pk_meter meter = { .ceiling = 1 << 20 };
static struct pk_arena arena = { .meter = &meter };
static struct pk_remote_trouble why;
static char folder[] = "/tmp/picket-token-XXXXXX";

static const char *below(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(below(name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void set(const char *name, const char *value)
{
	assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static int before(void **state)
{
	static const char *const names[] = {
		"HF_TOKEN",
		"HUGGING_FACE_HUB_TOKEN",
		"HF_TOKEN_PATH",
		"HF_HOME",
		"XDG_CACHE_HOME",
		"HF_HUB_DISABLE_IMPLICIT_TOKEN",
		"AWS_ACCESS_KEY_ID",
		"AWS_SECRET_ACCESS_KEY",
		"AWS_SESSION_TOKEN",
		"AWS_PROFILE",
		"AWS_REGION",
		"AWS_DEFAULT_REGION",
		"AWS_SHARED_CREDENTIALS_FILE",
		"AWS_CONFIG_FILE",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		set(names[i], NULL);
	set("HOME", folder);
	return 0;
}

static const char *token(void)
{
	const char *ret;

	assert_int_equal(pk_hf_token(&arena, &ret, &why), PK_OK);
	return ret;
}

static void tokens_are_looked_for_in_order(void **state)
{
	(void)state;
	assert_null(token());
	set("XDG_CACHE_HOME", folder);
	assert_int_equal(mkdir(below("huggingface"), 0700), 0);
	write_file("huggingface/token", "hf_xdg\n");
	assert_string_equal(token(), "hf_xdg");
	write_file("token", "  hf_home \r\n");
	set("HF_HOME", folder);
	assert_string_equal(token(), "hf_home");
	write_file("other", "hf_path");
	set("HF_TOKEN_PATH", "~/other");
	assert_string_equal(token(), "hf_path");
	set("HUGGING_FACE_HUB_TOKEN", "hf_old");
	assert_string_equal(token(), "hf_old");
	set("HF_TOKEN", "hf_new\n");
	assert_string_equal(token(), "hf_new");
	set("HF_TOKEN", "  ");
	assert_string_equal(token(), "hf_old");
	set("HF_HUB_DISABLE_IMPLICIT_TOKEN", "true");
	assert_null(token());
}

static void what_is_no_token_is_not_sent_nor_shown(void **state)
{
	const char *ret;

	(void)state;
	set("HF_TOKEN", "hf_x\r\nX-Evil: 1");
	assert_int_equal(pk_hf_token(&arena, &ret, &why), PK_ERR_IO);
	assert_non_null(strstr(why.text, "HF_TOKEN"));
	assert_null(strstr(why.text, "Evil"));
	set("HF_TOKEN", "hf_\xc3\xa9");
	assert_int_equal(pk_hf_token(&arena, &ret, &why), PK_ERR_IO);
	set("HF_TOKEN", NULL);
	set("HF_TOKEN_PATH", folder);
	assert_null(token());
	set("HF_TOKEN_PATH", "/dev/zero");
	assert_null(token());
}

static struct pk_signer signer(void)
{
	struct pk_signer s;

	assert_int_equal(pk_aws_signer(&arena, &s, &why), PK_OK);
	return s;
}

static void profiles_of_aws(void **state)
{
	struct pk_signer s = signer();

	(void)state;
	assert_null(s.key);
	assert_string_equal(s.region, "us-east-1");
	write_file("credentials",
		   "# x\n[default]\naws_access_key_id = AKD\r\n"
		   "aws_secret_access_key=sd\n\n[ other ]\n"
		   "aws_access_key_id=AKO\naws_secret_access_key = s=o\n"
		   "aws_session_token = to\n[half]\naws_access_key_id=AKH\n");
	write_file("config", "[default]\nregion = eu-west-1\n"
			     "[profile other]\nregion=eu-central-1\n");
	set("AWS_SHARED_CREDENTIALS_FILE", below("credentials"));
	set("AWS_CONFIG_FILE", below("config"));
	s = signer();
	assert_string_equal(s.key, "AKD");
	assert_string_equal(s.secret, "sd");
	assert_null(s.session);
	assert_string_equal(s.region, "eu-west-1");
	set("AWS_PROFILE", "other");
	s = signer();
	assert_string_equal(s.key, "AKO");
	assert_string_equal(s.secret, "s=o");
	assert_string_equal(s.session, "to");
	assert_string_equal(s.region, "eu-central-1");
	set("AWS_PROFILE", "half");
	assert_null(signer().key);
	set("AWS_ACCESS_KEY_ID", "AKE");
	set("AWS_SECRET_ACCESS_KEY", "se");
	set("AWS_REGION", "ap-south-1");
	s = signer();
	assert_string_equal(s.key, "AKE");
	assert_string_equal(s.region, "ap-south-1");
}

static void a_region_is_no_host(void **state)
{
	struct pk_signer s;

	(void)state;
	set("AWS_REGION", "evil.example/");
	assert_int_equal(pk_aws_signer(&arena, &s, &why), PK_ERR_IO);
	set("AWS_REGION", "us-east-1");
	set("AWS_ACCESS_KEY_ID", "a\nb");
	assert_int_equal(pk_aws_signer(&arena, &s, &why), PK_ERR_IO);
}

static int begin(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
	static const char *const names[] = { "huggingface/token", "token",
					     "other", "credentials", "config" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(below(names[i]));
	(void)rmdir(below("huggingface"));
	pk_arena_release(&arena);
	return rmdir(folder);
}

#define TEST(fn) cmocka_unit_test_setup(fn, before)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tokens_are_looked_for_in_order),
		TEST(what_is_no_token_is_not_sent_nor_shown),
		TEST(profiles_of_aws),
		TEST(a_region_is_no_host),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
