/* SPDX-License-Identifier: Apache-2.0 */
#include <zstd.h>

#include "support.h"

static struct pk_span pack(struct pk_span in)
{
	static uint8_t buf[1 << 16];
	size_t n = ZSTD_compress(buf, sizeof(buf), in.p, in.len, 3);

	assert_false(ZSTD_isError(n));
	return (struct pk_span){ buf, n };
}

#include "wrapper_cases.h"

static void a_skippable_frame_is_no_hiding_place(void **state)
{
	static uint8_t file[1024] = "\x50\x2a\x4d\x18";
	const struct pk_span packed = pack(PK_LIT("hello"));

	(void)state;
	file[4] = 100;
	memcpy(file + 8, PAYLOAD.p, PAYLOAD.len);
	memset(file + 8 + PAYLOAD.len, 0x91, 100 - PAYLOAD.len);
	memcpy(file + 108, packed.p, packed.len);
	t_scan("x.zst", (struct pk_span){ file, 108 + packed.len });
	assert_true(hurt());
	assert_false(t_partial());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WRAPPER_CASES,
		T_TEST(a_skippable_frame_is_no_hiding_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
