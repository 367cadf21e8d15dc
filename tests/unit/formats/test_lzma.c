/* SPDX-License-Identifier: Apache-2.0 */
#include <lzma.h>

#include "support.h"

static struct pk_span pack(struct pk_span in)
{
	static uint8_t buf[1 << 16];
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_options_lzma options;
	size_t n;

	assert_false(lzma_lzma_preset(&options, 1));
	assert_int_equal(lzma_alone_encoder(&s, &options), LZMA_OK);
	s.next_in = in.p;
	s.avail_in = in.len;
	s.next_out = buf;
	s.avail_out = sizeof(buf);
	assert_int_equal(lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
	n = sizeof(buf) - s.avail_out;
	lzma_end(&s);
	return (struct pk_span){ buf, n };
}

#include "wrapper_cases.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
		WRAPPER_CASES,
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
