/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/bundle.h"
#include "attest/statement.h"

#include "support.h"

static struct pk_span text_of(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static void what_is_signed_is_the_pae_of_dsse(void **state)
{
	struct pk_buf b = { 0 };

	(void)state;
	pk_pae_put(&b, PK_LIT("hello world"));
	assert_string_equal(pk_buf_str(&b),
			    "DSSEv1 28 application/vnd.in-toto+json 11 hello "
			    "world");
	b.len = 0;
	pk_pae_put_legacy(&b, PK_LIT("{\"a\": 'b'}\n\x01"));
	assert_string_equal(pk_buf_str(&b),
			    "DSSEV1 28 application/vnd.in-toto+json 12 "
			    "b'{\"a\": \\'b\\'}\\n\\x01'");
	pk_buf_release(&b);
}

#define ENVELOPE                                                        \
	"\"dsseEnvelope\": {\"payload\": \"e30=\", \"payloadType\": "   \
	"\"application/vnd.in-toto+json\", \"signatures\": [{\"sig\": " \
	"\"QUJD\", \"keyid\": \"\"}]}"
#define MEDIA "\"mediaType\": \"application/vnd.dev.sigstore.bundle.v0.3+json\""
#define KEY   "\"verificationMaterial\": {\"publicKey\": {\"hint\": \"ab\"}}"

static const char *refusal(const char *json)
{
	struct pk_bundle b = { 0 };
	const char *why;
	const enum pk_status s = pk_bundle_get(&b, text_of(json), &why);

	assert_int_equal(s == PK_OK, why == NULL);
	pk_bundle_release(&b);
	return why;
}

static void a_bundle_is_read_to_the_letter(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{" MEDIA ", " ENVELOPE "}",
		"{" KEY ", " ENVELOPE "}",
		"{" MEDIA ", " KEY "}",
		"{" MEDIA ", " KEY ", " ENVELOPE ", \"more\": 1}",
		"{" MEDIA ", " MEDIA ", " KEY ", " ENVELOPE "}",
		"{" MEDIA ", \"verificationMaterial\": {}, " ENVELOPE "}",
		"{" MEDIA ", \"verificationMaterial\": {\"certificate\": "
		"{}}, " ENVELOPE "}",
		"{" MEDIA ", \"verificationMaterial\": {\"publicKey\": "
		"{\"hint\": 5}}, " ENVELOPE "}",
		"{" MEDIA ", \"verificationMaterial\": "
		"{\"x509CertificateChain\": {\"certificates\": "
		"[{\"rawBytes\": \"AAAA\"}]}}, " ENVELOPE "}",
		"{" MEDIA ", " KEY
		", \"dsseEnvelope\": {\"payload\": \"e30=\", \"payloadType\": "
		"\"application/vnd.in-toto+json\", \"signatures\": []}}",
		"{" MEDIA ", " KEY
		", \"dsseEnvelope\": {\"payload\": \"e30\", \"payloadType\": "
		"\"application/vnd.in-toto+json\", \"signatures\": "
		"[{\"sig\": \"QUJD\"}]}}",
	};

	(void)state;
	assert_null(refusal("{" MEDIA ", " KEY ", " ENVELOPE "}"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(refusal(bad[i]));
}

static void what_is_written_is_read_again(void **state)
{
	struct pk_bundle b = { 0 }, again = { 0 };
	struct pk_buf json = { 0 };
	const char *why;

	(void)state;
	pk_buf_puts(&b.payload, "{\"x\": 1}");
	pk_buf_puts(&b.signature, "signature");
	pk_buf_puts(&b.hint, "00ff");
	assert_int_equal(pk_bundle_put(&b, &json), PK_OK);
	assert_int_equal(pk_bundle_get(&again, pk_buf_span(&json), &why),
			 PK_OK);
	assert_string_equal(pk_buf_str(&again.payload), "{\"x\": 1}");
	assert_string_equal(pk_buf_str(&again.signature), "signature");
	assert_string_equal(pk_buf_str(&again.hint), "00ff");
	pk_bundle_release(&b);
	pk_bundle_release(&again);
	pk_buf_release(&json);
}

static void statements_survive_the_journey(void **state)
{
	const struct pk_manifest_entry part = {
		.path = "a/b.bin", .from = 4, .to = 8, .digest = { 7 }
	};
	struct pk_manifest m, back;
	struct pk_statement s = { .files = &m,
				  .links = PK_LINKS_FOLLOW,
				  .name = "n" };
	struct pk_statement t = { .files = &back };
	struct pk_buf json = { 0 };
	const char *why = NULL;

	(void)state;
	pk_manifest_init(&m, PK_HASH_BLAKE2B);
	pk_manifest_init(&back, PK_HASH_SHA256);
	m.shard = 4;
	assert_int_equal(pk_manifest_add(&m, &part), PK_OK);
	assert_int_equal(pk_statement_put(&s, &json, &why), PK_OK);
	assert_int_equal(pk_statement_get(&t, pk_buf_span(&json), &why), PK_OK);
	assert_int_equal(back.hash, PK_HASH_BLAKE2B);
	assert_int_equal(back.shard, 4);
	assert_int_equal(t.links, PK_LINKS_FOLLOW);
	assert_string_equal(back.entries[0].path, "a/b.bin");
	assert_int_equal(back.entries[0].to, 8);
	pk_manifest_release(&m);
	pk_manifest_release(&back);
	pk_buf_release(&json);
}

static void some_trees_are_not_signed(void **state)
{
	static const char *const names[] = { "\xff", "a:b" };
	const char *why = NULL;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct pk_manifest_entry e = { .path = names[i],
						     .to = 1 };
		struct pk_manifest m;
		struct pk_statement s = { .files = &m, .name = "n" };
		struct pk_buf json = { 0 };

		pk_manifest_init(&m, PK_HASH_SHA256);
		m.shard = 4;
		assert_int_equal(pk_manifest_add(&m, &e), PK_OK);
		assert_int_equal(pk_statement_put(&s, &json, &why),
				 PK_ERR_USAGE);
		assert_non_null(why);
		pk_manifest_release(&m);
		pk_buf_release(&json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_signed_is_the_pae_of_dsse),
		cmocka_unit_test(a_bundle_is_read_to_the_letter),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(statements_survive_the_journey),
		cmocka_unit_test(some_trees_are_not_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
