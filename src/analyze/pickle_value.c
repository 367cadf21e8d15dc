/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_value.h"

#include <stdlib.h>

enum {
	RING = 1 << 14,
	KIDS_RING = 1 << 16,
	PINNED_MAX = 1 << 16,
	CHUNK_BITS = 10, /* nodes in a chunk, where all are kept */
	CHUNK = 1 << CHUNK_BITS,
	CHUNKS_FIRST = 64,
	KIDS_FIRST = 1024,
};

#define PINNED_BIT (1ULL << (PK_NODE_BITS - 1))

/* A pinned node and its children, in memory of its own. */
struct pk_pinned {
	struct pk_node node;
	pk_value kids[PK_NODE_KIDS];
};

/* ---- all nodes, kept ---- */

/* A larger array in place of one that the meter has counted. */
static void *grown(struct pk_nodes *n, void *old, size_t *cap, size_t want,
		   size_t size)
{
	void *v;

	if (want > SIZE_MAX / 2 / size ||
	    !pk_meter_take(n->meter, (want - *cap) * size)) {
		n->failed = true;
		return NULL;
	}
	v = realloc(old, want * size);
	if (!v) {
		pk_meter_give(n->meter, (want - *cap) * size);
		n->meter->exceeded = true;
		n->failed = true;
		return NULL;
	}
	*cap = want;
	return v;
}

static bool add_chunk(struct pk_nodes *n)
{
	size_t none = 0;
	struct pk_node **chunks = n->chunks;

	if (n->chunk_n == n->chunk_cap) {
		chunks = grown(n, chunks, &n->chunk_cap,
			       n->chunk_cap ? n->chunk_cap * 2 : CHUNKS_FIRST,
			       sizeof(*chunks));
		if (!chunks)
			return false;
		n->chunks = chunks;
	}
	chunks[n->chunk_n] = grown(n, NULL, &none, CHUNK, sizeof(**chunks));
	if (!chunks[n->chunk_n])
		return false;
	n->chunk_n++;
	return true;
}

/* Where memory ends the newest node is given up: the run is over. */
static struct pk_node *new_kept(struct pk_nodes *n)
{
	if (n->made >> CHUNK_BITS >= n->chunk_n && !add_chunk(n))
		n->made--;
	return &n->chunks[n->made >> CHUNK_BITS][n->made & (CHUNK - 1)];
}

static struct pk_node *kept_of(const struct pk_nodes *n, uint64_t id)
{
	return id < n->made ? &n->chunks[id >> CHUNK_BITS][id & (CHUNK - 1)]
			    : NULL;
}

/* The places that so many children take: powers of two, so that appending
 * one by one stays cheap. */
static uint64_t places(uint64_t count)
{
	uint64_t n = count ? 2 : 0;

	while (n < count)
		n *= 2;
	return n;
}

static bool more_kids(struct pk_nodes *n, uint64_t want)
{
	size_t cap = n->kids_cap ? n->kids_cap : KIDS_FIRST;
	pk_value *kids;

	while (cap - n->kids_made < want)
		cap += cap / 2;
	if (cap == n->kids_cap)
		return true;
	kids = grown(n, n->kids, &n->kids_cap, cap, sizeof(*kids));
	if (!kids)
		return false;
	n->kids = kids;
	return true;
}

static void add_kept(struct pk_nodes *n, struct pk_node *node,
		     const pk_value *children, size_t count)
{
	const uint64_t room = places(node->count + count);

	if (room != places(node->count)) {
		if (!more_kids(n, room))
			return;
		if (node->count)
			memcpy(n->kids + n->kids_made, n->kids + node->kids,
			       node->count * sizeof(*n->kids));
		node->kids = n->kids_made;
		n->kids_made += room;
	}
	if (count)
		memcpy(n->kids + node->kids + node->count, children,
		       count * sizeof(*children));
	node->count += count;
	node->kept = node->count < PK_NODE_KIDS ? (uint8_t)node->count
						: PK_NODE_KIDS;
}

/* All but the first chunk, which is always there. */
static void forget_kept(struct pk_nodes *n)
{
	while (n->chunk_n > 1) {
		free(n->chunks[--n->chunk_n]);
		pk_meter_give(n->meter, CHUNK * sizeof(**n->chunks));
	}
	free(n->kids);
	pk_meter_give(n->meter, n->kids_cap * sizeof(*n->kids));
	n->kids = NULL;
	n->kids_cap = 0;
	n->failed = false;
}

static void release_kept(struct pk_nodes *n)
{
	forget_kept(n);
	if (n->chunk_n) {
		free(n->chunks[0]);
		pk_meter_give(n->meter, CHUNK * sizeof(**n->chunks));
	}
	free(n->chunks);
	pk_meter_give(n->meter, n->chunk_cap * sizeof(*n->chunks));
}

/* ---- life ---- */

bool pk_nodes_init(struct pk_nodes *n, struct pk_meter *meter, bool whole)
{
	const size_t size =
		RING * sizeof(*n->ring) + KIDS_RING * sizeof(*n->kids);

	*n = (struct pk_nodes){ .meter = meter, .whole = whole };
	if (whole)
		return add_chunk(n);
	if (!pk_meter_take(meter, size))
		return false;
	n->ring = malloc(RING * sizeof(*n->ring));
	n->kids = malloc(KIDS_RING * sizeof(*n->kids));
	return n->ring && n->kids;
}

void pk_nodes_reset(struct pk_nodes *n)
{
	while (n->pinned_n) {
		free(n->pinned[--n->pinned_n]);
		pk_meter_give(n->meter, sizeof(struct pk_pinned));
	}
	n->made = n->kids_made = 0;
	if (n->whole)
		forget_kept(n);
}

void pk_nodes_release(struct pk_nodes *n)
{
	if (!n->meter)
		return;
	pk_nodes_reset(n);
	if (n->whole)
		release_kept(n);
	free(n->ring);
	free(n->kids);
	free(n->pinned);
	*n = (struct pk_nodes){ 0 };
}

pk_value pk_node_new(struct pk_nodes *n, enum pk_kind kind, uint64_t off)
{
	struct pk_node *node =
		n->whole ? new_kept(n) : &n->ring[n->made % RING];

	*node = (struct pk_node){ .id = n->made,
				  .kind = (uint8_t)kind,
				  .off = off };
	return pk_value_make(kind, n->made++);
}

struct pk_node *pk_node_of(const struct pk_nodes *n, pk_value v)
{
	uint64_t id = pk_value_payload(v) & ((1ULL << PK_NODE_BITS) - 1);

	if (pk_value_kind(v) < PK_V_TUPLE)
		return NULL;
	if (n->whole)
		return kept_of(n, id);
	if (id & PINNED_BIT)
		return &n->pinned[id & ~PINNED_BIT]->node;
	if (id >= n->made || n->made - id > RING)
		return NULL;
	return &n->ring[id % RING];
}

/* A pinned node is looked up by its id, which leads to its own memory. */
static pk_value *kids_of(const struct pk_nodes *n, const struct pk_node *node,
			 uint64_t i)
{
	if (node->flags & PK_NODE_PINNED)
		return &n->pinned[node->id & ~PINNED_BIT]->kids[i];
	if (n->kids_made - node->kids > KIDS_RING)
		return NULL;
	return &n->kids[(node->kids + i) % KIDS_RING];
}

/* Moves the children to a larger place at the ring's young end. */
static void make_room(struct pk_nodes *n, struct pk_node *node, size_t want)
{
	enum { FEW = 4, SOME = 16 };
	const uint64_t from = node->kids;
	const bool alive = n->kids_made - from <= KIDS_RING - PK_NODE_KIDS;

	node->room = want <= FEW ? FEW : want <= SOME ? SOME : PK_NODE_KIDS;
	node->kids = n->kids_made;
	n->kids_made += node->room;
	for (uint64_t i = 0; i < node->kept; i++)
		n->kids[(node->kids + i) % KIDS_RING] =
			alive ? n->kids[(from + i) % KIDS_RING]
			      : pk_value_make(PK_V_UNKNOWN, 0);
}

void pk_node_add(struct pk_nodes *n, struct pk_node *node,
		 const pk_value *children, size_t count)
{
	size_t keep = PK_NODE_KIDS - node->kept;

	if (n->whole) {
		add_kept(n, node, children, count);
		return;
	}
	if (node->count != node->kept)
		keep = 0; /* some were left out already */
	if (keep > count)
		keep = count;
	node->count += count;
	if (keep + node->kept > node->room && !(node->flags & PK_NODE_PINNED))
		make_room(n, node, keep + node->kept);
	for (size_t i = 0; i < keep; i++) {
		pk_value *to = kids_of(n, node, node->kept);

		if (!to)
			break;
		*to = children[i];
		node->kept++;
	}
}

pk_value pk_node_kid(const struct pk_nodes *n, const struct pk_node *node,
		     uint64_t i)
{
	const pk_value *kid;

	if (n->whole)
		return i < node->count ? n->kids[node->kids + i]
				       : pk_value_make(PK_V_UNKNOWN, 0);
	kid = i < node->kept ? kids_of(n, node, i) : NULL;
	return kid ? *kid : pk_value_make(PK_V_UNKNOWN, 0);
}

static struct pk_pinned *take_pinned(struct pk_nodes *n)
{
	struct pk_pinned *p;

	if (n->pinned_n == n->pinned_cap) {
		size_t cap = n->pinned_cap ? n->pinned_cap * 2 : 16;
		struct pk_pinned **v =
			cap > PINNED_MAX ? NULL
					 : realloc(n->pinned, cap * sizeof(*v));

		if (!v)
			return NULL;
		n->pinned = v;
		n->pinned_cap = cap;
	}
	if (!pk_meter_take(n->meter, sizeof(*p)))
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		pk_meter_give(n->meter, sizeof(*p));
	return p;
}

pk_value pk_node_pin(struct pk_nodes *n, pk_value v)
{
	const struct pk_node *node = pk_node_of(n, v);
	struct pk_pinned *p;

	if (!node || n->whole || node->flags & PK_NODE_PINNED)
		return v;
	p = take_pinned(n);
	if (!p)
		return v;
	p->node = *node;
	for (uint64_t i = 0; i < node->kept; i++)
		p->kids[i] = pk_node_kid(n, node, i);
	p->node.flags |= PK_NODE_PINNED;
	p->node.id = n->pinned_n | PINNED_BIT;
	n->pinned[n->pinned_n] = p;
	return pk_value_with_word(
		pk_value_make(pk_value_kind(v), PINNED_BIT | n->pinned_n++),
		pk_value_word(v));
}
