/* SPDX-License-Identifier: Apache-2.0 */
/* Built once for each form in which pickles are laid open: PK_LISTING. */
#include "analyze/pickle_lister.h"
#include "fuzz.h"
#include "source/memory.h"

static bool forget(void *ctx, const void *bytes, size_t n)
{
	(void)ctx;
	(void)bytes;
	(void)n;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_limits limits = pk_limits_default();
	struct pk_source *bytes =
		pk_memory_borrow((struct pk_span){ data, size });
	struct pk_lister l = { .kind = PK_LISTING,
			       .path = "fuzz",
			       .json = size % 2,
			       .write = forget };
	struct pk_job job;

	limits.memory = 64U << 20;
	limits.seconds = 20;
	pk_job_init(&job, &limits);
	job.watch = &l.watch;
	pk_lister_begin(&l);
	pk_scan_file(&job, bytes, "fuzz.pkl");
	pk_lister_end(&l);
	pk_job_release(&job);
	pk_source_free(bytes);
	return 0;
}
