/* SPDX-License-Identifier: Apache-2.0 */
#include "source/pieces.h"

#include "source/memory.h"
#include "support.h"

static void pieces_and_holes_are_put_together(void **state)
{
	const struct pk_extent piece[] = { { 6, 0, 2 }, { 1, 2, 3 } };
	struct pk_source *of = pk_memory_borrow(PK_LIT("abcde"));
	struct pk_source *s = pk_pieces_new(of, piece, 2, 10);
	char buf[16];

	(void)state;
	assert_int_equal(pk_source_read(s, 0, buf, sizeof(buf)), 10);
	assert_memory_equal(buf, "\0cde\0\0ab\0\0", 10);
	assert_int_equal(pk_source_read(s, 2, buf, 5), 5);
	assert_memory_equal(buf, "de\0\0a", 5);
	pk_source_free(s);
	pk_source_free(of);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_and_holes_are_put_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
