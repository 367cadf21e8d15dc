/* SPDX-License-Identifier: Apache-2.0 */
/* A lock file that anybody wrote: what is accepted is written, and read again
 * it is written the same. */
#include <stdlib.h>

#include "fuzz.h"
#include "hub/lock.h"

static void again(const struct pk_lock *l)
{
	struct pk_complaints why;
	struct pk_buf once = { 0 }, twice = { 0 };
	struct pk_lock back = { 0 };

	pk_lock_write(l, &once);
	if (pk_lock_read(&back, pk_buf_span(&once), &why) != PK_OK)
		abort();
	pk_lock_write(&back, &twice);
	if (!pk_span_eq(pk_buf_span(&once), pk_buf_span(&twice)))
		abort();
	pk_lock_release(&back);
	pk_buf_release(&once);
	pk_buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pk_span bytes = { data, size };
	struct pk_complaints why;
	struct pk_lock l = { 0 };

	if (pk_lock_read(&l, bytes, &why) == PK_OK)
		again(&l);
	pk_lock_release(&l);
	return 0;
}
