/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/web.h"

#include <stdio.h>

#include "support.h"

struct t_server t_web;
struct pk_http *t_http;
struct pk_http_answer t_answer;

int t_web_begin(void **state)
{
	static const char *const args[] = { "--ports", "3", NULL };
	const struct pk_http_settings s = { .idle_seconds = 1,
					    .retries = 2,
					    .pause_ms = 10 };

	(void)state;
	t_serve(&t_web, "hub/server.py", args);
	t_http = pk_http_new(&s);
	return t_http ? 0 : -1;
}

int t_web_end(void **state)
{
	(void)state;
	pk_http_free(t_http);
	t_serve_end(&t_web);
	return 0;
}

int t_web_done(void **state)
{
	(void)state;
	pk_http_answer_release(&t_answer);
	memset(&t_answer, 0, sizeof(t_answer));
	return 0;
}

int t_web_clean(void **state)
{
	t_forget();
	return t_web_done(state);
}

const char *t_at(const char *path)
{
	static char url[16384];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", t_web.port[0],
		       path);
	return url;
}

enum pk_http_problem t_ask(const struct pk_http_request *r)
{
	(void)t_web_done(NULL);
	pk_http_do(t_http, r, &t_answer);
	assert_int_equal(t_answer.problem == PK_HTTP_FINE, !*t_answer.message);
	assert_null(strchr(t_answer.message, '\n'));
	return t_answer.problem;
}

enum pk_http_problem t_get(const char *path)
{
	return t_ask(&(struct pk_http_request){ .url = t_at(path) });
}

enum pk_http_problem t_get_part(const char *path, uint64_t first,
				uint64_t count)
{
	return t_ask(&(struct pk_http_request){
		.url = t_at(path), .first = first, .count = count });
}

bool t_says(const char *what)
{
	if (strstr(t_answer.message, what))
		return true;
	print_message("# it says: %s\n", t_answer.message);
	return false;
}

bool t_is_data(uint64_t first, uint64_t n)
{
	if (t_answer.body.len != n)
		return false;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = first + i;

		if ((uint8_t)t_answer.body.p[i] !=
		    ((at * 31 + (at >> 8) * 7) & 255))
			return false;
	}
	return true;
}

const char *t_seen(const char *path)
{
	static char seen[1 << 16];
	char query[4096];

	(void)snprintf(query, sizeof(query), "/_seen?path=%s", path);
	assert_int_equal(t_get(query), PK_HTTP_FINE);
	(void)snprintf(seen, sizeof(seen), "%s", pk_buf_str(&t_answer.body));
	return seen;
}

size_t t_saw(const char *path, const char *text)
{
	size_t n = 0;

	for (const char *p = t_seen(path); (p = strstr(p, text)) != NULL; p++)
		n++;
	return n;
}

void t_forget(void)
{
	assert_int_equal(t_get("/_reset"), PK_HTTP_FINE);
}
