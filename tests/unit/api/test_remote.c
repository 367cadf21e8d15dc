/* SPDX-License-Identifier: Apache-2.0 */
#include "picket/picket.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hub/serve.h"
#include "support.h"

static struct t_server server;
static struct picket_client *client;
static struct picket_remote *remote;

static int begin(void **state)
{
	char root[4096], url[64];
	const char *const args[] = { root, NULL };

	(void)state;
	(void)snprintf(root, sizeof(root), "%s", t_path("hub/root"));
	t_serve(&server, "hub/registry.py", args);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", server.port[0]);
	assert_int_equal(setenv("HF_ENDPOINT", url, 1), 0);
	(void)unsetenv("HF_TOKEN");
	return picket_client_new(NULL, &client) == PICKET_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	picket_client_free(client);
	t_serve_end(&server);
	return 0;
}

static int done(void **state)
{
	(void)state;
	picket_remote_free(remote);
	remote = NULL;
	return 0;
}

static void list(const char *uri)
{
	assert_int_equal(picket_remote_new(uri, &remote), PICKET_OK);
	assert_null(picket_remote_trouble(remote));
	assert_int_equal(picket_remote_list(remote, client), PICKET_OK);
}

static void a_source_is_named_and_listed(void **state)
{
	char name[256];

	(void)state;
	list("hf://org/model@main");
	assert_int_equal(picket_remote_count(remote), 3);
	assert_string_equal(picket_remote_path(remote, 0), "config.json");
	assert_int_equal(picket_remote_size(remote, 0), 13);
	assert_string_equal(picket_remote_uri(remote), "hf://org/model@main");
	(void)picket_remote_file_uri(remote, 2, name, sizeof(name));
	assert_non_null(strstr(name, "hf://org/model@"));
	assert_non_null(strstr(name, "/sub/part.bin"));
}

static void files_are_called_by_what_leads_to_them(void **state)
{
	static const struct {
		const char *uri, *end;
	} cases[] = {
		{ "hf://org/model@refs/pr/1", "/config.json" },
		{ "hf://org/model@main/sub", "/sub/part.bin" },
		{ "hf://org/model/sub/", "/sub/part.bin" },
		{ "hf://org/model@v1/config.json", "/config.json" },
		{ "hf://datasets/org/data", "/train.bin" },
	};
	char name[256], *commit;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		list(cases[i].uri);
		(void)picket_remote_file_uri(remote, 0, name, sizeof(name));
		commit = strchr(name, '@');
		assert_non_null(commit);
		assert_string_equal(commit + 41, cases[i].end);
		(void)done(NULL);
	}
}

static void a_text_that_leads_nowhere_says_why(void **state)
{
	(void)state;
	assert_false(picket_is_uri("models/a.pt"));
	assert_true(picket_is_uri("hf://a/b"));
	assert_int_equal(picket_remote_new("hf://org/../x", &remote),
			 PICKET_OK);
	assert_non_null(picket_remote_trouble(remote));
	assert_int_equal(picket_remote_list(remote, client), PICKET_ERR_IO);
}

static int append(void *ctx, const void *bytes, size_t n)
{
	return fwrite(bytes, 1, n, ctx) == n ? 0 : -1;
}

static void a_listing_travels_and_a_damaged_one_does_not(void **state)
{
	struct picket_remote *copy;
	char *bytes = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&bytes, &n);
	const struct picket_sink to = { append, f };

	(void)state;
	list("hf://org/model");
	assert_int_equal(picket_remote_encode(remote, &to), PICKET_OK);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(picket_remote_decode(bytes, n, &copy), PICKET_OK);
	assert_int_equal(picket_remote_count(copy), 3);
	assert_string_equal(picket_remote_pinned_uri(copy),
			    picket_remote_pinned_uri(remote));
	picket_remote_free(copy);
	for (size_t i = 0; i < n; i++) {
		if (picket_remote_decode(bytes, i, &copy) == PICKET_OK)
			picket_remote_free(copy);
	}
	assert_int_not_equal(picket_remote_decode("", 0, &copy), PICKET_OK);
	free(bytes);
}

static void a_file_is_scanned_where_it_lies(void **state)
{
	struct picket_options *o = picket_options_new();
	struct picket_file *f;

	(void)state;
	list("hf://org/model");
	assert_int_equal(picket_scan_remote(o, client, remote, 0, &f),
			 PICKET_OK);
	assert_int_equal(picket_file_size(f), 13);
	assert_int_equal(picket_file_verdict(f), PICKET_SKIPPED);
	picket_file_free(f);
	picket_options_free(o);
}

static void a_download_goes_on_where_it_stopped(void **state)
{
	const int fd = memfd_create("download", MFD_CLOEXEC);
	struct picket_fetched told;
	char got[32] = "";

	(void)state;
	list("hf://org/model");
	assert_int_equal(pwrite(fd, "Hello", 5, 0), 5);
	assert_true(picket_remote_save(client, remote, 0, fd, &told));
	assert_true(told.proven);
	assert_int_equal(told.received, 8);
	assert_int_equal(pread(fd, got, sizeof(got), 0), 13);
	assert_string_equal(got, "Hello, World!");
	(void)close(fd);
}

static void what_was_kept_and_is_wrong_is_fetched_anew(void **state)
{
	const int fd = memfd_create("download", MFD_CLOEXEC);
	struct picket_fetched told;
	char got[32] = "";

	(void)state;
	list("hf://org/model");
	assert_int_equal(pwrite(fd, "Jello", 5, 0), 5);
	assert_true(picket_remote_save(client, remote, 0, fd, &told));
	assert_true(told.proven);
	assert_int_equal(pread(fd, got, sizeof(got), 0), 13);
	assert_string_equal(got, "Hello, World!");
	(void)close(fd);
}

static void a_full_disk_is_said(void **state)
{
	const int fd =
		memfd_create("download", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct picket_fetched told;

	(void)state;
	list("hf://org/model");
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	assert_false(picket_remote_save(client, remote, 0, fd, &told));
	assert_true(told.failed);
	assert_non_null(strstr(told.message, "written"));
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_source_is_named_and_listed, done),
		cmocka_unit_test_teardown(
			files_are_called_by_what_leads_to_them, done),
		cmocka_unit_test_teardown(a_text_that_leads_nowhere_says_why,
					  done),
		cmocka_unit_test_teardown(
			a_listing_travels_and_a_damaged_one_does_not, done),
		cmocka_unit_test_teardown(a_file_is_scanned_where_it_lies,
					  done),
		cmocka_unit_test_teardown(a_download_goes_on_where_it_stopped,
					  done),
		cmocka_unit_test_teardown(
			what_was_kept_and_is_wrong_is_fetched_anew, done),
		cmocka_unit_test_teardown(a_full_disk_is_said, done),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
