/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_VALUE_H
#define PK_ANALYZE_PICKLE_VALUE_H

#include "core/arena.h"

/*
 * An abstract value of the pickle machine in eight bytes: what it is, and
 * where to learn more.  Constants stay offsets into the stream; containers
 * and objects are nodes of which only the youngest are remembered, so that
 * memory stays flat however long the stream is.
 */
typedef uint64_t pk_value;

enum pk_kind {
	PK_V_UNKNOWN, /* nothing is known: an external buffer, a lost value */
	PK_V_MARK,    /* payload: the mark below it */
	PK_V_NONE,
	PK_V_BOOL,
	PK_V_INT,       /* payload: 59 bits, signed */
	PK_V_NUMBER,    /* a float, or an int as text; payload: offset */
	PK_V_STR,       /* payload: offset of its opcode */
	PK_V_BYTES,     /* the same */
	PK_V_BYTEARRAY, /* the same */
	PK_V_GLOBAL,    /* payload: index in the machine's globals */
	/* From here on the payload is a node, with a word that stays known
	 * when the node is forgotten. */
	PK_V_TUPLE, /* word: 1 when it holds nothing but constants */
	PK_V_LIST,
	PK_V_DICT,
	PK_V_SET,
	PK_V_FROZENSET,
	PK_V_OBJECT,     /* what a call returned: a callee, b arguments;
			  * word: index + 1 of the global called, or 0 */
	PK_V_PERSISTENT, /* what persistent_load returned: a the id */
	PK_V_TEXT,       /* a str that is not contiguous: a offset, b length */
};

enum { PK_VALUE_BITS = 59, PK_NODE_BITS = 38 };

static inline pk_value pk_value_make(enum pk_kind kind, uint64_t payload)
{
	return (uint64_t)kind << PK_VALUE_BITS |
	       (payload & ((1ULL << PK_VALUE_BITS) - 1));
}

static inline enum pk_kind pk_value_kind(pk_value v)
{
	return (enum pk_kind)(v >> PK_VALUE_BITS);
}

static inline uint64_t pk_value_payload(pk_value v)
{
	return v & ((1ULL << PK_VALUE_BITS) - 1);
}

#define PK_VALUE_DUNDER (1ULL << (PK_VALUE_BITS - 1))

/* The offset that a constant's payload holds. */
static inline uint64_t pk_value_offset(pk_value v)
{
	return pk_value_payload(v) & (PK_VALUE_DUNDER - 1);
}

static inline int64_t pk_value_int(pk_value v)
{
	return (int64_t)(v << (64 - PK_VALUE_BITS)) >> (64 - PK_VALUE_BITS);
}

static inline uint64_t pk_value_word(pk_value v)
{
	return pk_value_payload(v) >> PK_NODE_BITS;
}

static inline pk_value pk_value_with_word(pk_value v, uint64_t word)
{
	return pk_value_make(pk_value_kind(v), (pk_value_payload(v) &
						((1ULL << PK_NODE_BITS) - 1)) |
						       word << PK_NODE_BITS);
}

enum pk_node_flag {
	PK_NODE_PINNED = 1 << 0,   /* outlives the young ones */
	PK_NODE_HOOK = 1 << 1,     /* a dict with a key like __setstate__ */
	PK_NODE_COMPUTED = 1 << 2, /* a dict with keys that are no constants */
};

enum { PK_NODE_KIDS = 64 }; /* kept of each, where nodes are forgotten */

struct pk_node {
	uint64_t id;
	pk_value a, b;  /* an object's callee and arguments */
	uint64_t kids;  /* sequence number of the first kept child */
	uint64_t count; /* children in all; dicts count keys and values */
	uint64_t off;   /* of the opcode that made it */
	uint8_t kept;   /* children kept, at most PK_NODE_KIDS; see below */
	uint8_t room;   /* places taken for them */
	uint8_t kind;
	uint8_t flags;
};

/*
 * The young nodes: two rings, of nodes and of their children.  Or all nodes
 * with all their children, for those who want the whole graph: memory then
 * grows with the stream, up to the meter's ceiling, and PK_NODE_KIDS limits
 * nothing.
 */
struct pk_nodes {
	struct pk_node *ring;
	pk_value *kids;
	uint64_t made;
	uint64_t kids_made;
	struct pk_pinned **pinned;
	size_t pinned_n, pinned_cap;
	struct pk_meter *meter;
	/* Where all are kept: nodes in chunks, which do not move. */
	bool whole;
	bool failed; /* some could not be kept: what is here is not all */
	struct pk_node **chunks;
	size_t chunk_n, chunk_cap, kids_cap;
};

/* False when out of memory. */
bool pk_nodes_init(struct pk_nodes *n, struct pk_meter *meter, bool whole);
void pk_nodes_reset(struct pk_nodes *n);
void pk_nodes_release(struct pk_nodes *n);

/* A new node of that kind; where all are kept, n->failed tells afterwards
 * whether there was memory for it. */
pk_value pk_node_new(struct pk_nodes *n, enum pk_kind kind, uint64_t off);

/* The node of a value, or NULL: not one, or too old to be remembered. */
struct pk_node *pk_node_of(const struct pk_nodes *n, pk_value v);

/* Appends children; of nodes that can be forgotten only the first
 * PK_NODE_KIDS are kept. */
void pk_node_add(struct pk_nodes *n, struct pk_node *node,
		 const pk_value *children, size_t count);

/* Child i, or PK_V_UNKNOWN when it was not kept or is forgotten. */
pk_value pk_node_kid(const struct pk_nodes *n, const struct pk_node *node,
		     uint64_t i);

/*
 * Makes the node of v outlive the young ones, for the few whose content
 * matters later; returns the value to use from now on (v itself when out of
 * memory).
 */
pk_value pk_node_pin(struct pk_nodes *n, pk_value v);

#endif
