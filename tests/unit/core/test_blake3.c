/* SPDX-License-Identifier: Apache-2.0 */
#include "core/digest.h"
#include "support.h"

/* Digests of the repeating bytes 0 to 250, from BLAKE3's own test vectors
 * (BLAKE3-team/BLAKE3, test_vectors/test_vectors.json). */
static const struct {
	size_t len;
	const char *hex;
} vectors[] = {
	{ 0, "af1349b9f5f9a1a6a0404dea36dcc949"
	     "9bcb25c9adc112b7cc9a93cae41f3262" },
	{ 1, "2d3adedff11b61f14c886e35afa03673"
	     "6dcd87a74d27b5c1510225d0f592e213" },
	{ 1024, "42214739f095a406f3fc83deb889744a"
		"c00df831c10daa55189b5d121c855af7" },
	{ 1025, "d00278ae47eb27b34faecf67b4fe263f"
		"82d5412916c1ffd97c8cb7fb814b8444" },
	{ 31744, "62b6960e1a44bcc1eb1a611a8d6235b6"
		 "b4b78f32e7abc4fb4c6cdcce94895c47" },
};

static void the_published_vectors_hold_however_bytes_arrive(void **state)
{
	static uint8_t bytes[31744];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i % 251);
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const size_t piece = 1 + 97 * i;
		struct pk_hasher *h = pk_hasher_new(PK_HASH_BLAKE3);
		uint8_t digest[PK_HASH_LEN_MAX];
		struct pk_buf hex = { 0 };

		for (size_t at = 0; at < vectors[i].len; at += piece)
			pk_hasher_add(h, bytes + at,
				      vectors[i].len - at < piece
					      ? vectors[i].len - at
					      : piece);
		assert_true(pk_hasher_end(h, digest));
		pk_hex_put(&hex, (struct pk_span){
					 digest, pk_hash_len(PK_HASH_BLAKE3) });
		assert_string_equal(pk_buf_str(&hex), vectors[i].hex);
		pk_buf_release(&hex);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_published_vectors_hold_however_bytes_arrive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
