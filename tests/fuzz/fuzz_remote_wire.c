/* SPDX-License-Identifier: Apache-2.0 */
/* A listing from another process: what was taken must travel again and be
 * the same. */
#include <stdlib.h>

#include "fuzz.h"
#include "hub/remote.h"

static void travels(const struct pk_remote *r)
{
	struct pk_buf once = { 0 }, twice = { 0 };
	struct pk_remote again;

	if (pk_remote_encode(r, &once) != PK_OK ||
	    pk_remote_decode(pk_buf_span(&once), &again) != PK_OK ||
	    pk_remote_encode(&again, &twice) != PK_OK ||
	    !pk_span_eq(pk_buf_span(&once), pk_buf_span(&twice)))
		abort();
	pk_remote_release(&again);
	pk_buf_release(&once);
	pk_buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_remote r;

	if (pk_remote_decode((struct pk_span){ data, size }, &r) == PK_OK)
		travels(&r);
	pk_remote_release(&r);
	return 0;
}
