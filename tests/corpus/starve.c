/* SPDX-License-Identifier: Apache-2.0 */
/*
 * starve [-n RUNS] CORPUS [FILE-OR-DIR]...: scans every case with one
 * allocation failing, the first, the second and so on, and with all failing
 * from there on.  Nothing may crash, and no file may come out better than
 * when there was memory.  Of cases with many allocations RUNS are taken.
 *
 * The linker sends picket's own calls through here (--wrap), also under a
 * sanitizer.  Those of other libraries pass: libarchive ends the process
 * when it gets no memory, which costs a worker and one file.
 */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cases.h"
#include "picket/picket.h"

enum { FILE_MAX = 200000, RUNS = 120 };

/* Which allocation fails; 0: none. */
static unsigned long fail_at, fail_from, count;
static bool counting;

static bool fails(void)
{
	if (!counting)
		return false;
	count++;
	if (count != fail_at && (!fail_from || count < fail_from))
		return false;
	errno = ENOMEM;
	return true;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

void *__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

struct outcome {
	enum picket_status status;
	enum picket_verdict verdict;
};

struct bytes {
	char *p;
	size_t n;
};

static int keep(void *ctx, const void *bytes, size_t n)
{
	struct bytes *b = ctx;
	char *p = realloc(b->p, b->n + n);

	if (!p)
		return -1;
	b->p = p;
	memcpy(b->p + b->n, bytes, n);
	b->n += n;
	return 0;
}

/* As it goes from a worker to its parent. */
static enum picket_status travel(const struct picket_options *o,
				 struct picket_file **f)
{
	struct bytes b = { NULL, 0 };
	const struct picket_sink sink = { keep, &b };
	struct picket_file *there = NULL;
	enum picket_status s = picket_file_encode(*f, &sink);

	if (s == PICKET_OK)
		s = picket_file_decode(o, "model", b.p, b.n, &there);
	free(b.p);
	if (s != PICKET_OK)
		return s;
	picket_file_free(*f);
	*f = there;
	return PICKET_OK;
}

static int drop(void *ctx, const void *bytes, size_t n)
{
	(void)ctx;
	(void)bytes;
	(void)n;
	return 0;
}

static enum picket_status report(const struct picket_file *f, const char *form)
{
	const struct picket_sink sink = { drop, NULL };
	struct picket_summary *sum = picket_summary_new();
	struct picket_policy *policy = NULL;
	struct picket_report *r = NULL;
	enum picket_status s = PICKET_ERR_NOMEM;

	if (sum)
		s = picket_policy_new("standard", &policy);
	if (s == PICKET_OK)
		s = picket_report_new(form, policy, &sink, &r);
	if (s == PICKET_OK)
		s = picket_report_add(r, f);
	if (s == PICKET_OK)
		s = picket_report_finish(r, sum);
	picket_report_free(r);
	picket_policy_free(policy);
	picket_summary_free(sum);
	return s;
}

static struct outcome scan(const struct picket_options *o, struct pk_span data,
			   const char *name)
{
	struct outcome end = { PICKET_OK, PICKET_ERROR };
	struct picket_file *f = NULL;

	count = 0;
	counting = true;
	end.status = picket_scan_memory(o, data.p, data.len, name, &f);
	if (end.status == PICKET_OK)
		end.status = travel(o, &f);
	if (end.status == PICKET_OK)
		end.verdict = picket_file_verdict(f);
	if (end.status == PICKET_OK)
		end.status = report(f, "json");
	if (f)
		picket_file_free(f);
	counting = false;
	return end;
}

/* What is blocked stays blocked, and what asks for a look is not waved
 * through; no verdict at all blocks, too. */
static bool no_better(struct outcome starved, struct outcome fed)
{
	if (starved.status != PICKET_OK)
		return true;
	if (fed.verdict >= PICKET_ERROR)
		return starved.verdict >= PICKET_ERROR;
	return starved.verdict >= fed.verdict ||
	       (fed.verdict == PICKET_CLEAN && starved.verdict == PICKET_CLEAN);
}

static unsigned done, bad;
static unsigned long runs_max = RUNS, runs;

static void starve(struct pk_span data, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	struct picket_options *o = picket_options_new();
	unsigned long total, step, worst = 0;
	struct outcome fed, got = { PICKET_OK, PICKET_ERROR };

	fail_at = fail_from = 0;
	fed = scan(o, data, name);
	total = count;
	step = total / runs_max + 1;
	for (unsigned long n = 1; n <= total && !worst; n += step) {
		for (int all = 0; all < 2 && !worst; all++, runs++) {
			fail_at = n;
			fail_from = all ? n : 0;
			got = scan(o, data, name);
			worst = no_better(got, fed) ? 0 : n;
		}
	}
	picket_options_free(o);
	done++;
	bad += worst != 0;
	printf("%s %u - %s (%lu allocations)", worst ? "not ok" : "ok", done,
	       path, total);
	if (worst)
		printf(" %s became %s at %lu", picket_verdict_name(fed.verdict),
		       picket_verdict_name(got.verdict), worst);
	(void)putchar('\n');
	(void)fflush(stdout);
}

static void one_case(const struct corpus_case *c, void *arg)
{
	(void)arg;
	starve(c->data, c->name);
}

static void one_file(const FTSENT *e)
{
	struct pk_buf bytes = { 0 };

	if (e->fts_info == FTS_F && e->fts_statp->st_size <= FILE_MAX &&
	    corpus_slurp(e->fts_path, &bytes))
		starve(pk_buf_span(&bytes), e->fts_path);
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

	if (argc > 2 && strcmp(argv[1], "-n") == 0) {
		runs_max = strtoul(argv[2], NULL, 10);
		argc -= 2;
		argv += 2;
	}
	if (argc < 2 || !runs_max) {
		(void)fprintf(stderr, "usage: starve [-n RUNS] CORPUS "
				      "[PATH]...\n");
		return 2;
	}
	/* What is set up once for the whole process is not one file's. */
	picket_prepare();
	ok = corpus_each(argv[1], one_case, NULL);
	if (argc > 2)
		ok = files(argv + 2) && ok;
	printf("# %lu scans without some of their memory\n1..%u\n", runs, done);
	return ok && done && !bad ? 0 : 1;
}
