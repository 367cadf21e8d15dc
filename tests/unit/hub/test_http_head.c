/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/http_head.h"

#include <stdio.h>

#include "support.h"

static struct pk_http_head head;

/* Lines ended by \n; false when one of them is at fault. */
static bool read_head(const char *text)
{
	memset(&head, 0, sizeof(head));
	pk_http_head_begin(&head);
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (!pk_http_head_line(&head, text, n))
			return false;
		text += n + 1;
	}
	return true;
}

static void a_head_is_read(void **state)
{
	(void)state;
	assert_true(read_head("HTTP/1.1 206 Partial Content\n"
			      "content-LENGTH:  10 \n"
			      "Content-Range: bytes 5-14/100\n"
			      "ETag: \"abc\"\n"
			      "X-Linked-Etag: W/\"def\"\n"
			      "X-Repo-Commit:0123\n"
			      "X-Error-Message: Gr\xc3\xbc\xc3\x9f\n"
			      "Accept-Ranges: Bytes\n"
			      "Unknown: x\n"
			      "no colon\n"
			      ": nothing\n"
			      "\n"));
	assert_true(head.done);
	assert_int_equal(head.status, 206);
	assert_int_equal(head.length, 10);
	assert_true(head.part);
	assert_int_equal(head.first, 5);
	assert_int_equal(head.last, 14);
	assert_int_equal(head.total, 100);
	assert_true(head.ranges);
	assert_string_equal(head.etag, "\"abc\"");
	assert_string_equal(head.linked_etag, "def");
	assert_string_equal(head.commit, "0123");
	assert_string_equal(head.error_message, "");
}

static void interim_answers_and_trailers_do_not_count(void **state)
{
	(void)state;
	assert_true(read_head("HTTP/1.1 100 Continue\nETag: \"a\"\n\n"
			      "HTTP/2 200\nETag: \"b\"\n\n"
			      "ETag: \"c\"\nContent-Length: x\n\n"));
	assert_int_equal(head.status, 200);
	assert_string_equal(head.etag, "\"b\"");
	assert_int_equal(head.length, UINT64_MAX);
}

static void what_is_said_twice_must_be_the_same(void **state)
{
	(void)state;
	assert_true(read_head("HTTP/1.1 200\nETag: \"a\"\nETag: \"a\"\n\n"));
	assert_false(read_head("HTTP/1.1 200\nETag: \"a\"\nETag: \"b\"\n\n"));
	assert_non_null(head.fault);
	assert_false(read_head("HTTP/1.1 206\nContent-Range: bytes 0-1/5\n"
			       "Content-Range: bytes 0-1/6\n\n"));
	assert_false(read_head("HTTP/1.1 302\nLocation: /a\nLocation: /b\n"));
}

static void claims_without_sense_are_faults(void **state)
{
	static const char *const bad[] = {
		"HTTP/1.1\n",
		"HTTP/1.1 2x0\n",
		"HTTP/1.1 20\n",
		"HTTP/1.1 200\nContent-Length: -1\n\n",
		"HTTP/1.1 200\nContent-Length: 1234567890123456789\n\n",
		"HTTP/1.1 200\nContent-Length: 5, 5\n\n",
		"HTTP/1.1 206\nContent-Range: bytes 5-4/9\n\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(read_head(bad[i]));
}

static void heads_end(void **state)
{
	static char line[1000];
	size_t n = 0;

	(void)state;
	memset(line, 'x', sizeof(line));
	assert_true(read_head("HTTP/1.1 200\n"));
	while (n < 1000 && pk_http_head_line(&head, line, sizeof(line)))
		n++;
	assert_in_range(n, 100, 140);
	n = 0;
	assert_true(read_head("HTTP/1.1 100\n\n"));
	while (n < 100000 && pk_http_head_line(&head, "HTTP/1.1 100", 12))
		n++;
	assert_true(n < 100000);
}

static void content_ranges(void **state)
{
	uint64_t first, last, total;
	static const char *const bad[] = {
		"",
		"bytes",
		"bytes ",
		"bytes 0-9",
		"bytes 0-9/",
		"bytes 0-9/9",
		"bytes 9-0/100",
		"bytes a-9/100",
		"bytes 0-9/100x",
		"bytes 0-9/10 0",
		"bytes */*",
		"bytes -1-9/100",
		"bytes 0--9/100",
		"pages 0-9/100",
		"bytes 0-9/1e9999",
		"bytes 0-9/9999999999999999999",
		"bytes 0-9;/100",
		"bytes=0-9/100",
	};

	(void)state;
	assert_true(
		pk_http_content_range("bytes 0-9/100", &first, &last, &total));
	assert_int_equal(first, 0);
	assert_int_equal(last, 9);
	assert_int_equal(total, 100);
	assert_true(
		pk_http_content_range("Bytes 9-9/*", &first, &last, &total));
	assert_int_equal(total, UINT64_MAX);
	assert_true(pk_http_content_range("bytes */77", &first, &last, &total));
	assert_true(first > last);
	assert_int_equal(total, 77);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (pk_http_content_range(bad[i], &first, &last, &total))
			fail_msg("%s", bad[i]);
	}
}

static const char *next_of(const char *value)
{
	static char text[256];
	struct pk_span next = pk_http_link_next(
		(struct pk_span){ (const uint8_t *)value, strlen(value) });

	assert_true(next.len < sizeof(text));
	if (next.len)
		memcpy(text, next.p, next.len);
	text[next.len] = '\0';
	return text;
}

static void links(void **state)
{
	(void)state;
	assert_string_equal(next_of("<https://x/a>; rel=\"next\""),
			    "https://x/a");
	assert_string_equal(next_of("<a>;rel=next"), "a");
	assert_string_equal(next_of("<a>; rel=\"prev\", <b,c>; rel=\"next\""),
			    "b,c");
	assert_string_equal(next_of("<a> ; title=\"x,;<y>\" ; REL = Next"),
			    "a");
	assert_string_equal(next_of("<a> ; title=\"x,;<y>\" ; REL=Next"), "a");
	assert_string_equal(next_of("<a>; rel=\"last next\"; x"), "a");
	assert_string_equal(next_of("<a>; rel=\"nextish\""), "");
	assert_string_equal(next_of("<a>; title=\"rel=next\""), "");
	assert_string_equal(next_of("<a>; title=\"\\\"; rel=next\""), "");
	assert_string_equal(next_of("<a>, <b>"), "");
	assert_string_equal(next_of("<a"), "");
	assert_string_equal(next_of("<>; rel=next"), "");
	assert_string_equal(next_of(""), "");
	assert_string_equal(next_of("<a>; rel=\""), "");
	assert_string_equal(next_of("<a>; rel="), "");
}

/* A page that is not seen would end a listing too early. */
static void a_next_page_is_not_overlooked(void **state)
{
	static char line[9000];

	(void)state;
	assert_true(read_head("HTTP/1.1 200\nLink: <a>; rel=\"prev\"\n"
			      "Link: <b>; rel=\"next\"\n\n"));
	assert_string_equal(head.next, "b");
	memset(line, 'x', sizeof(line));
	memcpy(line, "Link: <", 7);
	(void)snprintf(line + 8900, 100, ">; rel=next");
	assert_true(read_head("HTTP/1.1 200\n"));
	assert_false(pk_http_head_line(&head, line, strlen(line)));
	assert_false(read_head("HTTP/1.1 200\nLink: <\xc3>; rel=next\n"));
}

static void rate_limits(void **state)
{
	(void)state;
	assert_int_equal(pk_http_rate_wait("\"api\";r=0;t=55"), 56);
	assert_int_equal(pk_http_rate_wait("\"api\";r=3;t=55"), 0);
	assert_int_equal(pk_http_rate_wait("\"api\";r=0"), 0);
	assert_int_equal(pk_http_rate_wait("r=0;t=55"), 0);
	assert_int_equal(pk_http_rate_wait(""), 0);
	assert_int_equal(pk_http_rate_wait(";r=0;t=99999999999"), 1000000);
	assert_int_equal(pk_http_rate_wait(";r=0;t=-5"), 0);
}

static void strong_tags(void **state)
{
	(void)state;
	assert_true(pk_http_is_strong("\"a\""));
	assert_false(pk_http_is_strong("W/\"a\""));
	assert_false(pk_http_is_strong("a"));
	assert_false(pk_http_is_strong("\"\""));
	assert_false(pk_http_is_strong("\""));
	assert_false(pk_http_is_strong(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_is_read),
		cmocka_unit_test(interim_answers_and_trailers_do_not_count),
		cmocka_unit_test(what_is_said_twice_must_be_the_same),
		cmocka_unit_test(claims_without_sense_are_faults),
		cmocka_unit_test(heads_end),
		cmocka_unit_test(content_ranges),
		cmocka_unit_test(links),
		cmocka_unit_test(a_next_page_is_not_overlooked),
		cmocka_unit_test(rate_limits),
		cmocka_unit_test(strong_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
