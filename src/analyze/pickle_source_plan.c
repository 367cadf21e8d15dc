/* SPDX-License-Identifier: Apache-2.0 */
/* What of a pickle's objects gets a name, and in which order things are
 * walked through: the same twice, once to plan and once to write. */
#include "analyze/pickle_source.h"

#include <stdlib.h>

enum {
	HEIGHT_MAX = 24, /* nesting of displays; Python's parser allows 200 */
	WALK_FIRST = 64,
};

static bool grow(struct pk_source_text *t, void **p, size_t *cap, size_t size)
{
	const size_t more = *cap ? *cap * 2 : WALK_FIRST;
	struct pk_meter *meter = t->g.vm->meter;
	void *q;

	if (!pk_meter_take(meter, (more - *cap) * size)) {
		t->failed = true;
		return false;
	}
	q = realloc(*p, more * size);
	if (!q) {
		pk_meter_give(meter, (more - *cap) * size);
		t->failed = true;
		return false;
	}
	*p = q;
	*cap = more;
	return true;
}

uint64_t pk_source_have(const struct pk_source_text *t, pk_value v)
{
	const struct pk_source_node *n = pk_source_node(t, v);

	return n ? n->have : 0;
}

/* Before the story begins, containers hold what they were made with. */
static void rewind_growth(struct pk_source_text *t)
{
	const struct pk_nodes *nodes = &t->g.vm->nodes;

	for (size_t i = 0; i < t->node_n; i++) {
		const struct pk_node *node =
			pk_node_of(nodes, pk_value_make(PK_V_TUPLE, i));

		t->nodes[i].have = node ? node->count : 0;
		t->nodes[i].flags &= (uint8_t)~PK_SOURCE_GROWS;
	}
	for (size_t i = 0; i < t->g.n; i++) {
		const struct pk_deed *d = &t->g.deeds[i];
		struct pk_source_node *n = pk_source_node(t, d->v);

		if (d->kind != PK_DEED_GROW || !n || n->flags & PK_SOURCE_GROWS)
			continue;
		n->flags |= PK_SOURCE_GROWS;
		n->have = d->from;
	}
}

/* ---- the walk ---- */

/* A container that is open holds itself, by way of what lies above it on the
 * walk: the innermost of these that can be filled later is. */
static void mark_cycle(struct pk_source_text *t, pk_value v)
{
	for (size_t i = t->depth; i-- > 0;) {
		const enum pk_kind kind = pk_value_kind(t->walk[i].v);
		struct pk_source_node *n = pk_source_node(t, t->walk[i].v);

		if (kind == PK_V_LIST || kind == PK_V_DICT ||
		    kind == PK_V_SET) {
			n->flags |= PK_SOURCE_CYCLE | PK_SOURCE_NAMED;
			return;
		}
		if (t->walk[i].v == v)
			return;
	}
}

static uint8_t *parent_height(struct pk_source_text *t)
{
	static uint8_t nobody;

	return t->depth ? &t->walk[t->depth - 1].height : &nobody;
}

static void raise(uint8_t *to, uint8_t by)
{
	if (by > *to)
		*to = by;
}

static void open_container(struct pk_source_text *t, pk_value v)
{
	if (t->depth == t->walk_cap &&
	    !grow(t, (void **)&t->walk, &t->walk_cap, sizeof(*t->walk)))
		return;
	pk_source_node(t, v)->flags |= PK_SOURCE_OPEN;
	t->walk[t->depth++] = (struct pk_source_frame){ .v = v };
}

static void meet(struct pk_source_text *t, pk_value v)
{
	const uint8_t seen = t->writing ? PK_SOURCE_WRITTEN : PK_SOURCE_PLANNED;
	struct pk_source_node *n = pk_source_node(t, v);

	if (!n)
		return;
	if (!t->writing) {
		n->refs += n->refs < UINT32_MAX;
		if (n->flags & PK_SOURCE_OPEN)
			mark_cycle(t, v);
	}
	if (!pk_source_is_container(v) || n->flags & seen) {
		raise(parent_height(t), n->height);
		return;
	}
	n->flags |= seen;
	if (t->writing)
		pk_source_enter(t, v);
	open_container(t, v);
}

static void close_container(struct pk_source_text *t)
{
	const struct pk_source_frame *f = &t->walk[t->depth - 1];
	struct pk_source_node *n = pk_source_node(t, f->v);
	const pk_value v = f->v;

	n->flags &= (uint8_t)~PK_SOURCE_OPEN;
	n->height = (uint8_t)(f->height + 1);
	if (n->height > HEIGHT_MAX) {
		n->flags |= PK_SOURCE_NAMED;
		n->height = 1;
	}
	t->depth--;
	raise(parent_height(t), n->height);
	if (t->writing)
		pk_source_leave(t, v);
}

void pk_source_walk(struct pk_source_text *t, pk_value v)
{
	meet(t, v);
	while (t->depth && !t->failed) {
		struct pk_source_frame *f = &t->walk[t->depth - 1];

		if (f->next < pk_source_have(t, f->v))
			meet(t, pk_vm_kid(t->g.vm, f->v, f->next++));
		else
			close_container(t);
	}
	t->depth = 0;
}

/* ---- the plan ---- */

static bool is_vouched_for(const struct pk_source_text *t, pk_value callee)
{
	const struct pk_vm_global *g = pk_vm_global_of(t->g.vm, callee);
	struct pk_span module, name;
	struct pk_global verdict;

	if (!g || g->computed)
		return false;
	pk_source_import_of(g, &module, &name);
	verdict = pk_global_classify(module, name);
	return verdict.class == PK_IMPORT_SAFE ||
	       verdict.class == PK_IMPORT_LIBRARY;
}

/* An object is as high as what it is made from. */
static void plan_object(struct pk_source_text *t, const struct pk_deed *d)
{
	struct pk_source_node *n = pk_source_node(t, d->v);
	const pk_value from[] = { d->callee, d->a, d->b };
	uint8_t height = 0;

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		const struct pk_source_node *part = pk_source_node(t, from[i]);

		pk_source_walk(t, from[i]);
		if (part)
			raise(&height, part->height);
	}
	if (!n)
		return;
	n->height = (uint8_t)(height + 1);
	if (n->height > HEIGHT_MAX) {
		n->flags |= PK_SOURCE_NAMED;
		n->height = 1;
	}
}

static void plan_growth(struct pk_source_text *t, const struct pk_deed *d)
{
	struct pk_source_node *n = pk_source_node(t, d->v);

	if (!n)
		return;
	n->have = d->from + d->n;
	if (!(n->flags & PK_SOURCE_PLANNED))
		return;
	n->flags |= PK_SOURCE_NAMED; /* it was used, and grows now */
	for (uint64_t i = d->from; i < n->have; i++)
		pk_source_walk(t, pk_vm_kid(t->g.vm, d->v, i));
}

static void plan_deed(struct pk_source_text *t, const struct pk_deed *d)
{
	switch (d->kind) {
	case PK_DEED_CALL:
	case PK_DEED_PERSISTENT:
		plan_object(t, d);
		return;
	case PK_DEED_BUILD:
	case PK_DEED_FILL:
		pk_source_walk(t, d->v);
		pk_source_walk(t, d->a);
		return;
	case PK_DEED_IMPORT:
		pk_source_walk(t, d->a);
		pk_source_walk(t, d->b);
		return;
	case PK_DEED_GROW:
		plan_growth(t, d);
		return;
	case PK_DEED_EXTENSION:
		return;
	}
}

/* Objects that stand where they are used: used once, made by what somebody
 * vouches for, and nothing happens to them afterwards; arrays with their
 * content. */
static void plan_inline(struct pk_source_text *t, const struct pk_deed *d)
{
	struct pk_source_node *n = pk_source_node(t, d->v);
	const bool array =
		d->kind == PK_DEED_CALL && pk_source_is_array(t, d->v);
	/* The BUILD of an array is part of it. */
	const uint32_t uses = array ? 2 : 1;

	if (!n || n->flags & PK_SOURCE_NAMED)
		return;
	if (array)
		n->flags |= PK_SOURCE_ARRAY;
	if (n->refs == uses && !pk_graph_deed_of(&t->g, d->v, uses) &&
	    (d->kind == PK_DEED_PERSISTENT || array ||
	     is_vouched_for(t, d->callee)))
		n->flags |= PK_SOURCE_INLINE;
}

void pk_source_plan(struct pk_source_text *t)
{
	t->node_n = (size_t)t->g.vm->nodes.made;
	if (t->node_n &&
	    pk_meter_take(t->g.vm->meter, t->node_n * sizeof(*t->nodes)))
		t->nodes = calloc(t->node_n, sizeof(*t->nodes));
	if (!t->nodes) {
		t->failed |= t->node_n != 0;
		t->node_n = 0;
	}
	rewind_growth(t);
	for (size_t i = 0; i < t->g.n && !t->failed; i++)
		plan_deed(t, &t->g.deeds[i]);
	pk_source_walk(t, t->g.root);
	for (size_t i = 0; i < t->g.n; i++) {
		const struct pk_deed *d = &t->g.deeds[i];

		if (d->kind == PK_DEED_CALL || d->kind == PK_DEED_PERSISTENT)
			plan_inline(t, d);
	}
	for (size_t i = 0; i < t->node_n; i++) {
		if (t->nodes[i].refs > 1)
			t->nodes[i].flags |= PK_SOURCE_NAMED;
	}
	rewind_growth(t);
}
