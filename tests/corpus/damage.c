/* SPDX-License-Identifier: Apache-2.0 */
/*
 * damage CORPUS [FILE-OR-DIR]...: scans every case, and every small file
 * given, cut short at each length and with each byte flipped.  Larger ones are
 * sampled.  Nothing is expected but an answer, in time; run it under a
 * sanitizer.
 */
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "cases.h"
#include "engine/format.h"
#include "source/memory.h"

enum { SCANS_PER_FILE = 1200, FILE_MAX = 200000 };
/* No scan of a small file may take that long, sanitizer or not. */
static const double seconds_max = 20;

static unsigned done, slow;

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* From a heap block of the very size, so that a read past the end shows. */
static double scan(const uint8_t *p, size_t len, const uint8_t *flip,
		   const char *name)
{
	const struct pk_limits limits = pk_limits_default();
	uint8_t *copy = malloc(len ? len : 1);
	const double began = now();
	struct pk_source *bytes;
	struct pk_job job;

	if (!copy)
		return 0;
	if (len)
		memcpy(copy, p, len);
	if (flip)
		copy[flip - p] ^= 0xff;
	bytes = pk_memory_borrow((struct pk_span){ copy, len });
	pk_job_init(&job, &limits);
	pk_scan_file(&job, bytes, name);
	pk_job_release(&job);
	pk_source_free(bytes);
	free(copy);
	return now() - began;
}

static void damage(struct pk_span data, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const size_t step = 1 + 2 * data.len / SCANS_PER_FILE;
	double t, worst = 0;

	for (size_t at = 0; at < data.len && worst < seconds_max; at += step) {
		t = scan(data.p, at, NULL, name);
		worst = t > worst ? t : worst;
		t = scan(data.p, data.len, data.p + at, name);
		worst = t > worst ? t : worst;
	}
	done++;
	if (worst >= seconds_max)
		slow++;
	printf("%s %u - %s%s\n", worst < seconds_max ? "ok" : "not ok", done,
	       path, worst < seconds_max ? "" : " took too long");
	(void)fflush(stdout);
}

static void one_case(const struct corpus_case *c, void *arg)
{
	(void)arg;
	damage(c->data, c->name);
}

static void one_file(const FTSENT *e)
{
	struct pk_buf bytes = { 0 };

	if (e->fts_info == FTS_F && e->fts_statp->st_size <= FILE_MAX &&
	    corpus_slurp(e->fts_path, &bytes))
		damage(pk_buf_span(&bytes), e->fts_path);
	pk_buf_release(&bytes);
}

static bool files(char **roots)
{
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;

	if (!walk)
		return false;
	while ((e = fts_read(walk)) != NULL)
		one_file(e);
	return fts_close(walk) == 0;
}

int main(int argc, char **argv)
{
	bool ok;

	if (argc < 2) {
		(void)fprintf(stderr, "usage: damage CORPUS [PATH]...\n");
		return 2;
	}
	ok = corpus_each(argv[1], one_case, NULL);
	if (argc > 2)
		ok = files(argv + 2) && ok;
	printf("1..%u\n", done);
	return ok && done && !slow ? 0 : 1;
}
