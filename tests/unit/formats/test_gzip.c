/* SPDX-License-Identifier: Apache-2.0 */
#define ZLIB_CONST
#include <zlib.h>

#include "support.h"

static struct pk_span pack(struct pk_span in)
{
	static uint8_t buf[1 << 16];
	z_stream s = { .next_in = in.p, .avail_in = (uInt)in.len };

	s.next_out = buf;
	s.avail_out = sizeof(buf);
	assert_int_equal(deflateInit2(&s, 9, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
	assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
	(void)deflateEnd(&s);
	return (struct pk_span){ buf, sizeof(buf) - s.avail_out };
}

#include "wrapper_cases.h"

static void a_long_extra_field_is_no_hiding_place(void **state)
{
	static uint8_t file[1024] = "\x1f\x8b\x08\x04\0\0\0\0\0\3";
	const struct pk_span packed = pack(PK_LIT("hello"));

	(void)state;
	file[10] = 100;
	memcpy(file + 12, PAYLOAD.p, PAYLOAD.len);
	memset(file + 12 + PAYLOAD.len, 0x91, 100 - PAYLOAD.len);
	memcpy(file + 112, packed.p + 10, packed.len - 10);
	t_scan("x.gz", (struct pk_span){ file, 112 + packed.len - 10 });
	assert_true(hurt());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WRAPPER_CASES,
		T_TEST(a_long_extra_field_is_no_hiding_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
