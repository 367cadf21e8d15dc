/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_PULL_H
#define PK_CODEC_PULL_H

#include "core/arena.h"
#include "core/source.h"

/*
 * Bytes that come only from first to last: what a decompressor yields.  It
 * can start over, never go back.
 */
enum pk_flow {
	PK_FLOW_ON = 0,  /* more may come */
	PK_FLOW_END,     /* that was all */
	PK_FLOW_CUT,     /* the input ends where more should follow */
	PK_FLOW_BROKEN,  /* the input is corrupt from here on */
	PK_FLOW_REFUSED, /* sound, but needs more memory than allowed, a
			  * dictionary or an unknown method */
};

enum { PK_ASIDES = 8 };

struct pk_pull {
	const struct pk_pull_ops *ops;
	enum pk_flow flow;
	/* Ranges of the compressed source that decoders pass over unread:
	 * skippable frames, long extra fields.  The first few of them. */
	struct {
		uint64_t off;
		uint64_t len;
	} aside[PK_ASIDES];
	unsigned asides;
	/* Offset in the compressed source up to which the bytes belong to
	 * what was decoded; what follows an end is none of it. */
	uint64_t used;
};

struct pk_pull_ops {
	/*
	 * Writes up to n bytes and returns how many.  Fewer, even none, while
	 * the flow is on means: ask again.  A call does a bounded amount of
	 * work, so that the caller can look at the clock.
	 */
	size_t (*next)(struct pk_pull *p, uint8_t *buf, size_t n);
	/* Back to the beginning. */
	void (*rewind)(struct pk_pull *p);
	void (*free)(struct pk_pull *p);
};

static inline size_t pk_pull_next(struct pk_pull *p, uint8_t *buf, size_t n)
{
	return p->flow == PK_FLOW_ON ? p->ops->next(p, buf, n) : 0;
}

static inline void pk_pull_rewind(struct pk_pull *p)
{
	p->ops->rewind(p);
}

static inline void pk_pull_free(struct pk_pull *p)
{
	if (p)
		p->ops->free(p);
}

#endif
