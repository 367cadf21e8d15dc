/* SPDX-License-Identifier: Apache-2.0 */
#include <bzlib.h>

#include "support.h"

static struct pk_span pack(struct pk_span in)
{
	static char buf[1 << 16];
	unsigned n = sizeof(buf);

	assert_int_equal(BZ2_bzBuffToBuffCompress(buf, &n,
						  (char *)(uintptr_t)in.p,
						  (unsigned)in.len, 9, 0, 0),
			 BZ_OK);
	return (struct pk_span){ (uint8_t *)buf, n };
}

#include "wrapper_cases.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
		WRAPPER_CASES,
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
