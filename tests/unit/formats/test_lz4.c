/* SPDX-License-Identifier: Apache-2.0 */
#include <lz4frame.h>

#include "support.h"

static struct pk_span pack(struct pk_span in)
{
	static uint8_t buf[1 << 16];
	size_t n = LZ4F_compressFrame(buf, sizeof(buf), in.p, in.len, NULL);

	assert_false(LZ4F_isError(n));
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
