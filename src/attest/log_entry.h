/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_LOG_ENTRY_H
#define PK_ATTEST_LOG_ENTRY_H

#include "attest/trusted_root.h"
#include "codec/json_read.h"

/*
 * An entry of a transparency log (Rekor v1) as a bundle holds it: what was
 * entered, when, the log's promise to include it, and the proof that it did.
 */
enum { PK_PROOF_MAX = 64 }; /* of a tree of 2^63 leaves */

struct pk_log_entry {
	uint8_t log_id[PK_SHA256_LEN];
	uint64_t index; /* over all of the log's trees */
	int64_t time;   /* when it was entered; 0: it is not said */
	struct pk_span body;
	struct pk_span promise; /* signature; empty: none */
	/* The proof, within one tree. */
	uint64_t leaf, size;
	uint8_t root[PK_SHA256_LEN];
	uint8_t (*hashes)[PK_SHA256_LEN];
	size_t count;
	struct pk_span checkpoint; /* the log's signed note on that root */
};

/* Reads one; its spans live in the arena.  NULL, or why not, in static
 * text. */
const char *pk_log_entry_get(struct pk_log_entry *e, struct pk_arena *a,
			     const struct pk_jvalue *v);

/*
 * Whether a trusted log holds the entry: the hashes lead from the body to the
 * root, the log signed that root, and what it promised is signed by it, too.
 * Only then is e->time to be believed.  NULL, or why not.
 */
const char *pk_log_entry_check(const struct pk_log_entry *e,
			       const struct pk_trusted_root *t);

/* What an entry must be about. */
struct pk_logged {
	struct pk_span payload;
	struct pk_span signature;
	struct pk_span certificate; /* DER */
};

/* Whether the body, of kind dsse, is about that and nothing else.  NULL, or
 * why not. */
const char *pk_log_entry_is_of(const struct pk_log_entry *e,
			       const struct pk_logged *what);

/* The root that the hashes lead to from the digest of leaf (RFC 9162, section
 * 2.1.3.2); false when there are not as many as such a tree needs. */
bool pk_merkle_root(const uint8_t leaf[PK_SHA256_LEN], uint64_t index,
		    uint64_t size, uint8_t (*hashes)[PK_SHA256_LEN],
		    size_t count, uint8_t ret[PK_SHA256_LEN]);

#endif
