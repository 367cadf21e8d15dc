/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_SCAN_REMOTE_H
#define PICKET_CLI_SCAN_REMOTE_H

#include "cli/courier.h"
#include "cli/pool.h"
#include "cli/scan_opts.h"

/*
 * Sources elsewhere in one scan.  A source that the policy does not approve
 * is told, as a result of its own, and nothing of it is fetched.  Files are
 * read where they lie, or with --full fetched whole, held against the
 * registry's digests and then read.
 */
/* What a command does with the files besides reporting them. */
struct scan_extra {
	/* A source is listed and approved.  False after a complaint: nothing
	 * of it is fetched. */
	bool (*listed)(void *ctx, const struct picket_remote *r);
	/* Where the ith file is fetched to before it is scanned, open for
	 * reading and writing, no longer the hook's; SCAN_THERE: it is scanned
	 * where it lies; SCAN_NOWHERE after a complaint. */
	int (*place)(void *ctx, const struct picket_remote *r, size_t i);
	/* It was scanned, and the policy applied. */
	void (*judged)(void *ctx, const struct picket_remote *r, size_t i,
		       const struct picket_file *f,
		       const struct picket_fetched *fetched);
	void *ctx;
};
enum { SCAN_THERE = -1, SCAN_NOWHERE = -2 };

/* A result that came from elsewhere. */
struct scan_told {
	const struct picket_remote *remote; /* NULL: it did not */
	size_t i;
	struct picket_fetched fetched;
};

struct scan_remote {
	const struct scan_settings *settings;
	const struct scan_extra *extra; /* or NULL */
	const struct picket_policy *policy;
	struct cli_pool *pool;
	struct picket_summary *summary;
	const volatile sig_atomic_t *stop;
	struct courier *courier;   /* started when it is needed */
	struct remote_file *first; /* handed out, in the order of results */
	struct remote_file **last;
};

/* Hands the files of a source to the pool.  NULL, or why there is no verdict
 * about it, which lives until the next call. */
const char *scan_remote(struct scan_remote *s, const char *uri);

/* Tells a result where it came from, if it did; false when out of memory or
 * when the courier is lost.  For every result, in the order of the pool. */
bool scan_remote_done(struct scan_remote *s, struct picket_file *f,
		      struct scan_told *ret);

void scan_remote_release(struct scan_remote *s); /* zeroed is fine */

#endif
