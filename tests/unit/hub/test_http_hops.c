/* SPDX-License-Identifier: Apache-2.0 */
/* Where a request may be led, and what it takes along. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hub/address.h"
#include "hub/web.h"
#include "support.h"

static const char *const secrets[] = { "Authorization: Bearer s3cret", NULL };

static enum pk_http_problem get_with_secrets(const char *path)
{
	return t_ask(&(struct pk_http_request){ .url = t_at(path),
						.secrets = secrets });
}

static void a_redirect_is_followed(void **state)
{
	(void)state;
	t_forget();
	assert_int_equal(
		get_with_secrets("/a?redirect=/echo"
				 "&header=X-Linked-Etag:%22abc%22"
				 "&header=X-Linked-Size:1234"
				 "&header=X-Repo-Commit:0123456789abcdef"),
		PK_HTTP_FINE);
	assert_int_equal(t_answer.status, 200);
	assert_string_equal(t_answer.linked_etag, "abc");
	assert_string_equal(t_answer.linked_size, "1234");
	assert_string_equal(t_answer.commit, "0123456789abcdef");
	assert_string_equal(t_answer.location, "/echo");
	assert_string_equal(t_answer.url, t_at("/echo"));
	/* At home, the token comes along. */
	assert_non_null(strstr(pk_buf_str(&t_answer.body), "s3cret"));
}

static void a_head_is_followed_to_what_is_relative(void **state)
{
	(void)state;
	assert_int_equal(t_ask(&(struct pk_http_request){
				 .url = t_at("/x/y?redirect=../data/77"
					     "&status=307"),
				 .head = true }),
			 PK_HTTP_FINE);
	assert_int_equal(t_answer.length, 77);
	assert_string_equal(t_answer.url, t_at("/data/77"));
}

static void secrets_stay_where_they_belong(void **state)
{
	(void)state;
	t_forget();
	assert_int_equal(
		get_with_secrets("/a?redirect=http://127.0.0.1:PORT1/echo"),
		PK_HTTP_FINE);
	assert_null(strstr(pk_buf_str(&t_answer.body), "s3cret"));
	assert_int_equal(t_saw("/a", "s3cret"), 1);
	/* Another name for the same machine is another place. */
	assert_int_equal(
		get_with_secrets("/a?redirect=http://localhost:PORT0/echo"),
		PK_HTTP_FINE);
	assert_null(strstr(pk_buf_str(&t_answer.body), "s3cret"));
}

/* Whoever was given the lead must not spend the token of another. */
static void secrets_do_not_come_back(void **state)
{
	(void)state;
	assert_int_equal(
		get_with_secrets("/a?redirect=http://127.0.0.1:PORT1/b%3F"
				 "redirect%3Dhttp://127.0.0.1:PORT0/echo"),
		PK_HTTP_FINE);
	assert_null(strstr(pk_buf_str(&t_answer.body), "s3cret"));
}

static void other_schemes_are_not_followed(void **state)
{
	static const char *const to[] = {
		"file:///etc/passwd",
		"ftp://127.0.0.1/x",
		"gopher://127.0.0.1/x",
		"data:text/plain,x",
		"http://u:p@localhost/",
		"//u@localhost/",
		"http://",
		"dict://localhost:11211/stats",
	};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(to) / sizeof(*to); i++) {
		(void)snprintf(path, sizeof(path), "/a?redirect=%s", to[i]);
		assert_int_equal(t_get(path), PK_HTTP_REFUSED);
		assert_true(t_says("refused to be redirected to"));
	}
}

static void a_redirect_to_nowhere_is_a_failure(void **state)
{
	(void)state;
	assert_int_equal(t_get("/a?status=302"), PK_HTTP_STATUS);
	assert_int_equal(t_answer.status, 302);
	assert_int_equal(t_get("/a?status=304"), PK_HTTP_STATUS);
}

static void it_does_not_go_round_in_circles(void **state)
{
	(void)state;
	t_forget();
	assert_int_equal(t_get("/a?loop=1"), PK_HTTP_REFUSED);
	assert_true(t_says("more than 5 redirects"));
	assert_int_equal(t_saw("/a", "\"GET\""), 6);
}

static void plain_http_is_for_this_machine_alone(void **state)
{
	(void)state;
	assert_int_equal(t_ask(&(struct pk_http_request){
				 .url = "http://example.com/x?sig=s3cret" }),
			 PK_HTTP_REFUSED);
	assert_true(t_says("example.com: refused, as http://"));
	assert_null(strstr(t_answer.message, "s3cret"));
	assert_int_equal(t_get("/a?redirect=http://example.com/x"),
			 PK_HTTP_REFUSED);
	assert_true(t_says("redirected to example.com: refused, as http://"));
	assert_int_equal(
		t_ask(&(struct pk_http_request){ .url = "http://10.0.0.1/x" }),
		PK_HTTP_REFUSED);
}

static void nobody_is_led_into_a_private_network(void **state)
{
	static const char *const to[] = {
		"https://10.0.0.1/",
		"https://192.168.1.1/",
		"https://169.254.169.254/latest/meta-data/",
		"https://[fd00::1]/",
		"https://[::ffff:10.0.0.1]/",
		"https://0/",
		"https://0x0a000001/",
		"https://2852039166/",
		"https://10.1/",
	};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(to) / sizeof(*to); i++) {
		(void)snprintf(path, sizeof(path), "/a?redirect=%s", to[i]);
		assert_int_equal(t_get(path), PK_HTTP_REFUSED);
		assert_true(t_says("redirected to"));
		assert_true(t_says("refused, as it is"));
	}
}

/* Another name of this machine than "localhost", if it has one. */
static bool find_name(char *ret, size_t size)
{
	struct addrinfo *found = NULL;
	bool here;

	if (gethostname(ret, size) != 0 || !strcmp(ret, "localhost") ||
	    getaddrinfo(ret, NULL, NULL, &found) != 0)
		return false;
	here = pk_reach_sockaddr(found->ai_addr, found->ai_addrlen) ==
	       PK_REACH_LOOP;
	freeaddrinfo(found);
	return here;
}

static void a_name_is_judged_by_where_it_leads(void **state)
{
	char name[128], url[512];

	(void)state;
	if (!find_name(name, sizeof(name)))
		skip();
	(void)snprintf(url, sizeof(url), "https://%s/x", name);
	assert_int_equal(t_ask(&(struct pk_http_request){ .url = url }),
			 PK_HTTP_REFUSED);
	assert_true(t_says("refused, as its name leads to this machine"));
	(void)snprintf(url, sizeof(url), "/a?redirect=https://%s:PORT1/x",
		       name);
	assert_int_equal(t_get(url), PK_HTTP_REFUSED);
	assert_true(t_says("refused, as its name leads to this machine"));
}

static void some_addresses_are_for_nobody(void **state)
{
	static const char *const urls[] = {
		"https://169.254.169.254/x", "https://0.0.0.0/x",
		"https://[fe80::1]/x",       "https://224.0.0.1/x",
		"https://[fd00:ec2::254]/x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		assert_int_equal(
			t_ask(&(struct pk_http_request){ .url = urls[i] }),
			PK_HTTP_REFUSED);
		assert_true(t_says("refused, as it is"));
	}
}

static void a_url_is_https_or_none(void **state)
{
	static const char *const urls[] = {
		"file:///etc/passwd",
		"ftp://localhost/x",
		"localhost/x",
		"https://",
		"",
		"https://u:p@x.org/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		assert_int_equal(
			t_ask(&(struct pk_http_request){ .url = urls[i] }),
			PK_HTTP_REFUSED);
		assert_true(t_says("refused to ask for"));
		assert_null(strstr(t_answer.message, "u:p"));
	}
}

/* The machine itself is spoken to directly, whatever the environment says. */
static void no_proxy_stands_between_us_and_ourselves(void **state)
{
	(void)state;
	assert_int_equal(setenv("http_proxy", "http://10.0.0.1:1", 1), 0);
	assert_int_equal(setenv("all_proxy", "http://10.0.0.1:1", 1), 0);
	assert_int_equal(t_get("/data/10"), PK_HTTP_FINE);
	assert_int_equal(unsetenv("http_proxy"), 0);
	assert_int_equal(unsetenv("all_proxy"), 0);
}

static void the_proxy_of_the_environment_is_asked(void **state)
{
	char proxy[64];

	(void)state;
	(void)snprintf(proxy, sizeof(proxy), "http://user:s3cret@127.0.0.1:%u",
		       t_web.port[1]);
	assert_int_equal(setenv("https_proxy", proxy, 1), 0);
	assert_int_equal(
		t_ask(&(struct pk_http_request){ .url = "https://hub.example/x",
						 .secrets = secrets }),
		PK_HTTP_UNREACHABLE);
	assert_true(t_says("not reached: the proxy answers 501"));
	assert_null(strstr(t_answer.message, "s3cret"));
	/* Where it leads is the proxy's business, but not what is asked. */
	assert_int_equal(t_ask(&(struct pk_http_request){
				 .url = "https://169.254.169.254/x" }),
			 PK_HTTP_REFUSED);
	assert_int_equal(unsetenv("https_proxy"), 0);
}

/* An organisation's own registry; over a proxy, so that nothing is sent. */
static void a_private_network_can_be_opened(void **state)
{
	const struct pk_http_settings s = { .private_hosts = true,
					    .retries = 1,
					    .pause_ms = 1 };
	struct pk_http *h = pk_http_new(&s), *strict = t_http;
	char proxy[64];

	(void)state;
	(void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u",
		       t_web.port[1]);
	assert_int_equal(setenv("https_proxy", proxy, 1), 0);
	assert_int_equal(t_get("/a?redirect=https://10.0.0.1/"),
			 PK_HTTP_REFUSED);
	t_http = h;
	assert_int_equal(t_get("/a?redirect=https://10.0.0.1/"),
			 PK_HTTP_UNREACHABLE);
	assert_true(t_says("the proxy answers 501"));
	assert_int_equal(t_get("/a?redirect=https://169.254.169.254/"),
			 PK_HTTP_REFUSED);
	t_http = strict;
	pk_http_free(h);
	assert_int_equal(unsetenv("https_proxy"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_WEB_TEST(a_redirect_is_followed),
		T_WEB_TEST(a_head_is_followed_to_what_is_relative),
		T_WEB_TEST(secrets_stay_where_they_belong),
		T_WEB_TEST(secrets_do_not_come_back),
		T_WEB_TEST(other_schemes_are_not_followed),
		T_WEB_TEST(a_redirect_to_nowhere_is_a_failure),
		T_WEB_TEST(it_does_not_go_round_in_circles),
		T_WEB_TEST(plain_http_is_for_this_machine_alone),
		T_WEB_TEST(nobody_is_led_into_a_private_network),
		T_WEB_TEST(a_name_is_judged_by_where_it_leads),
		T_WEB_TEST(some_addresses_are_for_nobody),
		T_WEB_TEST(a_url_is_https_or_none),
		T_WEB_TEST(no_proxy_stands_between_us_and_ourselves),
		T_WEB_TEST(the_proxy_of_the_environment_is_asked),
		T_WEB_TEST(a_private_network_can_be_opened),
	};

	return cmocka_run_group_tests(tests, t_web_begin, t_web_end);
}
