/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TESTS_HUB_WEB_H
#define PK_TESTS_HUB_WEB_H

#include "hub/http.h"
#include "hub/serve.h"

/*
 * A client and server.py on three ports, for a group of tests:
 * cmocka_run_group_tests(tests, t_web_begin, t_web_end), with
 * T_WEB_TEST() for each.  The client is quick to lose patience.
 */
extern struct t_server t_web;
extern struct pk_http *t_http;
extern struct pk_http_answer t_answer; /* the last */

int t_web_begin(void **state);
int t_web_end(void **state);
int t_web_done(void **state);
/* The server forgets, too: each test has its faults to itself. */
int t_web_clean(void **state);
#define T_WEB_TEST(fn) cmocka_unit_test_teardown(fn, t_web_clean)

/* A URL of the first port; static memory. */
const char *t_at(const char *path);

/* Asks; the problem is the result. */
enum pk_http_problem t_ask(const struct pk_http_request *r);
/* The same for all of the file at a path of the first port, or a part. */
enum pk_http_problem t_get(const char *path);
enum pk_http_problem t_get_part(const char *path, uint64_t first,
				uint64_t count);

/* Whether the message says this; shows it when not. */
bool t_says(const char *what);

/* Whether the body is n bytes of /data, from number first on. */
bool t_is_data(uint64_t first, uint64_t n);

/* What the server saw of requests for a path, as JSON: static memory; and how
 * often a text is in it.  Forgets the answer. */
const char *t_seen(const char *path);
size_t t_saw(const char *path, const char *text);
/* The server forgets what it saw. */
void t_forget(void);

#endif
