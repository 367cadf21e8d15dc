/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_EMBED_H
#define PK_ENGINE_EMBED_H

#include "engine/format.h"

/*
 * A search for files within other bytes: by how formats begin where is looked,
 * by the formats themselves whether something is there.
 */
struct pk_embed {
	struct pk_scan *s;
	uint64_t at; /* goes on here */
	uint64_t to;
	uint64_t until; /* beginnings are looked for up to here */
	unsigned tries; /* beginnings that may still be tried */
	bool code_only; /* formats of PK_RISK_CODE */
	bool no_models; /* of these, only what is beside models */
};

/*
 * The next offset where a format recognises what begins there; moves past
 * it.  What it holds has been scanned, with its findings.  False when
 * there is none, when the tries are used up, or a budget.
 */
bool pk_embed_next(struct pk_embed *e, uint64_t *ret_off);

/* Whether bytes begin as objects of some format do that hide in others:
 * cheap, and no proof. */
bool pk_embed_begins(struct pk_span head);

/* Whether a format recognises the bytes [from, to) as a whole; scans them. */
bool pk_embed_is(struct pk_scan *s, uint64_t from, uint64_t to);

/*
 * With job->deep: looks for programs, and for pickles where none are due,
 * in an object that is data; reports them.  best: the format that named it,
 * or NULL.
 */
void pk_search_data(struct pk_scan *s, const struct pk_format *best,
		    bool unpickled);

#endif
