/* SPDX-License-Identifier: Apache-2.0 */
#include <lzma.h>

#include "support.h"

static struct pk_span pack(struct pk_span in)
{
	static uint8_t buf[1 << 16];
	size_t n = 0;

	assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL,
						 in.p, in.len, buf, &n,
						 sizeof(buf)),
			 LZMA_OK);
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
