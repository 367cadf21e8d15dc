/* SPDX-License-Identifier: Apache-2.0 */
/* What the loaders of all layouts share. */
#include "tensors/load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/utf8.h"
#include "source/memory.h"

enum { SHOWN = 100, STORES_FIRST = 64 };

#define EXPANDED_MAX (64ULL << 30) /* out of all decompressors together */

bool pk_load_fail(struct pk_loader *l, enum pk_weights_end end, uint64_t off,
		  const char *fmt, ...)
{
	struct pk_weights *w = l->w;
	char line[512];
	va_list ap;

	if (l->failed)
		return false;
	l->failed = true;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	w->end = w->meter.exceeded ? PK_WEIGHTS_LIMIT : end;
	w->off = off;
	w->why = w->meter.exceeded ? "it needs more memory than it was given"
				   : pk_arena_printf(&w->arena, "%s", line);
	if (!w->why)
		w->why = "out of memory";
	return false;
}

static const char *show(struct pk_loader *l, struct pk_span a, const char *dot,
			struct pk_span b)
{
	struct pk_buf out = { 0 };
	const char *kept;

	pk_utf8_escape(&out, a, SHOWN);
	pk_buf_puts(&out, dot);
	pk_utf8_escape(&out, b, SHOWN);
	kept = pk_arena_printf(&l->w->arena, "%s", pk_buf_str(&out));
	pk_buf_release(&out);
	return kept ? kept : "";
}

const char *pk_load_show(struct pk_loader *l, pk_value v)
{
	struct pk_buf text = { 0 };
	const char *kept = "";

	if (pk_vm_text(l->g.vm, v, SHOWN, &text))
		kept = show(l, pk_buf_span(&text), "", (struct pk_span){ 0 });
	pk_buf_release(&text);
	return kept;
}

const char *pk_load_show_global(struct pk_loader *l,
				const struct pk_vm_global *g)
{
	return g ? show(l, g->module, ".", g->name) : "what is no class";
}

bool pk_load_own(struct pk_loader *l, struct pk_source *src)
{
	const size_t cap = l->owned_cap ? l->owned_cap * 2 : 16;
	struct pk_source **v = l->owned;

	if (src && l->owned_n == l->owned_cap) {
		v = pk_arena_alloc(&l->w->arena, cap,
				   sizeof(struct pk_source *));
		if (v && l->owned_n)
			memcpy(v, l->owned, l->owned_n * sizeof(*v));
		l->owned_cap = v ? cap : l->owned_cap;
	}
	if (!src || !v) {
		pk_source_free(src);
		return pk_load_fail(l, PK_WEIGHTS_LIMIT, 0, "out of memory");
	}
	l->owned = v;
	l->owned[l->owned_n++] = src;
	return true;
}

struct pk_source *pk_load_borrow(struct pk_loader *l, const uint8_t *bytes,
				 size_t n)
{
	struct pk_source *src = pk_memory_borrow((struct pk_span){ bytes, n });

	return pk_load_own(l, src) ? src : NULL;
}

bool pk_load_spend(void *loader, uint64_t made)
{
	struct pk_loader *l = loader;

	l->expanded += made;
	return l->expanded <= EXPANDED_MAX;
}

struct pk_source *pk_load_in_memory(struct pk_loader *l, struct pk_source *src)
{
	uint8_t *bytes =
		src->size < SIZE_MAX
			? pk_arena_alloc(&l->w->arena, (size_t)src->size + 1, 1)
			: NULL;

	if (!bytes ||
	    pk_source_read(src, 0, bytes, (size_t)src->size) != src->size) {
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, 0,
				   "the pickle cannot be read");
		return NULL;
	}
	return pk_memory_borrow((struct pk_span){ bytes, (size_t)src->size });
}

bool pk_load_pickle(struct pk_loader *l, struct pk_source *src, uint64_t off,
		    uint64_t end, uint64_t *ret_end)
{
	enum pk_load how;

	pk_rules_watch(l);
	pk_graph_begin(&l->g, pk_cursor_open(src, off, end - off, &l->w->arena),
		       PK_READ_FLAT);
	how = pk_graph_load(&l->g);
	*ret_end = pk_vm_offset(l->g.vm);
	if (how == PK_LOAD_STOP && !l->failed)
		return true;
	return pk_load_fail(
		l, how == PK_LOAD_LIMIT ? PK_WEIGHTS_LIMIT : PK_WEIGHTS_BROKEN,
		*ret_end, "the pickle breaks off at offset %llu",
		(unsigned long long)*ret_end);
}

/* ---- things ---- */

static bool make_room(struct pk_loader *l)
{
	const size_t cap = l->things_cap ? l->things_cap * 2 : 64;
	struct pk_thing **v;

	if (l->things_n < l->things_cap)
		return true;
	v = pk_arena_alloc(&l->w->arena, cap, sizeof(struct pk_thing *));
	if (!v)
		return false;
	if (l->things_n)
		memcpy(v, l->things, l->things_n * sizeof(struct pk_thing *));
	l->things = v;
	l->things_cap = cap;
	return true;
}

pk_value pk_load_thing(struct pk_loader *l, pk_value v,
		       const struct pk_thing *t)
{
	struct pk_node *node = pk_node_of(&l->g.vm->nodes, v);
	struct pk_thing *kept = PK_NEW(&l->w->arena, struct pk_thing);

	if (!kept || !node || !make_room(l)) {
		(void)pk_load_fail(l, PK_WEIGHTS_LIMIT, 0, "out of memory");
		return v;
	}
	*kept = *t;
	l->things[l->things_n] = kept;
	node->a = pk_value_make(PK_V_INT, l->things_n++);
	return v;
}

struct pk_thing *pk_load_thing_of(struct pk_loader *l, pk_value v)
{
	const enum pk_kind kind = pk_value_kind(v);
	const struct pk_node *node;

	if (kind != PK_V_OBJECT && kind != PK_V_PERSISTENT)
		return NULL;
	node = pk_graph_node(&l->g, v);
	return node && pk_value_kind(node->a) == PK_V_INT &&
			       pk_value_payload(node->a) < l->things_n
		       ? l->things[pk_value_payload(node->a)]
		       : NULL;
}

const struct pk_tensor *pk_load_tensor_of(struct pk_loader *l, pk_value v)
{
	const struct pk_thing *t = pk_load_thing_of(l, v);

	return t && t->kind == PK_THING_TENSOR ? &t->tensor : NULL;
}

pk_value pk_load_container(struct pk_loader *l, enum pk_kind kind, bool ordered)
{
	const pk_value v = pk_node_new(&l->g.vm->nodes, kind, l->g.vm->op.off);

	return ordered ? pk_value_with_word(v, 1) : v;
}

bool pk_load_is_ordered(struct pk_loader *l, pk_value v)
{
	(void)l;
	return pk_value_kind(v) == PK_V_DICT && pk_value_word(v) == 1;
}

/* ---- storages ---- */

static size_t place_of(const struct pk_loader *l, const char *key, size_t len)
{
	const size_t mask = l->stores_cap - 1;
	uint32_t h = 2166136261U; /* FNV-1a */
	size_t i;

	for (size_t k = 0; k < len; k++)
		h = (h ^ (uint8_t)key[k]) * 16777619U;
	for (i = h & mask; l->stores[i]; i = (i + 1) & mask) {
		const char *have = l->stores[i]->key;

		if (strlen(have) == len && memcmp(have, key, len) == 0)
			break;
	}
	return i;
}

static bool grow_stores(struct pk_loader *l)
{
	const size_t cap = l->stores_cap ? l->stores_cap * 2 : STORES_FIRST;
	struct pk_store **listed;

	l->stores =
		pk_arena_alloc(&l->w->arena, cap, sizeof(struct pk_store *));
	listed = pk_arena_alloc(&l->w->arena, cap, sizeof(struct pk_store *));
	if (!l->stores || !listed)
		return pk_load_fail(l, PK_WEIGHTS_LIMIT, 0, "out of memory");
	l->stores_cap = cap;
	for (size_t i = 0; i < l->stores_n; i++) {
		struct pk_store *s = listed[i] = l->listed[i];

		l->stores[place_of(l, s->key, strlen(s->key))] = s;
	}
	l->listed = listed;
	return true;
}

struct pk_store *pk_load_store(struct pk_loader *l, const char *key, size_t len,
			       bool *met)
{
	struct pk_store **slot;

	if (l->stores_n >= l->stores_cap / 2 && !grow_stores(l))
		return NULL;
	slot = &l->stores[place_of(l, key, len)];
	*met = *slot != NULL;
	if (*met)
		return *slot;
	*slot = PK_NEW(&l->w->arena, struct pk_store);
	if (*slot)
		(*slot)->key = pk_arena_copy(
			&l->w->arena,
			(struct pk_span){ (const uint8_t *)key, len });
	if (!*slot || !(*slot)->key) {
		*slot = NULL;
		(void)pk_load_fail(l, PK_WEIGHTS_LIMIT, 0, "out of memory");
		return NULL;
	}
	return l->listed[l->stores_n++] = *slot;
}

/* ---- views ---- */

bool pk_load_dims(struct pk_loader *l, pk_value v, uint64_t *to, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		const pk_value dim = pk_vm_kid(l->g.vm, v, i);
		const enum pk_kind kind = pk_value_kind(dim);

		/* A bool is a number to Python, but not the first one. */
		if ((kind != PK_V_INT && (kind != PK_V_BOOL || i == 0)) ||
		    pk_value_int(dim) < 0)
			return false;
		to[i] = (uint64_t)pk_value_int(dim);
	}
	return true;
}

bool pk_load_is_row(pk_value v)
{
	const enum pk_kind kind = pk_value_kind(v);

	return kind == PK_V_TUPLE || kind == PK_V_LIST || kind == PK_V_SET;
}

struct pk_tensor *pk_load_view(struct pk_loader *l, struct pk_tensor *t,
			       pk_value size, pk_value stride, uint64_t off)
{
	const bool rows = pk_load_is_row(size) && pk_load_is_row(stride) &&
			  pk_value_kind(size) != PK_V_SET &&
			  pk_value_kind(stride) != PK_V_SET;
	const uint64_t n = rows ? pk_vm_count(l->g.vm, size) : UINT64_MAX;
	const char *fault;
	uint64_t *dims;

	if (n > PK_RANK_MAX || pk_vm_count(l->g.vm, stride) != n) {
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, off,
				   "a tensor's size and strides do not fit");
		return NULL;
	}
	dims = pk_arena_alloc(&l->w->arena, 2 * (size_t)n + 1, sizeof(*dims));
	if (!dims || !pk_load_dims(l, size, dims, n) ||
	    !pk_load_dims(l, stride, dims + n, n)) {
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, off,
				   "a tensor's size or stride is no count");
		return NULL;
	}
	t->shape = dims;
	t->rank = (uint32_t)n;
	fault = pk_tensor_fault(t);
	if (!fault)
		return t;
	(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, off, "a tensor: %s", fault);
	return NULL;
}
