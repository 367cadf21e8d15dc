/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <zlib.h>

#include "support.h"

#define PAYLOAD                         \
	PK_LIT("\x80\x02"               \
	       "cposix\nsystem\n(U\x09" \
	       "echo hurttR.")

static struct pk_span zfile(size_t length, bool blank)
{
	static uint8_t buf[1024];
	uLongf n = sizeof(buf) - 22;
	int head = snprintf((char *)buf, 32, "ZF0x%-17zx%s", length,
			    blank ? " " : "");

	assert_int_equal(compress(buf + head, &n, PAYLOAD.p, PAYLOAD.len),
			 Z_OK);
	return (struct pk_span){ buf, (size_t)head + n };
}

static void content_is_scanned_in_both_layouts(void **state)
{
	(void)state;
	t_scan("x", zfile(PAYLOAD.len, false));
	assert_non_null(t_import("posix", "system"));
	assert_false(t_partial());
	t_scan("x", zfile(PAYLOAD.len, true));
	assert_non_null(t_import("posix", "system"));
	assert_false(t_partial());
}

static void a_wrong_size_leaves_the_scan_partial(void **state)
{
	(void)state;
	t_scan("x", zfile(7, false));
	assert_non_null(t_import("posix", "system"));
	assert_true(t_finds(PK_RULE_ARCHIVE_DAMAGED));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("x", zfile(PAYLOAD.len, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(content_is_scanned_in_both_layouts),
		T_TEST(a_wrong_size_leaves_the_scan_partial),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
