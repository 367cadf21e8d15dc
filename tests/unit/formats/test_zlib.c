/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "support.h"

static struct pk_span pack(struct pk_span in)
{
	static uint8_t buf[1 << 16];
	uLongf n = sizeof(buf);

	assert_int_equal(compress(buf, &n, in.p, in.len), Z_OK);
	return (struct pk_span){ buf, n };
}

#include "wrapper_cases.h"

static void text_that_starts_with_x_is_no_zlib(void **state)
{
	(void)state;
	t_scan("notes.txt", PK_LIT("x^2 + y^2 = z^2 is what Pythagoras said, "
				   "or so they say; x^3 is another story\n"));
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WRAPPER_CASES,
		T_TEST(text_that_starts_with_x_is_no_zlib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
