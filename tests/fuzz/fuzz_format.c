/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Built once per line of formats.def with PK_FUZZ set to its entry, and once
 * without: then the whole path, as for a file.
 */
#include "engine/format.h"
#include "fuzz.h"
#include "source/memory.h"

/* Small budgets: an input that reaches them has been slow enough. */
static struct pk_limits limits(void)
{
	struct pk_limits l = pk_limits_default();

	l.memory = 64U << 20;
	l.seconds = 20;
	l.expansion = 64U << 20;
	l.members = 10000;
	return l;
}

static void scan(struct pk_job *job, struct pk_source *bytes)
{
#ifdef PK_FUZZ
	struct pk_scan s = { .job = job, .bytes = bytes, .name = "fuzz" };

	s.arena = PK_ARENA(&job->meter);
	PK_FUZZ.scan(&s);
	pk_cover_release(&s.cover);
	pk_arena_release(&s.arena);
#else
	pk_scan_file(job, bytes, "fuzz.pt");
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pk_limits l = limits();
	struct pk_source *bytes =
		pk_memory_borrow((struct pk_span){ data, size });
	struct pk_job job;

	pk_job_init(&job, &l);
	scan(&job, bytes);
	pk_job_release(&job);
	pk_source_free(bytes);
	return 0;
}
