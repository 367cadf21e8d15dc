/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/attestation.h"

#include "support.h"

static struct pk_buf good; /* of two files, "a.bin" and "d/b.bin" */

static void write_good(void)
{
	static const struct pk_manifest_entry files[] = {
		{ .path = "a.bin",
		  .to = PK_TO_END,
		  .digest = { 1 },
		  .format = "pickle",
		  .verdict = "clean",
		  .action = "pass" },
		{ .path = "d/b.bin",
		  .to = PK_TO_END,
		  .digest = { 2 },
		  .verdict = "malicious",
		  .action = "block" },
	};
	static const char *const ignore[] = { "model.sig" };
	struct pk_manifest m;
	const struct pk_attestation a = { .files = &m,
					  .name = "m",
					  .ignore = ignore,
					  .ignore_count = 1,
					  .policy = "standard",
					  .fail_on = "high",
					  .version = "1",
					  .rules = "sha256:00",
					  .time = 1700000000 };
	const char *why = NULL;

	pk_manifest_init(&m, PK_HASH_SHA256);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pk_manifest_add(&m, &files[i]), PK_OK);
	good.len = 0;
	assert_int_equal(pk_attestation_put(&a, &good, &why), PK_OK);
	pk_manifest_release(&m);
}

/* Why it is refused, or NULL. */
static const char *refusal(struct pk_span json)
{
	struct pk_manifest m;
	struct pk_attestation a = { .files = &m };
	const char *why = NULL;
	enum pk_status s;

	pk_manifest_init(&m, PK_HASH_SHA256);
	s = pk_attestation_get(&a, json, &why);
	assert_int_equal(s == PK_OK, why == NULL);
	pk_manifest_release(&m);
	return why;
}

static void what_is_written_is_read_again(void **state)
{
	struct pk_manifest m;
	struct pk_attestation a = { .files = &m };
	const char *why = NULL;

	(void)state;
	write_good();
	pk_manifest_init(&m, PK_HASH_SHA256);
	assert_int_equal(pk_attestation_get(&a, pk_buf_span(&good), &why),
			 PK_OK);
	assert_string_equal(a.name, "m");
	assert_string_equal(a.policy, "standard");
	assert_string_equal(a.fail_on, "high");
	assert_string_equal(a.rules, "sha256:00");
	assert_string_equal(a.ignore[0], "model.sig");
	assert_true(a.time == 1700000000);
	assert_false(a.passed);
	assert_int_equal(m.count, 2);
	assert_string_equal(m.entries[0].verdict, "clean");
	assert_string_equal(pk_attestation_blocked(&a), "d/b.bin");
	pk_manifest_release(&m);
}

/* The good one with one text in the place of another. */
static const char *refusal_with(const char *old, const char *now)
{
	const char *text = pk_buf_str(&good);
	const char *at = strstr(text, old);
	struct pk_buf changed = { 0 };
	const char *why;

	assert_non_null(at);
	pk_buf_put(&changed, text, (size_t)(at - text));
	pk_buf_puts(&changed, now);
	pk_buf_puts(&changed, at + strlen(old));
	why = refusal(pk_buf_span(&changed));
	pk_buf_release(&changed);
	return why;
}

static void every_slip_is_refused(void **state)
{
	static const struct {
		const char *old, *now, *why;
	} slips[] = {
		{ "d/b.bin", "a.bin", "named twice" },
		{ "d/b.bin", "../b.bin", "leaves the tree" },
		{ "d/b.bin", "/b.bin", "absolute" },
		{ "d/b.bin", "d//b.bin", "empty" },
		{ "d/b.bin", "./b.bin", "'.'" },
		{ "d/b.bin", "", "empty" },
		{ "d/b.bin", "b\\u0000.bin", "a path" },
		{ "\"path\"", "\"Path\"", "a path" },
		{ "\"clean\",", "\"fine\",", "no scan gives" },
		{ "\"pass\"", "\"PASS\"", "no scan gives" },
		{ "\"pass\"", "1", "no scan gives" },
		{ "\"action\"", "\"verdict\"", "twice" },
		{ "\"passed\"", "\"time\"", "twice" },
		{ "\"passed\"", "\"past\"", "passed" },
		{ "\"passed\": false", "\"passed\": \"yes\"", "passed" },
		{ "2023", "2O23", "a time" },
		{ "2023-11-14T", "2023-11-31T", "a time" },
		{ "2023-11-14T", " 2023-11-14T", "a time" },
		{ "\"fail_on\"", "\"fail\"", "missing" },
		{ "\"rules\"", "\"rule\"", "missing" },
		{ "\"tool\"", "\"tools\"", "missing" },
		{ "\"policy\"", "\"police\"", "missing" },
		{ "scan/v1", "scan/v2", "not an attestation" },
		{ "Statement/v1", "Statement/v0.1", "in-toto" },
		{ "\"sha256\": \"0200", "\"sha256\": \"0300", "digest" },
		{ "\"sha256\": \"0200", "\"sha256\": \"02", "digest" },
		{ "\"subject\": [", "\"subject\": [{}, ", "subject" },
		{ "\"files\": [", "\"files\": [], \"f\": [", "files" },
		{ "\"files\": [", "\"files\": [7, ", "a path" },
		{ "[\"model.sig\"]", "\"model.sig\"", "no list" },
		{ "[\"model.sig\"]", "[7]", "no list" },
		{ "{", "[", "not JSON" },
	};

	(void)state;
	write_good();
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		const char *why = refusal_with(slips[i].old, slips[i].now);

		if (!why || !strstr(why, slips[i].why))
			fail_msg("%s for %s: %s", slips[i].now, slips[i].old,
				 why ? why : "accepted");
	}
}

static void no_damage_is_more_than_refused(void **state)
{
	(void)state;
	write_good();
	for (size_t n = 0; n + 1 < good.len; n++) /* the last is a newline */
		assert_non_null(refusal(
			(struct pk_span){ (const uint8_t *)good.p, n }));
	for (size_t i = 0; i < good.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			((uint8_t *)good.p)[i] ^= (uint8_t)(1U << bit);
			(void)refusal(pk_buf_span(&good));
			((uint8_t *)good.p)[i] ^= (uint8_t)(1U << bit);
		}
	}
	assert_null(refusal(pk_buf_span(&good)));
}

static void what_was_not_scanned_is_not_attested(void **state)
{
	static const struct pk_manifest_entry hashed = { .path = "a",
							 .to = PK_TO_END };
	struct pk_manifest m;
	const struct pk_attestation a = { .files = &m };
	struct pk_buf b = { 0 };
	const char *why = NULL;

	(void)state;
	pk_manifest_init(&m, PK_HASH_SHA256);
	assert_int_equal(pk_attestation_put(&a, &b, &why), PK_ERR_USAGE);
	assert_int_equal(pk_manifest_add(&m, &hashed), PK_OK);
	assert_int_equal(pk_attestation_put(&a, &b, &why), PK_ERR_USAGE);
	assert_non_null(why);
	pk_manifest_release(&m);
	pk_buf_release(&b);
}

static int release(void **state)
{
	(void)state;
	pk_buf_release(&good);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(every_slip_is_refused),
		cmocka_unit_test(no_damage_is_more_than_refused),
		cmocka_unit_test(what_was_not_scanned_is_not_attested),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
