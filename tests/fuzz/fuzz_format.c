/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One format's parser, or the whole path as for a file.  Which, is said when
 * it is built (PK_FUZZ: the format's name in formats.def, as a string) or by
 * the variable PK_FUZZ_FORMAT; "file" is the whole path.
 */
#include <stdlib.h>

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

static const struct {
	const char *name;
	const struct pk_format *format;
} formats[] = {
#define PK_FORMAT(name) { #name, &pk_format_##name },
#include "formats/formats.def"
#undef PK_FORMAT
};

/* NULL: the whole path. */
static const struct pk_format *wanted(void)
{
#ifdef PK_FUZZ
	const char *name = PK_FUZZ;
#else
	const char *name = getenv("PK_FUZZ_FORMAT");
#endif

	for (size_t i = 0; name && i < sizeof(formats) / sizeof(formats[0]);
	     i++) {
		if (strcmp(formats[i].name, name) == 0)
			return formats[i].format;
	}
	if (name && strcmp(name, "file") == 0)
		return NULL;
	abort(); /* a slip, or nobody said */
}

static void scan(struct pk_job *job, struct pk_source *bytes)
{
	const struct pk_format *f = wanted();
	struct pk_scan s = { .job = job, .bytes = bytes, .name = "fuzz" };

	if (!f) {
		pk_scan_file(job, bytes, "fuzz.pt");
		return;
	}
	s.arena = PK_ARENA(&job->meter);
	f->scan(&s);
	pk_cover_release(&s.cover);
	pk_arena_release(&s.arena);
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
