/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/ranges.h"

#include <stdio.h>
#include <stdlib.h>

#include "hub/serve.h"
#include "support.h"

enum { LARGE = 9000000, SMALL = 5000 };

/* SHA-256 of /data/5000 */
#define DATA_5000 \
	"fe6b1dfcc411e9255ad9dee0ea0262eb0ad03369e40f9a3fab1afdaf8f1e46dd"

static struct t_server server;
static struct pk_http *http;
static struct pk_remote remote;
static struct pk_fetched told;
static struct pk_source *source;

static int begin(void **state)
{
	static const char *const args[] = { "--ports", "3", NULL };
	const struct pk_http_settings s = { .idle_seconds = 10,
					    .retries = 1,
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
	pk_source_free(source);
	source = NULL;
	pk_remote_release(&remote);
	remote = (struct pk_remote){ 0 };
	return 0;
}

static void tell_server(const char *path)
{
	struct pk_http_answer a;
	char url[512];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s",
		       server.port[0], path);
	pk_http_do(http, &(struct pk_http_request){ .url = url }, &a);
	assert_int_equal(a.problem, PK_HTTP_FINE);
	pk_http_answer_release(&a);
}

/* The one file at a path, listed and opened. */
static void open_at(const char *path, const char *sha256)
{
	struct pk_remote_trouble why = { 0 };
	char uri[512];

	(void)snprintf(uri, sizeof(uri), "http://127.0.0.1:%u%s",
		       server.port[0], path);
	assert_int_equal(pk_remote_name(&remote, uri, &why), PK_OK);
	assert_int_equal(pk_remote_list(&remote, http,
					&(struct pk_remote_settings){ 0 },
					&why),
			 PK_OK);
	assert_int_equal(remote.count, 1);
	if (sha256) {
		remote.files[0].identity = PK_ID_SHA256;
		(void)snprintf(remote.files[0].digest,
			       sizeof(remote.files[0].digest), "%s", sha256);
	}
	source = pk_ranges_new(http, &remote, &remote.files[0], &told);
}

static bool is_data(const uint8_t *p, uint64_t first, size_t n)
{
	for (uint64_t i = first; i < first + n; i++) {
		if (p[i - first] != ((i * 31 + (i >> 8) * 7) & 255))
			return false;
	}
	return true;
}

static bool reads(uint64_t off, size_t n)
{
	uint8_t *buf = malloc(n);
	const size_t got = pk_source_read(source, off, buf, n);
	const bool ok = got == n && is_data(buf, off, n);

	free(buf);
	return ok;
}

static void only_what_is_read_is_fetched(void **state)
{
	(void)state;
	open_at("/data/9000000", NULL);
	assert_non_null(source);
	assert_int_equal(source->size, LARGE);
	assert_true(reads(0, 4096));
	assert_true(reads(LARGE - 65557, 65557));
	assert_true(reads(4000000, 100));
	assert_true(reads(4000050, 100));
	assert_true(told.received < 150000);
	assert_int_equal(told.proof, PK_PROOF_NONE);
	assert_int_equal(told.problem, PK_HTTP_FINE);
}

static void all_of_it_is_read_in_growing_pieces(void **state)
{
	(void)state;
	open_at("/data/9000000", NULL);
	assert_non_null(source);
	for (uint64_t at = 0; at < LARGE; at += 100000)
		assert_true(reads(at, 100000));
	assert_true(told.received <= LARGE + 200000);
	assert_int_equal(pk_source_read(source, LARGE, (uint8_t[1]){ 0 }, 1),
			 0);
}

static void a_small_file_is_held_against_its_digest(void **state)
{
	(void)state;
	open_at("/data/5000",
		"0000000000000000000000000000000000000000000000000000000000000000");
	assert_null(source);
	assert_int_equal(told.proof, PK_PROOF_REFUTED);
	assert_non_null(strstr(told.message, "digest"));
}

static void a_small_file_with_the_right_digest_is_proven(void **state)
{
	(void)state;
	open_at("/data/5000", DATA_5000);
	assert_non_null(source);
	assert_int_equal(told.proof, PK_PROOF_DONE);
	assert_true(reads(0, SMALL));
	assert_int_equal(told.received, SMALL);
}

static void without_ranges_a_file_that_fits_comes_whole(void **state)
{
	(void)state;
	tell_server("/_fault?path=/data/9000000&noranges=1");
	open_at("/data/9000000", NULL);
	assert_non_null(source);
	assert_true(reads(LARGE - 10, 10));
	tell_server("/_reset");
}

static void without_ranges_a_large_file_is_refused(void **state)
{
	(void)state;
	tell_server("/_fault?path=/data/20000000&noranges=1");
	open_at("/data/20000000", NULL);
	assert_null(source);
	assert_int_equal(told.problem, PK_HTTP_NO_RANGES);
	assert_true(*told.message);
	tell_server("/_reset");
}

static void another_version_ends_it(void **state)
{
	(void)state;
	open_at("/data/9000000", NULL);
	assert_non_null(source);
	tell_server("/_fault?path=/data/9000000&change=1");
	assert_false(reads(5000000, 10));
	assert_int_equal(told.problem, PK_HTTP_CHANGED);
	tell_server("/_reset");
	assert_false(reads(6000000, 10)); /* for good */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(only_what_is_read_is_fetched, done),
		cmocka_unit_test_teardown(all_of_it_is_read_in_growing_pieces,
					  done),
		cmocka_unit_test_teardown(
			a_small_file_is_held_against_its_digest, done),
		cmocka_unit_test_teardown(
			a_small_file_with_the_right_digest_is_proven, done),
		cmocka_unit_test_teardown(
			without_ranges_a_file_that_fits_comes_whole, done),
		cmocka_unit_test_teardown(
			without_ranges_a_large_file_is_refused, done),
		cmocka_unit_test_teardown(another_version_ends_it, done),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
