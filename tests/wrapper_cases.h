/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every compressed stream has to prove.  Included by a test that has
 * defined pack() before.
 */
#ifndef PK_TESTS_WRAPPER_CASES_H
#define PK_TESTS_WRAPPER_CASES_H

#include "support.h"

#define PAYLOAD                         \
	PK_LIT("\x80\x04"               \
	       "cposix\nsystem\n(U\x09" \
	       "echo hurttR.")

static bool hurt(void)
{
	return t_import("posix", "system") != NULL;
}

/* pack() reuses its memory. */
static struct pk_span join(struct pk_span a, struct pk_span b)
{
	static uint8_t buf[1 << 17];
	struct pk_span both = { buf, a.len };

	memmove(buf, a.p, a.len);
	if (!b.p)
		return both;
	memcpy(buf + a.len, b.p, b.len);
	both.len += b.len;
	return both;
}

static struct pk_span pack_again(struct pk_span first, struct pk_span rest)
{
	first = join(first, (struct pk_span){ 0 });
	return join(first, pack(rest));
}

static void content_is_scanned(void **state)
{
	(void)state;
	t_scan("model.joblib", pack(PAYLOAD));
	assert_true(hurt());
	assert_false(t_partial());
}

static void harmless_content_is_clean(void **state)
{
	(void)state;
	t_scan("notes", pack(PK_LIT("Nothing to see here, move along.")));
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
}

static void members_in_a_row_are_one_content(void **state)
{
	const struct pk_span all = PAYLOAD;
	const struct pk_span a = { all.p, 9 }, b = { all.p + 9, all.len - 9 };

	(void)state;
	t_scan("model.pkl", pack_again(pack(a), b));
	assert_true(hurt());
	assert_false(t_finds(PK_RULE_FILE_UNEXPLAINED_BYTES));
}

static void wrapped_twice_is_scanned(void **state)
{
	(void)state;
	t_scan("model.pkl", pack(join(pack(PAYLOAD), (struct pk_span){ 0 })));
	assert_true(hurt());
}

static void bytes_behind_the_stream_are_found(void **state)
{
	(void)state;
	t_scan("model.pkl",
	       join(pack(PK_LIT("hello")), PK_LIT("\x91\x92\x93\x94")));
	assert_true(t_finds(PK_RULE_FILE_UNEXPLAINED_BYTES));
}

static void a_stream_cut_short_is_damaged_and_partial(void **state)
{
	static uint8_t noise[4096];
	struct pk_span packed;
	uint32_t x = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++) {
		x = x * 1664525U + 1013904223U;
		noise[i] = (uint8_t)(x >> 24);
	}
	packed = pack((struct pk_span){ noise, sizeof(noise) });
	packed.len -= 9;
	t_scan("model.pkl", packed);
	assert_true(t_finds(PK_RULE_ARCHIVE_DAMAGED));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("model.pkl", join(pack(PAYLOAD), pack(PAYLOAD)));
}

#define WRAPPER_CASES                                                  \
	T_TEST(content_is_scanned), T_TEST(harmless_content_is_clean), \
		T_TEST(members_in_a_row_are_one_content),              \
		T_TEST(wrapped_twice_is_scanned),                      \
		T_TEST(bytes_behind_the_stream_are_found),             \
		T_TEST(a_stream_cut_short_is_damaged_and_partial),     \
		T_TEST(survives_damage)

#endif
