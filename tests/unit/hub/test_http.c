/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hub/web.h"
#include "support.h"

static void a_file_comes_whole(void **state)
{
	(void)state;
	assert_int_equal(t_get("/data/100000"), PK_HTTP_FINE);
	assert_int_equal(t_answer.status, 200);
	assert_true(t_is_data(0, 100000));
	assert_int_equal(t_answer.length, 100000);
	assert_int_equal(t_answer.total, 100000);
	assert_int_equal(t_answer.received, 100000);
	assert_true(t_answer.ranges);
	assert_string_equal(t_answer.etag, "\"data-100000\"");
	assert_string_equal(t_answer.url, t_at("/data/100000"));
}

static void an_empty_file_is_a_file(void **state)
{
	(void)state;
	assert_int_equal(t_get("/data/0"), PK_HTTP_FINE);
	assert_int_equal(t_answer.total, 0);
	assert_int_equal(t_get_part("/data/0", 0, 10), PK_HTTP_STATUS);
	assert_int_equal(t_answer.status, 416);
	assert_int_equal(t_answer.total, 0);
}

static void a_head_tells_and_brings_nothing(void **state)
{
	(void)state;
	assert_int_equal(t_ask(&(struct pk_http_request){
				 .url = t_at("/data/1000"), .head = true }),
			 PK_HTTP_FINE);
	assert_int_equal(t_answer.length, 1000);
	assert_int_equal(t_answer.total, 1000);
	assert_int_equal(t_answer.body.len, 0);
	assert_int_equal(t_ask(&(struct pk_http_request){ .url = t_at("/none"),
							  .head = true }),
			 PK_HTTP_STATUS);
	assert_int_equal(t_answer.status, 404);
}

static void a_failure_is_said_with_its_reason(void **state)
{
	(void)state;
	assert_int_equal(
		t_get("/data/1?status=404&header=X-Error-Code:EntryNotFound"
		      "&header=X-Error-Message:No%20such%20entry&X=secret"),
		PK_HTTP_STATUS);
	assert_true(t_says("answers 404 (EntryNotFound)"));
	assert_null(strstr(t_answer.message, "secret"));
	assert_string_equal(t_answer.error_code, "EntryNotFound");
	assert_string_equal(t_answer.error_message, "No such entry");
	assert_string_equal(pk_buf_str(&t_answer.body), "told to answer so");
}

static void what_may_pass_is_tried_again(void **state)
{
	(void)state;
	t_forget();
	assert_int_equal(t_get("/data/10?status=503&times=2"), PK_HTTP_FINE);
	assert_true(t_is_data(0, 10));
	assert_int_equal(t_get("/data/11?status=503"), PK_HTTP_STATUS);
	assert_int_equal(t_answer.status, 503);
	assert_int_equal(t_saw("/data/11", "\"GET\""), 3);
}

static void what_will_not_pass_is_asked_once(void **state)
{
	(void)state;
	t_forget();
	assert_int_equal(t_get("/data/10?status=403"), PK_HTTP_STATUS);
	assert_int_equal(t_saw("/data/10", "\"GET\""), 1);
}

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void it_waits_as_long_as_it_is_asked_to(void **state)
{
	int64_t begun = now_ms();

	(void)state;
	assert_int_equal(t_get("/data/10?status=429&times=1&retry=1"),
			 PK_HTTP_FINE);
	assert_true(now_ms() - begun >= 1000);
	begun = now_ms();
	assert_int_equal(t_get("/data/10?status=429&times=1"
			       "&header=RateLimit:%22api%22%3Br%3D0%3Bt%3D0"),
			 PK_HTTP_FINE);
	assert_true(now_ms() - begun >= 1000);
}

static void nobody_waits_for_an_hour(void **state)
{
	(void)state;
	t_forget();
	assert_int_equal(t_get("/data/10?status=429&retry=3600"),
			 PK_HTTP_STATUS);
	assert_true(t_says("answers 429, and to come back in 3600 seconds"));
	assert_int_equal(t_saw("/data/10", "\"GET\""), 1);
}

static void silence_ends_it(void **state)
{
	(void)state;
	assert_int_equal(t_get("/data/10?hang=1"), PK_HTTP_BROKEN);
	assert_true(t_says("too slow"));
	assert_int_equal(t_get("/data/1000?stall=100&etag=none"),
			 PK_HTTP_BROKEN);
	assert_int_equal(t_get("/data/1000?drip=10&etag=none"), PK_HTTP_BROKEN);
}

static bool at_once(void *ctx)
{
	return ++*(int *)ctx > 2;
}

static void whoever_waits_may_give_up(void **state)
{
	int asked = 0;
	const struct pk_http_settings s = { .stop = at_once,
					    .ctx = &asked,
					    .idle_seconds = 600 };
	struct pk_http *h = pk_http_new(&s);
	struct pk_http_request r = { .url = t_at("/data/1?hang=1") };
	(void)state;
	pk_http_do(h, &r, &t_answer);
	assert_int_equal(asked, 3);
	assert_int_equal(t_answer.problem, PK_HTTP_STOPPED);
	pk_http_answer_release(&t_answer);
	asked = 0;
	r.url = t_at("/data/1?status=429&retry=30");
	pk_http_do(h, &r, &t_answer);
	assert_int_equal(t_answer.problem, PK_HTTP_STOPPED);
	pk_http_free(h);
}

static void nobody_listens_there(void **state)
{
	static const char *const none[] = { NULL };
	struct t_server gone;
	char url[64];

	(void)state;
	t_serve(&gone, "hub/server.py", none);
	t_serve_end(&gone);
	(void)snprintf(url, sizeof(url), "http://localhost:%u/", gone.port[0]);
	assert_int_equal(t_ask(&(struct pk_http_request){ .url = url }),
			 PK_HTTP_UNREACHABLE);
	assert_true(t_says("not reached: no connection"));
}

static void what_could_be_a_second_line_is_refused(void **state)
{
	const char *const two[] = { "A: b\r\nC: d", NULL };
	const char *const none[] = { "no name", NULL };
	const char *url = t_at("/echo");

	(void)state;
	assert_int_equal(t_get("/echo\r\nX: y"), PK_HTTP_REFUSED);
	assert_int_equal(t_get("/echo x"), PK_HTTP_REFUSED);
	assert_int_equal(t_get("/\xc3\xa4"), PK_HTTP_REFUSED);
	assert_int_equal(
		t_ask(&(struct pk_http_request){ .url = url, .headers = two }),
		PK_HTTP_REFUSED);
	assert_int_equal(
		t_ask(&(struct pk_http_request){ .url = url, .secrets = two }),
		PK_HTTP_REFUSED);
	assert_int_equal(
		t_ask(&(struct pk_http_request){ .url = url, .headers = none }),
		PK_HTTP_REFUSED);
	assert_int_equal(t_ask(&(struct pk_http_request){
				 .url = url, .if_match = "\"a\"\r\nX: y" }),
			 PK_HTTP_REFUSED);
	assert_int_equal(t_ask(&(struct pk_http_request){
				 .url = url, .if_match = "W/\"weak\"" }),
			 PK_HTTP_REFUSED);
}

static void what_is_sent_is_what_was_given(void **state)
{
	const char *const plain[] = { "X-Plain: 1", NULL };
	const char *const secret[] = { "Authorization: Bearer s3cret", NULL };
	const char *body;

	(void)state;
	assert_int_equal(t_ask(&(struct pk_http_request){ .url = t_at("/echo"),
							  .headers = plain,
							  .secrets = secret }),
			 PK_HTTP_FINE);
	body = pk_buf_str(&t_answer.body);
	assert_non_null(strstr(body, "\"x-plain\": \"1\""));
	assert_non_null(strstr(body, "\"authorization\": \"Bearer s3cret\""));
	assert_non_null(strstr(body, "\"accept-encoding\": \"identity\""));
	assert_non_null(strstr(body, "\"user-agent\": \"picket/"));
	assert_null(strstr(body, "cookie"));
}

static void the_next_page_is_named_in_full(void **state)
{
	(void)state;
	assert_int_equal(
		t_get("/text/a?header=Link:%3C/text/b%3Fpage%3D2%3E%3B%20"
		      "rel%3D%22next%22"),
		PK_HTTP_FINE);
	assert_string_equal(t_answer.next, t_at("/text/b?page=2"));
	assert_false(t_answer.next_elsewhere);
	assert_int_equal(
		t_get("/text/a?header=Link:%3Chttps://example.com/b%3E%3B"
		      "rel%3Dnext"),
		PK_HTTP_FINE);
	assert_string_equal(t_answer.next, "https://example.com/b");
	assert_true(t_answer.next_elsewhere);
	assert_int_equal(t_get("/text/a?header=Link:%3Cftp://x/b%3E%3B"
			       "rel%3Dnext"),
			 PK_HTTP_BROKEN);
}

static void without_a_client_nothing_is_asked(void **state)
{
	(void)state;
	pk_http_do(NULL, &(struct pk_http_request){ .url = "https://x/" },
		   &t_answer);
	assert_int_equal(t_answer.problem, PK_HTTP_NO_MEMORY);
	pk_http_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_WEB_TEST(a_file_comes_whole),
		T_WEB_TEST(an_empty_file_is_a_file),
		T_WEB_TEST(a_head_tells_and_brings_nothing),
		T_WEB_TEST(a_failure_is_said_with_its_reason),
		T_WEB_TEST(what_may_pass_is_tried_again),
		T_WEB_TEST(what_will_not_pass_is_asked_once),
		T_WEB_TEST(it_waits_as_long_as_it_is_asked_to),
		T_WEB_TEST(nobody_waits_for_an_hour),
		T_WEB_TEST(silence_ends_it),
		T_WEB_TEST(whoever_waits_may_give_up),
		T_WEB_TEST(nobody_listens_there),
		T_WEB_TEST(what_could_be_a_second_line_is_refused),
		T_WEB_TEST(what_is_sent_is_what_was_given),
		T_WEB_TEST(the_next_page_is_named_in_full),
		T_WEB_TEST(without_a_client_nothing_is_asked),
	};

	return cmocka_run_group_tests(tests, t_web_begin, t_web_end);
}
