/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells a tester which imports picket finds in streams that are taken for
 * pickles whatever they look like; wire.py has the protocol.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analyze/pickle_scan.h"
#include "source/memory.h"

enum { STREAM_MAX = 1 << 24 };

static void put_hex(struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++)
		printf("%02x", s.p[i]);
}

static void put_pair(struct pk_span module, struct pk_span name)
{
	put_hex(module);
	putchar('.');
	put_hex(name);
}

static void put_imports(const struct pk_job *job)
{
	for (const struct pk_import *im = job->imports; im; im = im->next) {
		put_pair(im->module, im->name);
		if (im->py3_module.len || im->py3_name.len) {
			putchar('>');
			put_pair(im->py3_module, im->py3_name);
		}
		putchar(im->next ? ' ' : '\n');
	}
	if (!job->imports)
		putchar('\n');
	(void)fflush(stdout);
}

static bool scan(struct pk_span stream)
{
	const struct pk_limits limits = pk_limits_default();
	struct pk_source *bytes = pk_memory_borrow(stream);
	struct pk_pickle_job pickles = { .stop = stream.len };
	struct pk_job job;
	struct pk_scan s = { .job = &job,
			     .bytes = bytes,
			     .name = "stream.pkl",
			     .promises_model = true,
			     .promises_pickle = true };

	if (!bytes)
		return false;
	pk_job_init(&job, &limits);
	s.arena = PK_ARENA(&job.meter);
	pk_pickle_scan(&s, &pickles);
	put_imports(&job);
	pk_cover_release(&s.cover);
	pk_arena_release(&s.arena);
	pk_job_release(&job);
	pk_source_free(bytes);
	return true;
}

/* The next stream, in memory that the next one reuses; p is NULL when there
 * is none. */
static struct pk_span next_stream(uint8_t *buf)
{
	uint8_t head[4];
	size_t len;

	if (fread(head, 1, sizeof(head), stdin) < sizeof(head))
		return (struct pk_span){ 0 };
	len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 |
	      (size_t)head[3] << 24;
	if (len > STREAM_MAX || fread(buf, 1, len, stdin) < len)
		return (struct pk_span){ 0 };
	return (struct pk_span){ buf, len };
}

int main(void)
{
	uint8_t *buf = malloc(STREAM_MAX);
	struct pk_span stream;

	if (!buf)
		return EXIT_FAILURE;
	for (stream = next_stream(buf); stream.p; stream = next_stream(buf)) {
		if (!scan(stream))
			break;
	}
	free(buf);
	return stream.p ? EXIT_FAILURE : EXIT_SUCCESS;
}
