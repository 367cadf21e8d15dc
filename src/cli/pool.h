/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_POOL_H
#define PICKET_CLI_POOL_H

#include <signal.h>

#include "cli/cli.h"
#include "cli/worker.h"
#include "picket/picket.h"

/*
 * Scans files in worker processes and gives the results in the order in
 * which the files came, whoever finishes first.  A worker that crashes, hangs
 * or lies costs the one file that it was at; another takes its place.
 */
struct cli_pool;

struct cli_pool_hooks {
	/* The next result, which is the hook's to free. */
	void (*done)(void *ctx, struct picket_file *f);
	/* Before the pool waits: show what is ready. */
	void (*idle)(void *ctx);
	void *ctx;
	/* Set from a signal handler: stop waiting, give up. */
	const volatile sig_atomic_t *stop;
};

/* jobs: at most so many processes; they are started when needed. */
struct cli_pool *cli_pool_new(const struct worker_settings *s, size_t jobs,
			      const struct cli_pool_hooks *hooks);

/* Takes over the descriptor.  Gives results meanwhile.  False when there is
 * no memory or no process to be had, or it was told to stop. */
bool cli_pool_scan(struct cli_pool *p, int fd, const char *path, uint64_t size);

/* A result that needs no scan takes its place in the order. */
bool cli_pool_put(struct cli_pool *p, struct picket_file *f);

/* Waits for all results. */
bool cli_pool_finish(struct cli_pool *p);

/* Ends all workers; what is not done is dropped. */
void cli_pool_free(struct cli_pool *p);

#endif
