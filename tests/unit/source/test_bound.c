/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdlib.h>
#include <unistd.h>

#include "source/bound.h"
#include "source/file.h"
#include "source/memory.h"

enum { LARGE = 20 << 20 }; /* more than a file source keeps in memory */

static int fd;

static int make_file(void **state)
{
	char path[] = "/tmp/picket-bound-XXXXXX";

	(void)state;
	fd = mkstemp(path);
	assert_true(fd >= 0);
	(void)unlink(path);
	assert_int_equal(ftruncate(fd, LARGE), 0);
	assert_int_equal(pwrite(fd, "abc", 3, LARGE / 2), 3);
	return 0;
}

static int drop_file(void **state)
{
	(void)state;
	return close(fd);
}

static bool always(void *ctx)
{
	(void)ctx;
	return true;
}

static bool never(void *ctx)
{
	(void)ctx;
	return false;
}

static void the_digest_is_that_of_the_whole(void **state)
{
	struct pk_source *file = pk_file_new(fd), *b = pk_bound_new(file);
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t *whole = calloc(LARGE, 1);
	uint8_t want[PK_SHA256_LEN], got[PK_SHA256_LEN];

	(void)state;
	memcpy(whole + LARGE / 2, "abc", 3);
	pk_sha256_add(h, whole, LARGE);
	assert_true(pk_sha256_end(h, want));
	assert_true(pk_bound_sha256(b, always, NULL, got));
	assert_memory_equal(got, want, sizeof(got));
	free(whole);
	pk_source_free(b);
	pk_source_free(file);
}

static void reads_cross_blocks(void **state)
{
	struct pk_source *file = pk_file_new(fd), *b = pk_bound_new(file);
	char out[200000];

	(void)state;
	assert_int_equal(pk_source_read(b, LARGE / 2 - 100000, out, 200000),
			 200000);
	assert_memory_equal(out + 100000, "abc", 3);
	assert_int_equal(pk_source_read(b, LARGE - 5, out, 10), 5);
	assert_true(pk_bound_steady(b));
	pk_source_free(b);
	pk_source_free(file);
}

static void bytes_that_changed_after_they_were_read_give_no_digest(void **state)
{
	struct pk_source *file = pk_file_new(fd), *b = pk_bound_new(file);
	uint8_t got[PK_SHA256_LEN];
	char out[3];

	(void)state;
	assert_int_equal(pk_source_read(b, LARGE / 2, out, 3), 3);
	assert_int_equal(pk_source_read(b, 0, out, 3), 3);
	assert_int_equal(pwrite(fd, "x", 1, LARGE / 2 + 2), 1);
	assert_false(pk_bound_sha256(b, always, NULL, got));
	assert_false(pk_bound_steady(b));
	assert_int_equal(got[0], 0);
	assert_true(pk_source_changed(b));
	pk_source_free(b);
	pk_source_free(file);
}

static void a_file_that_shrinks_gives_no_digest(void **state)
{
	struct pk_source *file = pk_file_new(fd), *b = pk_bound_new(file);
	uint8_t got[PK_SHA256_LEN];

	(void)state;
	assert_int_equal(ftruncate(fd, 100), 0);
	assert_false(pk_bound_sha256(b, always, NULL, got));
	assert_true(pk_source_changed(file));
	pk_source_free(b);
	pk_source_free(file);
}

static void a_file_that_grows_is_one_that_changed(void **state)
{
	struct pk_source *file = pk_file_new(fd);

	(void)state;
	assert_false(pk_source_changed(file));
	assert_int_equal(ftruncate(fd, LARGE + 1), 0);
	assert_true(pk_source_changed(file));
	pk_source_free(file);
}

static void whoever_has_no_time_gets_no_digest(void **state)
{
	struct pk_source *file = pk_file_new(fd), *b = pk_bound_new(file);
	uint8_t got[PK_SHA256_LEN];

	(void)state;
	assert_false(pk_bound_sha256(b, never, NULL, got));
	assert_true(pk_bound_steady(b));
	pk_source_free(b);
	pk_source_free(file);
}

static void what_is_in_memory_is_taken_from_there(void **state)
{
	static const uint8_t want[] = { 0xba, 0x78, 0x16, 0xbf };
	struct pk_source *m = pk_memory_borrow(PK_LIT("abc"));
	struct pk_source *b = pk_bound_new(m);
	uint8_t got[PK_SHA256_LEN];

	(void)state;
	assert_true(pk_bound_sha256(b, always, NULL, got));
	assert_memory_equal(got, want, sizeof(want));
	pk_source_free(b);
	pk_source_free(m);
}

#define WITH_FILE(fn) cmocka_unit_test_setup_teardown(fn, make_file, drop_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILE(the_digest_is_that_of_the_whole),
		WITH_FILE(reads_cross_blocks),
		WITH_FILE(
			bytes_that_changed_after_they_were_read_give_no_digest),
		WITH_FILE(a_file_that_shrinks_gives_no_digest),
		WITH_FILE(a_file_that_grows_is_one_that_changed),
		WITH_FILE(whoever_has_no_time_gets_no_digest),
		T_TEST(what_is_in_memory_is_taken_from_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
