/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_RANGES_H
#define PK_HUB_RANGES_H

#include "core/source.h"
#include "hub/remote.h"

/* What became of a file that was read from elsewhere. */
enum pk_proof {
	PK_PROOF_NONE, /* not all of it was read, or nobody says its digest */
	PK_PROOF_DONE, /* all of it was, and it has the registry's digest */
	PK_PROOF_REFUTED, /* it has another */
};

struct pk_fetched {
	uint64_t size;     /* of the file; PK_SIZE_UNKNOWN */
	uint64_t received; /* bytes that came over the network */
	enum pk_proof proof;
	enum pk_http_problem problem; /* the first; FINE: none */
	char message[400];            /* of a problem or a refutation */
};

/*
 * A file that lies elsewhere as a source: only what is read is fetched, in
 * pieces that grow where reading goes on in order.  A small file is fetched
 * whole and held against the registry's digest before the first byte is
 * given out.  All pieces are of one version: when the entity tag, the size or
 * the digest that the server tells changes, that is the end of it.
 *
 * The client and the remote are borrowed, and so is ret, which tells what
 * happened up to now.  NULL when the file cannot be had; ret then says why.
 */
struct pk_source *pk_ranges_new(struct pk_http *h, const struct pk_remote *r,
				const struct pk_remote_file *f,
				struct pk_fetched *ret);

#endif
