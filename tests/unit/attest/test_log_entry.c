/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/log_entry.h"

#include <stdlib.h>

#include "attest/json_bits.h"
#include "support.h"

enum { LEAVES = 40 };

typedef uint8_t digest[PK_SHA256_LEN];

static void hash(const void *prefix, const void *a, size_t na, const void *b,
		 size_t nb, digest ret)
{
	struct pk_sha256 *h = pk_sha256_new();

	pk_sha256_add(h, prefix, 1);
	pk_sha256_add(h, a, na);
	pk_sha256_add(h, b, nb);
	assert_true(pk_sha256_end(h, ret));
}

static void leaf(uint64_t i, digest ret)
{
	hash("\0", &i, sizeof(i), "", 0, ret);
}

/* The largest power of two below n. */
static uint64_t split(uint64_t n)
{
	uint64_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

/* RFC 9162, section 2.1.1: MTH. */
static void root_of(uint64_t from, uint64_t n, digest ret)
{
	digest left, right;

	if (n == 1) {
		leaf(from, ret);
		return;
	}
	root_of(from, split(n), left);
	root_of(from + split(n), n - split(n), right);
	hash("\1", left, sizeof(left), right, sizeof(right), ret);
}

/* Section 2.1.3.1: PATH. */
static size_t path_of(uint64_t m, uint64_t from, uint64_t n, digest *to)
{
	const uint64_t k = n > 1 ? split(n) : 0;
	size_t count;

	if (n == 1)
		return 0;
	if (m < k) {
		count = path_of(m, from, k, to);
		root_of(from + k, n - k, to[count]);
	} else {
		count = path_of(m - k, from + k, n - k, to);
		root_of(from, k, to[count]);
	}
	return count + 1;
}

static void every_proof_leads_to_the_root(void **state)
{
	digest path[PK_PROOF_MAX], root, own, got;

	(void)state;
	for (uint64_t n = 1; n <= LEAVES; n++) {
		root_of(0, n, root);
		for (uint64_t i = 0; i < n; i++) {
			const size_t count = path_of(i, 0, n, path);

			leaf(i, own);
			assert_true(
				pk_merkle_root(own, i, n, path, count, got));
			assert_memory_equal(got, root, sizeof(root));
		}
	}
}

static void no_other_proof_does(void **state)
{
	digest path[PK_PROOF_MAX], root, own, got;

	(void)state;
	for (uint64_t n = 1; n <= LEAVES; n++) {
		root_of(0, n, root);
		for (uint64_t i = 0; i < n; i++) {
			const size_t count = path_of(i, 0, n, path);

			leaf(i, own);
			memset(path[count], 1, sizeof(digest));
			assert_false(pk_merkle_root(own, i, n, path, count + 1,
						    got));
			if (count)
				assert_false(pk_merkle_root(own, i, n, path,
							    count - 1, got));
			/* At another place it leads elsewhere, if anywhere. */
			for (uint64_t k = 0; k < n; k++)
				assert_true(k == i ||
					    !pk_merkle_root(own, k, n, path,
							    count, got) ||
					    memcmp(got, root, sizeof(root)));
		}
	}
	assert_false(pk_merkle_root(own, 0, 0, path, 0, got));
	assert_false(pk_merkle_root(own, 5, 5, path, 0, got));
	assert_false(pk_merkle_root(own, UINT64_MAX, UINT64_MAX, path, 0, got));
}

#define DIGEST "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static const char good[] =
	"{\"logIndex\":\"7\",\"logId\":{\"keyId\":\"" DIGEST "\"},"
	"\"kindVersion\":{\"kind\":\"dsse\",\"version\":\"0.0.1\"},"
	"\"integratedTime\":\"1\",\"inclusionPromise\":"
	"{\"signedEntryTimestamp\":\"AAAA\"},\"inclusionProof\":{"
	"\"logIndex\":\"1\",\"rootHash\":\"" DIGEST "\",\"treeSize\":\"2\","
	"\"hashes\":[\"" DIGEST "\"],\"checkpoint\":{\"envelope\":"
	"\"a\\n2\\n" DIGEST "\\n\\n\xe2\x80\x94 a AAAAAAAA\\n\"}},"
	"\"canonicalizedBody\":\"AAAA\"}";

/* What is wrong with it, also when somebody looks into it. */
static const char *take(const char *text, size_t n)
{
	struct pk_meter meter = { .ceiling = 1 << 20 };
	struct pk_arena a = PK_ARENA(&meter);
	const struct pk_trusted_root none = { 0 };
	const struct pk_logged what = { .payload = PK_LIT("x") };
	struct pk_buf copy = { 0 };
	struct pk_log_entry e;
	const char *why;

	pk_buf_put(&copy, text, n);
	why = pk_log_entry_get(&e, &a, pk_json_strict(&a, pk_buf_span(&copy)));
	if (!why) {
		assert_non_null(pk_log_entry_check(&e, &none));
		assert_non_null(pk_log_entry_is_of(&e, &what));
	}
	pk_buf_release(&copy);
	pk_arena_release(&a);
	return why;
}

static void an_entry_is_read(void **state)
{
	(void)state;
	assert_null(take(good, sizeof(good) - 1));
}

static void damage_is_survived(void **state)
{
	char text[sizeof(good)];

	(void)state;
	for (size_t n = 0; n < sizeof(good) - 1; n++)
		assert_non_null(take(good, n));
	for (size_t i = 0; i < 8 * (sizeof(good) - 1); i++) {
		memcpy(text, good, sizeof(good));
		text[i / 8] = (char)(text[i / 8] ^ (1 << (i % 8)));
		(void)take(text, sizeof(good) - 1);
	}
}

static void a_trusted_root_survives_damage(void **state)
{
	static const char root[] =
		"{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+"
		"json;version=0.1\",\"tlogs\":[{\"logId\":{\"keyId\":\"" DIGEST
		"\"},\"publicKey\":{\"rawBytes\":\"AAAA\",\"validFor\":{"
		"\"start\":\"2021-01-12T11:53:27Z\",\"end\":"
		"\"2022-10-31T23:59:59.999Z\"}}}],\"certificateAuthorities\":"
		"[{\"certChain\":{\"certificates\":[{\"rawBytes\":\"AAAA\"}]},"
		"\"validFor\":{\"start\":\"2021-01-12T11:53:27Z\"}}]}";
	struct pk_trusted_root t;
	const char *why;

	(void)state;
	assert_int_equal(pk_trusted_root_read(&t, PK_LIT(root), &why), PK_OK);
	assert_int_equal(t.logs->valid.from, 1610452407);
	assert_int_equal(t.logs->valid.to, 1667260799);
	assert_true(t.authorities->valid.to == INT64_MAX);
	assert_int_equal(t.authorities->count, 1);
	assert_null(t.timestamps);
	pk_trusted_root_release(&t);
	for (size_t n = 0; n < sizeof(root) - 1; n++) {
		char *cut = malloc(n ? n : 1);

		assert_non_null(cut);
		memcpy(cut, root, n);
		assert_int_equal(pk_trusted_root_read(
					 &t,
					 (struct pk_span){ (uint8_t *)cut, n },
					 &why),
				 PK_ERR_USAGE);
		assert_non_null(why);
		pk_trusted_root_release(&t);
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_proof_leads_to_the_root),
		cmocka_unit_test(no_other_proof_does),
		cmocka_unit_test(an_entry_is_read),
		cmocka_unit_test(damage_is_survived),
		cmocka_unit_test(a_trusted_root_survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
