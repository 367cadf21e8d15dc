/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "core/digest.h"

static void a_digest_is_that_of_the_standard(void **state)
{
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t d[PK_SHA256_LEN];
	struct pk_buf b = { 0 };

	(void)state;
	pk_sha256_add(h, "a", 1);
	pk_sha256_add(h, "bc", 2);
	assert_true(pk_sha256_end(h, d));
	pk_hex_put(&b, (struct pk_span){ d, sizeof(d) });
	assert_string_equal(pk_buf_str(&b), /* FIPS 180-4, "abc" */
			    "ba7816bf8f01cfea414140de5dae2223"
			    "b00361a396177a9cb410ff61f20015ad");
	pk_buf_release(&b);
}

/* printf 'Hello, World!' | git hash-object --stdin */
static void a_git_blob_is_what_git_says(void **state)
{
	struct pk_git_blob *h = pk_git_blob_new(13);
	uint8_t got[PK_GIT_BLOB_LEN], want[PK_GIT_BLOB_LEN];

	(void)state;
	assert_true(
		pk_hex_get(PK_LIT("b45ef6fec89518d314f546fd6c3025367b721684"),
			   want, sizeof(want)));
	pk_git_blob_add(h, "Hello, ", 7);
	pk_git_blob_add(h, "World!", 6);
	assert_true(pk_git_blob_end(h, got));
	assert_memory_equal(got, want, sizeof(got));
}

static void a_git_blob_of_another_size_is_none(void **state)
{
	uint8_t got[PK_GIT_BLOB_LEN];

	(void)state;
	for (uint64_t size = 0; size < 3; size += 2) {
		struct pk_git_blob *h = pk_git_blob_new(size);

		pk_git_blob_add(h, "x", 1);
		assert_false(pk_git_blob_end(h, got));
	}
}

static void without_memory_there_is_no_digest(void **state)
{
	uint8_t d[PK_SHA256_LEN];

	(void)state;
	pk_sha256_add(NULL, "a", 1);
	assert_false(pk_sha256_end(NULL, d));
	assert_int_equal(d[0], 0);
}

/* RFC 4231, cases 2 and 7. */
static void hmac_as_published(void **state)
{
	const char *long_text =
		"This is a test using a larger than block-size key and a "
		"larger than block-size data. The key needs to be hashed "
		"before being used by the HMAC algorithm.";
	uint8_t key[131], mac[PK_SHA256_LEN];
	struct pk_buf hex = { 0 };

	(void)state;
	memset(key, 0xaa, sizeof(key));
	assert_true(pk_hmac_sha256(
		PK_LIT("Jefe"), PK_LIT("what do ya want for nothing?"), mac));
	pk_hex_put(&hex, (struct pk_span){ mac, sizeof(mac) });
	assert_true(pk_hmac_sha256((struct pk_span){ key, sizeof(key) },
				   (struct pk_span){ (const uint8_t *)long_text,
						     strlen(long_text) },
				   mac));
	pk_hex_put(&hex, (struct pk_span){ mac, sizeof(mac) });
	assert_string_equal(
		pk_buf_str(&hex),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
		"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
	pk_buf_release(&hex);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hmac_as_published),
		cmocka_unit_test(a_digest_is_that_of_the_standard),
		cmocka_unit_test(a_git_blob_is_what_git_says),
		cmocka_unit_test(a_git_blob_of_another_size_is_none),
		cmocka_unit_test(without_memory_there_is_no_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
