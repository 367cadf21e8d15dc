/* SPDX-License-Identifier: Apache-2.0 */
/* Parts, lengths that lie, and bodies that break. */
#include <stdio.h>

#include "hub/web.h"
#include "support.h"

static void a_part_comes_from_where_it_was_asked_for(void **state)
{
	(void)state;
	assert_int_equal(t_get_part("/data/1000", 300, 50), PK_HTTP_FINE);
	assert_int_equal(t_answer.status, 206);
	assert_true(t_is_data(300, 50));
	assert_int_equal(t_answer.length, 50);
	assert_int_equal(t_answer.total, 1000);
	assert_true(t_answer.ranges);
	assert_int_equal(t_get_part("/data/1000", 990, 50), PK_HTTP_FINE);
	assert_true(t_is_data(990, 10));
	assert_int_equal(t_get_part("/data/1000", 1000, 50), PK_HTTP_STATUS);
	assert_int_equal(t_answer.status, 416);
	assert_int_equal(t_answer.total, 1000);
}

static void all_is_no_part(void **state)
{
	(void)state;
	assert_int_equal(t_get_part("/data/1000?noranges=1", 300, 50),
			 PK_HTTP_NO_RANGES);
	assert_int_equal(t_answer.total, 1000);
	assert_false(t_answer.ranges);
	assert_int_equal(t_answer.body.len, 0);
}

static void another_part_than_asked_for_is_refused(void **state)
{
	static const char *const wrong[] = {
		"bytes%20301-350/1000", "bytes%20300-348/1000",
		"bytes%20300-350/1000", "bytes%200-49/1000",
		"bytes%20300-349/300",  "bytes%20300-349",
		"items%20300-349/1000", "bytes%20*/1000",
		"bytes%20349-300/1000", "bytes%20-1-349/1000",
	};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		(void)snprintf(path, sizeof(path), "/data/1000?crange=%s",
			       wrong[i]);
		assert_int_equal(t_get_part(path, 300, 50), PK_HTTP_BROKEN);
		assert_int_equal(t_answer.body.len, 0);
	}
	assert_int_equal(
		t_get_part("/data/1000?crange=bytes%20300-349/*", 300, 50),
		PK_HTTP_FINE);
	assert_int_equal(t_answer.total, UINT64_MAX);
}

static void a_part_that_nobody_asked_for_is_refused(void **state)
{
	(void)state;
	assert_int_equal(t_get("/data/1000?partial=1"), PK_HTTP_BROKEN);
	assert_true(t_says("a part, asked for all"));
}

static void more_bytes_than_asked_for_are_refused(void **state)
{
	(void)state;
	assert_int_equal(t_get_part("/data/1000?more=5", 300, 50),
			 PK_HTTP_BROKEN);
	assert_true(t_says("two lengths"));
	assert_int_equal(t_get_part("/data/1000?more=5&chunked=1", 300, 50),
			 PK_HTTP_BROKEN);
	assert_true(t_says("more bytes"));
}

static void fewer_bytes_than_said_are_no_file(void **state)
{
	(void)state;
	assert_int_equal(t_get("/data/1000?claim=2000&etag=none"),
			 PK_HTTP_BROKEN);
	assert_true(t_says("cut short"));
	assert_int_equal(t_answer.body.len, 0);
	assert_int_equal(t_get_part("/data/1000?claim=40", 300, 50),
			 PK_HTTP_BROKEN);
	assert_int_equal(
		t_get_part("/data/1000?cut=40&chunked=1&etag=none", 300, 50),
		PK_HTTP_BROKEN);
}

static void two_lengths_are_none(void **state)
{
	(void)state;
	assert_int_equal(t_get("/data/1000?header=Content-Length:10"),
			 PK_HTTP_BROKEN);
	assert_int_equal(t_get("/data/1000?claim=-5"), PK_HTTP_BROKEN);
	assert_int_equal(t_get("/data/1000?header=ETag:%22b%22"),
			 PK_HTTP_BROKEN);
	assert_true(t_says("twice"));
}

static void a_length_is_not_needed(void **state)
{
	(void)state;
	assert_int_equal(t_get("/data/5000?chunked=1"), PK_HTTP_FINE);
	assert_true(t_is_data(0, 5000));
	assert_int_equal(t_answer.total, UINT64_MAX);
	assert_int_equal(t_get("/data/5000?close=1"), PK_HTTP_FINE);
	assert_true(t_is_data(0, 5000));
}

static void too_much_is_not_taken(void **state)
{
	struct pk_http_request r = { .most = 1000 };

	(void)state;
	r.url = t_at("/data/1000");
	assert_int_equal(t_ask(&r), PK_HTTP_FINE);
	r.url = t_at("/data/1001");
	assert_int_equal(t_ask(&r), PK_HTTP_TOO_LARGE);
	assert_int_equal(t_answer.received, 0);
	assert_true(t_says("more than the 1000 bytes"));
	r.url = t_at("/data/1001?chunked=1");
	assert_int_equal(t_ask(&r), PK_HTTP_TOO_LARGE);
	assert_int_equal(t_answer.body.len, 0);
}

static void headers_without_end_are_ended(void **state)
{
	(void)state;
	assert_int_equal(t_get("/data/1?headers=1"), PK_HTTP_BROKEN);
	assert_true(t_says("without end"));
}

static void an_encoding_that_nobody_asked_for_is_refused(void **state)
{
	(void)state;
	assert_int_equal(t_get("/data/10?encoding=gzip"), PK_HTTP_BROKEN);
	assert_true(t_says("encoded as gzip"));
	assert_int_equal(
		t_ask(&(struct pk_http_request){
			.url = t_at("/data/10?encoding=br"), .head = true }),
		PK_HTTP_BROKEN);
	assert_int_equal(t_get("/data/10?encoding=identity"), PK_HTTP_FINE);
}

static void a_cut_body_is_gone_on_with(void **state)
{
	(void)state;
	t_forget();
	assert_int_equal(t_get("/data/5000?cut=2000&times=1"), PK_HTTP_FINE);
	assert_true(t_is_data(0, 5000));
	assert_int_equal(t_answer.received, 5000);
	assert_int_equal(t_saw("/data/5000", "\"range\": \"bytes=2000-\""), 1);
	assert_int_equal(t_saw("/data/5000", "\"if-range\""), 1);
	assert_int_equal(t_get("/data/5000?cut=2000"), PK_HTTP_FINE);
	assert_true(t_is_data(0, 5000));
}

static void a_cut_part_is_gone_on_with(void **state)
{
	(void)state;
	t_forget();
	assert_int_equal(t_get_part("/data/5000?cut=400&times=2", 3000, 1500),
			 PK_HTTP_FINE);
	assert_true(t_is_data(3000, 1500));
	assert_int_equal(t_answer.received, 1500);
	assert_int_equal(t_saw("/data/5000", "\"range\": \"bytes=3800-4499\""),
			 1);
}

static void what_never_ends_is_given_up(void **state)
{
	(void)state;
	assert_int_equal(t_get("/data/5000?cut=20"), PK_HTTP_BROKEN);
	assert_true(t_says("cut short"));
	assert_int_equal(t_answer.body.len, 0);
}

/* Without ranges the same bytes come again, and count once. */
static void a_server_without_ranges_begins_anew(void **state)
{
	(void)state;
	assert_int_equal(t_get("/data/5000?cut=2000&cuts=1&noranges=1"),
			 PK_HTTP_FINE);
	assert_true(t_is_data(0, 5000));
	assert_int_equal(t_answer.received, 7000);
	assert_int_equal(t_get("/text/abcdef?cut=3&times=1&etag=none"),
			 PK_HTTP_FINE);
	assert_string_equal(pk_buf_str(&t_answer.body), "abcdef");
}

/* The end of a body without a length was lost, and nothing else. */
static void only_the_end_was_missing(void **state)
{
	(void)state;
	assert_int_equal(t_get("/data/500?chunked=1&cut=500&times=1"),
			 PK_HTTP_FINE);
	assert_true(t_is_data(0, 500));
	assert_int_equal(t_get_part("/data/500?chunked=1&cut=100", 0, 100),
			 PK_HTTP_FINE);
	assert_true(t_is_data(0, 100));
}

struct sink {
	uint8_t bytes[8192];
	size_t n;
	size_t most;
};

static bool take(void *ctx, const void *bytes, size_t n)
{
	struct sink *s = ctx;

	if (n > s->most - s->n)
		return false;
	memcpy(s->bytes + s->n, bytes, n);
	s->n += n;
	return true;
}

static enum pk_http_problem take_all(struct sink *s, const char *path)
{
	s->n = 0;
	s->most = s->most ? s->most : sizeof(s->bytes);
	return t_ask(&(struct pk_http_request){
		.url = t_at(path), .take = take, .ctx = s });
}

static bool sink_is_data(const struct sink *s, size_t n)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->bytes[i] != (uint8_t)(i * 31 + (i >> 8) * 7))
			return false;
	}
	return s->n == n;
}

static void a_sink_gets_each_byte_once(void **state)
{
	struct sink s = { .n = 0 };

	(void)state;
	assert_int_equal(take_all(&s, "/data/5000?cut=2000&times=1"),
			 PK_HTTP_FINE);
	assert_true(sink_is_data(&s, 5000));
	assert_int_equal(t_answer.body.len, 0);
	assert_int_equal(take_all(&s, "/data/5000?cut=2000&cuts=1&noranges=1"),
			 PK_HTTP_FINE);
	assert_true(sink_is_data(&s, 5000));
	assert_int_equal(take_all(&s, "/data/500?chunked=1&cut=500&times=1"),
			 PK_HTTP_FINE);
	assert_true(sink_is_data(&s, 500));
}

static void a_sink_never_gets_two_versions(void **state)
{
	struct sink s = { .n = 0 };

	(void)state;
	assert_int_equal(take_all(&s, "/data/5000?cut=2000&times=1&change=1"),
			 PK_HTTP_CHANGED);
	assert_int_equal(s.n, 2000);
	assert_int_equal(take_all(&s, "/data/5000?cut=2000&times=1&etag=none"),
			 PK_HTTP_BROKEN);
	assert_int_equal(
		take_all(&s, "/data/5000?cut=2000&times=1&etag=W/%22data%22"),
		PK_HTTP_BROKEN);
	/* Held in memory, the first half can still be thrown away. */
	assert_int_equal(t_get("/data/5000?cut=2000&times=1&change=1"),
			 PK_HTTP_FINE);
	assert_true(t_is_data(0, 5000));
}

static void a_sink_may_have_enough(void **state)
{
	struct sink s = { .most = 10 };

	(void)state;
	assert_int_equal(take_all(&s, "/data/5000"), PK_HTTP_STOPPED);
}

static void a_sink_gets_nothing_of_a_failure(void **state)
{
	struct sink s = { .n = 0 };

	(void)state;
	assert_int_equal(take_all(&s, "/none"), PK_HTTP_STATUS);
	assert_int_equal(s.n, 0);
	assert_string_equal(pk_buf_str(&t_answer.body), "no such thing");
}

static void another_version_is_not_what_was_asked_for(void **state)
{
	struct pk_http_request r = { .first = 10,
				     .count = 5,
				     .if_match = "\"data-1000\"" };

	(void)state;
	r.url = t_at("/data/1000");
	assert_int_equal(t_ask(&r), PK_HTTP_FINE);
	assert_true(t_is_data(10, 5));
	r.url = t_at("/data/1000?change=1");
	assert_int_equal(t_ask(&r), PK_HTTP_CHANGED);
	assert_int_equal(t_answer.status, 412);
	/* One that ignores If-Match is held to its word. */
	r.if_match = "\"another\"";
	r.url = t_at("/data/1000?status=206&crange=bytes%2010-14/1000");
	assert_int_equal(t_ask(&r), PK_HTTP_CHANGED);
	r.head = true;
	r.url = t_at("/data/1000?status=200");
	assert_int_equal(t_ask(&r), PK_HTTP_CHANGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_WEB_TEST(a_part_comes_from_where_it_was_asked_for),
		T_WEB_TEST(all_is_no_part),
		T_WEB_TEST(another_part_than_asked_for_is_refused),
		T_WEB_TEST(a_part_that_nobody_asked_for_is_refused),
		T_WEB_TEST(more_bytes_than_asked_for_are_refused),
		T_WEB_TEST(fewer_bytes_than_said_are_no_file),
		T_WEB_TEST(two_lengths_are_none),
		T_WEB_TEST(a_length_is_not_needed),
		T_WEB_TEST(too_much_is_not_taken),
		T_WEB_TEST(headers_without_end_are_ended),
		T_WEB_TEST(an_encoding_that_nobody_asked_for_is_refused),
		T_WEB_TEST(a_cut_body_is_gone_on_with),
		T_WEB_TEST(a_cut_part_is_gone_on_with),
		T_WEB_TEST(what_never_ends_is_given_up),
		T_WEB_TEST(a_server_without_ranges_begins_anew),
		T_WEB_TEST(only_the_end_was_missing),
		T_WEB_TEST(a_sink_gets_each_byte_once),
		T_WEB_TEST(a_sink_never_gets_two_versions),
		T_WEB_TEST(a_sink_may_have_enough),
		T_WEB_TEST(a_sink_gets_nothing_of_a_failure),
		T_WEB_TEST(another_version_is_not_what_was_asked_for),
	};

	return cmocka_run_group_tests(tests, t_web_begin, t_web_end);
}
