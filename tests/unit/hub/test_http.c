/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hub/serve.h"
#include "support.h"

static struct t_server server;
static struct pk_http *http;
static struct pk_http_answer answer;

static int begin(void **state)
{
	static const char *const args[] = { "--ports", "3", NULL };
	const struct pk_http_settings s = { .idle_seconds = 1,
					    .retries = 2,
					    .pause_ms = 10 };

	(void)state;
	t_serve(&server, "hub/server.py", args);
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

static int done(void **state)
{
	(void)state;
	pk_http_answer_release(&answer);
	memset(&answer, 0, sizeof(answer));
	return 0;
}

/* A URL of the server; static memory. */
static const char *at(const char *path)
{
	static char url[4096];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s",
		       server.port[0], path);
	return url;
}

static void ask(const struct pk_http_request *r)
{
	pk_http_answer_release(&answer);
	pk_http_do(http, r, &answer);
	assert_int_equal(answer.problem == PK_HTTP_FINE, !*answer.message);
	assert_null(strchr(answer.message, '\n'));
}

/* The problem that comes of asking for all at a path. */
static enum pk_http_problem get(const char *path)
{
	ask(&(struct pk_http_request){ .url = at(path) });
	return answer.problem;
}

/* The same for a part. */
static enum pk_http_problem get_part(const char *path, uint64_t first,
				     uint64_t count)
{
	ask(&(struct pk_http_request){
		.url = at(path), .first = first, .count = count });
	return answer.problem;
}

static bool says(const char *what)
{
	if (strstr(answer.message, what))
		return true;
	print_message("# %s\n", answer.message);
	return false;
}

/* Whether the body is n bytes of /data, from number first on. */
static bool is_data(uint64_t first, uint64_t n)
{
	if (answer.body.len != n)
		return false;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = first + i;

		if ((uint8_t)answer.body.p[i] !=
		    ((at * 31 + (at >> 8) * 7) & 255))
			return false;
	}
	return true;
}

static void a_file_comes_whole(void **state)
{
	(void)state;
	assert_int_equal(get("/data/100000"), PK_HTTP_FINE);
	assert_int_equal(answer.status, 200);
	assert_true(is_data(0, 100000));
	assert_int_equal(answer.length, 100000);
	assert_int_equal(answer.total, 100000);
	assert_int_equal(answer.received, 100000);
	assert_true(answer.ranges);
	assert_string_equal(answer.etag, "\"data-100000\"");
	assert_string_equal(answer.url, at("/data/100000"));
}

static void a_part_comes_from_where_it_was_asked_for(void **state)
{
	(void)state;
	assert_int_equal(get_part("/data/1000", 300, 50), PK_HTTP_FINE);
	assert_int_equal(answer.status, 206);
	assert_true(is_data(300, 50));
	assert_int_equal(answer.total, 1000);
	assert_int_equal(get_part("/data/1000", 990, 50), PK_HTTP_FINE);
	assert_true(is_data(990, 10));
}

static void a_cut_body_is_gone_on_with(void **state)
{
	(void)state;
	assert_int_equal(get("/data/5000?cut=2000&times=1"), PK_HTTP_FINE);
	assert_true(is_data(0, 5000));
	assert_int_equal(answer.received, 5000);
}

static void what_may_pass_is_tried_again(void **state)
{
	(void)state;
	assert_int_equal(get("/data/10?status=503&times=2"), PK_HTTP_FINE);
	assert_true(is_data(0, 10));
	assert_int_equal(get("/data/10?status=503"), PK_HTTP_STATUS);
	assert_int_equal(answer.status, 503);
	assert_true(says("127.0.0.1: answers 503"));
}

static void plain_http_is_for_this_machine_alone(void **state)
{
	(void)state;
	ask(&(struct pk_http_request){ .url = "http://example.com/x" });
	assert_int_equal(answer.problem, PK_HTTP_REFUSED);
	assert_true(says("example.com: refused, as http://"));
}

int main(void)
{
#define HTTP_TEST(fn) cmocka_unit_test_teardown(fn, done)
	const struct CMUnitTest tests[] = {
		HTTP_TEST(a_file_comes_whole),
		HTTP_TEST(a_part_comes_from_where_it_was_asked_for),
		HTTP_TEST(a_cut_body_is_gone_on_with),
		HTTP_TEST(what_may_pass_is_tried_again),
		HTTP_TEST(plain_http_is_for_this_machine_alone),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
