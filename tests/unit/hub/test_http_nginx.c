/* SPDX-License-Identifier: Apache-2.0 */
/* A server as it is met in the world: ranges, entity tags, HTTP/2. */
#include <stdio.h>
#include <stdlib.h>

#include "hub/web.h"
#include "support.h"

static char folder[] = "/tmp/picket-nginx-XXXXXX";

static int begin(void **state)
{
	static char cert[64];
	const char *const args[] = { folder, NULL };
	const struct pk_http_settings s = { .ca_file = cert,
					    .retries = 1,
					    .pause_ms = 10 };

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	t_serve(&t_web, "hub/nginx.py", args);
	(void)snprintf(cert, sizeof(cert), "%s/cert.pem", folder);
	t_http = pk_http_new(&s);
	return t_http ? 0 : -1;
}

static int end(void **state)
{
	char command[64];

	(void)t_web_end(state);
	(void)snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command); /* NOLINT(cert-env33-c) */
}

static void a_file_and_its_parts_come(void **state)
{
	(void)state;
	assert_int_equal(t_get("/data"), PK_HTTP_FINE);
	assert_true(t_is_data(0, 100000));
	assert_true(t_answer.ranges);
	assert_int_equal(t_get_part("/data", 65536, 4096), PK_HTTP_FINE);
	assert_true(t_is_data(65536, 4096));
	assert_int_equal(t_answer.total, 100000);
	assert_int_equal(t_get_part("/data", 99990, 4096), PK_HTTP_FINE);
	assert_true(t_is_data(99990, 10));
	assert_int_equal(t_get_part("/data", 100000, 1), PK_HTTP_STATUS);
	assert_int_equal(t_answer.status, 416);
	assert_int_equal(t_answer.total, 100000);
}

static void a_part_can_be_had_without_ranges_or_not(void **state)
{
	(void)state;
	assert_int_equal(t_get_part("/single/data", 10, 10), PK_HTTP_NO_RANGES);
	assert_int_equal(t_get("/single/data"), PK_HTTP_FINE);
	assert_false(t_answer.ranges);
}

static void http2_over_tls_is_the_same(void **state)
{
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "https://localhost:%u/moved/data",
		       t_web.port[1]);
	assert_int_equal(t_ask(&(struct pk_http_request){
				 .url = url, .first = 300, .count = 50 }),
			 PK_HTTP_FINE);
	assert_true(t_is_data(300, 50));
	assert_string_equal(t_answer.location, "/data");
	assert_int_equal(t_ask(&(struct pk_http_request){ .url = url }),
			 PK_HTTP_FINE);
	assert_true(t_is_data(0, 100000));
	assert_int_equal(
		t_ask(&(struct pk_http_request){ .url = url, .head = true }),
		PK_HTTP_FINE);
	assert_int_equal(t_answer.length, 100000);
}

static void a_changed_file_is_another(void **state)
{
	struct pk_http_request r = { .first = 10, .count = 10 };
	char etag[256], command[128];

	(void)state;
	assert_int_equal(t_get("/data"), PK_HTTP_FINE);
	(void)snprintf(etag, sizeof(etag), "%s", t_answer.etag);
	r.if_match = etag;
	r.url = t_at("/data");
	assert_int_equal(t_ask(&r), PK_HTTP_FINE);
	(void)snprintf(command, sizeof(command), "echo >>'%s/www/data'",
		       folder);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
	assert_int_equal(t_ask(&r), PK_HTTP_CHANGED);
}

static void refusals_are_said(void **state)
{
	(void)state;
	assert_int_equal(t_get("/none"), PK_HTTP_STATUS);
	assert_int_equal(t_answer.status, 404);
	assert_non_null(strstr(pk_buf_str(&t_answer.body), "404 Not Found"));
	assert_int_equal(t_get("/limited/"), PK_HTTP_STATUS);
	assert_int_equal(t_answer.status, 429);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_WEB_TEST(a_file_and_its_parts_come),
		T_WEB_TEST(a_part_can_be_had_without_ranges_or_not),
		T_WEB_TEST(http2_over_tls_is_the_same),
		T_WEB_TEST(a_changed_file_is_another),
		T_WEB_TEST(refusals_are_said),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
