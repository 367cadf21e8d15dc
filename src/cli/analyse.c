/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/analyse.h"

#include <sys/stat.h>
#include <unistd.h>

#include "cli/pool.h"
#include "cli/sandbox.h"
#include "cli/worker.h"

struct gathering {
	struct picket_file **files;
	size_t n;
};

static void on_done(void *ctx, struct picket_file *f)
{
	struct gathering *g = ctx;

	g->files[g->n++] = f;
}

static void on_idle(void *ctx)
{
	(void)ctx;
}

static uint64_t size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static size_t jobs_for(size_t files)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	const size_t most = cpus > 0 ? (size_t)cpus : 1;

	return files < most ? files : most;
}

bool cli_analyse(const struct picket_options *o, const struct cli_input *in,
		 size_t n, struct picket_file **ret)
{
	struct gathering g = { .files = ret };
	const struct cli_pool_hooks hooks = { .done = on_done,
					      .idle = on_idle,
					      .ctx = &g };
	const struct worker_settings workers = { .options = o };
	struct cli_pool *p = NULL;
	bool ok;

	if (n == 0)
		return true;
	picket_prepare();
	p = cli_pool_new(&workers, jobs_for(n), &hooks);
	ok = p != NULL;
	for (size_t i = 0; i < n; i++) {
		if (ok)
			ok = cli_pool_scan(p, in[i].fd, in[i].path,
					   size_of(in[i].fd));
		else
			(void)close(in[i].fd);
	}
	ok = ok && cli_pool_finish(p);
	cli_pool_free(p);
	if (ok && g.n == n)
		return true;
	while (g.n)
		picket_file_free(g.files[--g.n]);
	cli_complain("out of memory or processes");
	return false;
}
