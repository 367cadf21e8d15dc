/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a tree of dicts, lists and objects to names: what lies where, joined
 * by dots, in the order of the tree.  The walk keeps its own stack: trees are
 * as deep as their file likes.
 */
#include <stdlib.h>

#include "analyze/pickle_step.h"
#include "core/set64.h"
#include "core/utf8.h"
#include "tensors/load.h"

enum { DEPTH_MAX = 1000, NAME_MAX_LEN = 64 * 1024, TEXT_SHOWN = 60 };

/* A container that is being walked. */
struct level {
	pk_value v;
	uint64_t i, n;
	size_t name; /* length of its own name */
	bool pairs;
	bool merged;           /* its children have no name of their own */
	struct pk_thing *then; /* a stub whose items come after its state */
	const bool *dead;      /* pairs that a later equal key replaces */
};

struct walk {
	struct pk_loader *l;
	struct pk_buf name;
	struct level *levels;
	size_t depth;
};

/* ---- lists ---- */

static void *grown(struct pk_loader *l, void *old, size_t n, size_t *cap,
		   size_t size)
{
	void *v = old;

	if (n < *cap)
		return old;
	*cap = *cap ? *cap * 2 : 64;
	v = pk_arena_alloc(&l->w->arena, *cap, size);
	if (v && n)
		memcpy(v, old, n * size);
	if (!v)
		(void)pk_load_fail(l, PK_WEIGHTS_LIMIT, 0, "out of memory");
	return v;
}

static char *keep(struct pk_loader *l, const char *name, size_t len)
{
	return pk_arena_copy(
		&l->w->arena,
		(struct pk_span){ (const uint8_t *)(name ? name : ""), len });
}

void pk_flatten_add(struct pk_loader *l, const char *name, size_t len,
		    const struct pk_tensor *t)
{
	struct pk_weights *w = l->w;
	struct pk_named *v =
		grown(l, w->named, w->n, &w->cap, sizeof(*w->named));

	if (!v)
		return;
	w->named = v;
	v[w->n] = (struct pk_named){ .name = keep(l, name, len),
				     .name_len = len,
				     .tensor = t };
	if (v[w->n].name)
		w->n++;
	else
		(void)pk_load_fail(l, PK_WEIGHTS_LIMIT, 0, "out of memory");
}

void pk_flatten_skip(struct pk_loader *l, const char *name, size_t len,
		     const char *what, bool tensor)
{
	struct pk_weights *w = l->w;
	struct pk_skipped *v = grown(l, w->skipped, w->skipped_n,
				     &w->skipped_cap, sizeof(*w->skipped));
	struct pk_buf shown = { 0 };

	if (!v)
		return;
	pk_utf8_escape(&shown, (struct pk_span){ (const uint8_t *)name, len },
		       1024);
	w->skipped = v;
	v[w->skipped_n++] = (struct pk_skipped){
		.name = keep(l, shown.p, shown.len),
		.what = what,
		.tensor = tensor,
	};
	pk_buf_release(&shown);
}

static void skip(struct walk *k, const char *what, bool tensor)
{
	pk_flatten_skip(k->l, k->name.p, k->name.len, what, tensor);
}

/* ---- what a leaf is ---- */

static const char *describe_text(struct pk_loader *l, pk_value v,
				 const char *what)
{
	struct pk_buf text = { 0 }, shown = { 0 };
	const char *kept = what;

	if (pk_vm_text(l->g.vm, v, TEXT_SHOWN, &text)) {
		pk_utf8_escape(&shown, pk_buf_span(&text), TEXT_SHOWN);
		kept = pk_arena_printf(&l->w->arena, "%s '%s'", what,
				       pk_buf_str(&shown));
	}
	pk_buf_release(&text);
	pk_buf_release(&shown);
	return kept ? kept : what;
}

static const char *describe_number(struct pk_loader *l, pk_value v)
{
	struct pk_number n;
	const char *text = "a number";

	if (pk_value_kind(v) == PK_V_INT)
		text = pk_arena_printf(&l->w->arena, "int %lld",
				       (long long)pk_value_int(v));
	else if (pk_graph_number(&l->g, v, &n) && n.kind == PK_NUMBER_FLOAT)
		text = pk_arena_printf(&l->w->arena, "float %.17g", n.value);
	return text ? text : "a number";
}

static const char *describe(struct pk_loader *l, pk_value v)
{
	switch (pk_value_kind(v)) {
	case PK_V_NONE:
		return "None";
	case PK_V_BOOL:
		return pk_value_payload(v) ? "bool True" : "bool False";
	case PK_V_INT:
	case PK_V_NUMBER:
		return describe_number(l, v);
	case PK_V_STR:
	case PK_V_TEXT:
		return describe_text(l, v, "str");
	case PK_V_BYTES:
	case PK_V_BYTEARRAY:
		return "bytes";
	case PK_V_GLOBAL:
		return pk_load_show_global(l, pk_vm_global_of(l->g.vm, v));
	case PK_V_UNKNOWN:
	case PK_V_MARK:
	case PK_V_TUPLE:
	case PK_V_LIST:
	case PK_V_DICT:
	case PK_V_SET:
	case PK_V_FROZENSET:
	case PK_V_OBJECT:
	case PK_V_PERSISTENT:
		break;
	}
	return "an unknown value";
}

/* ---- names ---- */

/* A part of a name from a key; false: it is none. */
static bool put_key(struct walk *k, pk_value key)
{
	struct pk_buf text = { 0 };
	bool ok = true;

	switch ((unsigned)pk_value_kind(key)) {
	case PK_V_INT:
		pk_buf_printf(&k->name, "%lld", (long long)pk_value_int(key));
		break;
	case PK_V_BOOL:
		pk_buf_puts(&k->name, pk_value_payload(key) ? "True" : "False");
		break;
	case PK_V_NONE:
		pk_buf_puts(&k->name, "None");
		break;
	case PK_V_STR:
	case PK_V_TEXT:
	case PK_V_BYTES:
		ok = pk_vm_text(k->l->g.vm, key, NAME_MAX_LEN + 1, &text) &&
		     text.len <= NAME_MAX_LEN;
		if (ok)
			pk_buf_put(&k->name, text.p, text.len);
		pk_buf_release(&text);
		break;
	case PK_V_NUMBER:
		pk_buf_puts(&k->name, describe_number(k->l, key));
		break;
	default:
		pk_buf_printf(
			&k->name, "<key %llu>",
			(unsigned long long)pk_graph_offset(&k->l->g, key));
	}
	return ok && pk_buf_ok(&k->name) && k->name.len <= NAME_MAX_LEN;
}

static uint64_t key_hash(struct pk_loader *l, pk_value key)
{
	uint64_t h = 14695981039346656037U;
	struct pk_buf text = { 0 };

	if (!pk_vm_text(l->g.vm, key, NAME_MAX_LEN, &text))
		return key * 0x9e3779b97f4a7c15U;
	for (size_t i = 0; i < text.len; i++)
		h = (h ^ (uint8_t)text.p[i]) * 1099511628211U;
	pk_buf_release(&text);
	return h;
}

struct keyed {
	uint64_t hash;
	uint64_t i;
};

static int by_hash(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

static bool same_text(struct pk_loader *l, pk_value a, pk_value b)
{
	struct pk_buf x = { 0 }, y = { 0 };
	const bool text = pk_vm_text(l->g.vm, a, NAME_MAX_LEN, &x) &&
			  pk_vm_text(l->g.vm, b, NAME_MAX_LEN, &y);
	const bool same =
		text ? pk_span_eq(pk_buf_span(&x), pk_buf_span(&y)) : a == b;

	pk_buf_release(&x);
	pk_buf_release(&y);
	return same;
}

/* Which pairs are replaced by a later one of the same key; NULL: none. */
static const bool *find_dead(struct pk_loader *l, pk_value dict, uint64_t n)
{
	struct pk_arena scratch = PK_ARENA(&l->w->meter);
	struct keyed *v =
		pk_arena_alloc(&scratch, (size_t)n / 2 + 1, sizeof(*v));
	bool *dead = NULL;

	for (uint64_t i = 0; v && i < n / 2; i++)
		v[i] = (struct keyed){
			key_hash(l, pk_vm_kid(l->g.vm, dict, 2 * i)), i
		};
	if (v)
		qsort(v, (size_t)n / 2, sizeof(*v), by_hash);
	for (uint64_t i = 0; v && i + 1 < n / 2; i++) {
		if (v[i].hash != v[i + 1].hash ||
		    !same_text(l, pk_vm_kid(l->g.vm, dict, 2 * v[i].i),
			       pk_vm_kid(l->g.vm, dict, 2 * v[i + 1].i)))
			continue;
		if (!dead)
			dead = pk_arena_alloc(&l->w->arena, (size_t)n / 2, 1);
		if (dead)
			dead[v[i].i] = true;
	}
	pk_arena_release(&scratch);
	return dead;
}

/* ---- walking ---- */

static bool on_path(const struct walk *k, pk_value v)
{
	for (size_t i = 0; i < k->depth; i++) {
		if (k->levels[i].v == v)
			return true;
	}
	return false;
}

static void enter(struct walk *k, pk_value v, bool pairs, bool merged,
		  struct pk_thing *then)
{
	struct level *at = &k->levels[k->depth];

	if (k->depth == DEPTH_MAX || on_path(k, v)) {
		skip(k,
		     k->depth == DEPTH_MAX ? "a container too deep"
					   : "a container that holds itself",
		     false);
		return;
	}
	*at = (struct level){ .v = v,
			      .n = pk_vm_count(k->l->g.vm, v),
			      .name = k->name.len,
			      .pairs = pairs,
			      .merged = merged,
			      .then = then };
	if (pairs)
		at->dead = find_dead(k->l, v, at->n);
	k->depth++;
}

static bool is_container(pk_value v)
{
	return pk_load_is_row(v) || pk_value_kind(v) == PK_V_DICT ||
	       pk_value_kind(v) == PK_V_FROZENSET;
}

/* A stub's attributes, then what it was filled with. */
static void enter_stub(struct walk *k, pk_value v, struct pk_thing *t)
{
	struct pk_weights *w = k->l->w;

	(void)v;
	skip(k, t->what, false);
	if (w->skipped_n)
		w->skipped[w->skipped_n - 1].stub = true;
	if (t->visited)
		return; /* it is on the path, or was named elsewhere */
	t->visited = true;
	if (is_container(t->state))
		enter(k, t->state, pk_value_kind(t->state) == PK_V_DICT, false,
		      t);
	else if (is_container(t->items))
		enter(k, t->items, t->pairs, false, NULL);
}

static void visit_thing(struct walk *k, pk_value v, struct pk_thing *t)
{
	const char *what;

	switch (t->kind) {
	case PK_THING_TENSOR:
		pk_flatten_add(k->l, k->name.p, k->name.len, &t->tensor);
		return;
	case PK_THING_STUB:
		enter_stub(k, v, t);
		return;
	case PK_THING_PARTS:
		what = pk_arena_printf(&k->l->w->arena, "%s tensor", t->what);
		skip(k, what ? what : "tensor", true);
		return;
	case PK_THING_STORAGE:
		skip(k, "a storage without a shape", true);
		return;
	case PK_THING_ARRAY:
	case PK_THING_OPAQUE:
	case PK_THING_DEVICE:
	case PK_THING_LAYOUT:
	case PK_THING_BYTES:
	case PK_THING_COMPLEX:
	case PK_THING_DTYPE:
		skip(k, t->what ? t->what : "a value", false);
		return;
	}
}

static void visit(struct walk *k, pk_value v)
{
	struct pk_thing *t = pk_load_thing_of(k->l, v);

	if (t)
		visit_thing(k, v, t);
	else if (is_container(v))
		enter(k, v, pk_value_kind(v) == PK_V_DICT, false, NULL);
	else
		skip(k, describe(k->l, v), false);
}

/* The dicts of a torch.nn.Module have no part in its names. */
static bool is_module_part(struct walk *k, const struct level *at, pk_value key)
{
	struct pk_buf text = { 0 };
	bool is = at->then && pk_vm_text(k->l->g.vm, key, 16, &text) &&
		  (strcmp(pk_buf_str(&text), "_parameters") == 0 ||
		   strcmp(pk_buf_str(&text), "_buffers") == 0 ||
		   strcmp(pk_buf_str(&text), "_modules") == 0);

	pk_buf_release(&text);
	return is;
}

static void visit_child(struct walk *k, const struct level *at, uint64_t i)
{
	struct pk_vm *vm = k->l->g.vm;
	const pk_value key = at->pairs ? pk_vm_kid(vm, at->v, 2 * i)
				       : pk_value_make(PK_V_INT, i);
	const pk_value v = pk_vm_kid(vm, at->v, at->pairs ? 2 * i + 1 : i);

	if (at->dead && at->dead[i])
		return;
	k->name.len = at->name;
	if (at->pairs && is_module_part(k, at, key)) {
		visit(k, v);
		return;
	}
	if (at->name)
		pk_buf_putc(&k->name, '.');
	if (!put_key(k, key))
		(void)pk_load_fail(k->l, PK_WEIGHTS_LIMIT, 0,
				   "a name that is too long");
	else
		visit(k, v);
}

static void walk_all(struct walk *k)
{
	while (k->depth && !k->l->failed) {
		struct level *at = &k->levels[k->depth - 1];
		struct pk_thing *then = at->then;

		if (at->i < (at->pairs ? at->n / 2 : at->n)) {
			visit_child(k, at, at->i++);
			continue;
		}
		k->name.len = at->name;
		k->depth--;
		if (then && is_container(then->items))
			enter(k, then->items, then->pairs, false, NULL);
	}
}

void pk_flatten(struct pk_loader *l, pk_value root)
{
	struct walk k = { .l = l };

	l->tree = root;
	k.levels = calloc(DEPTH_MAX, sizeof(*k.levels));
	if (!k.levels) {
		(void)pk_load_fail(l, PK_WEIGHTS_LIMIT, 0, "out of memory");
		return;
	}
	if (pk_load_tensor_of(l, root))
		pk_buf_puts(&k.name, "tensor");
	visit(&k, root);
	walk_all(&k);
	pk_buf_release(&k.name);
	free(k.levels);
	if (!l->failed)
		pk_flatten_done(l);
}

/* ---- those that are the same ---- */

static int name_order(const struct pk_named *x, const struct pk_named *y)
{
	const size_t n = x->name_len < y->name_len ? x->name_len : y->name_len;
	const int order = memcmp(x->name, y->name, n);

	return order                       ? order
	       : x->name_len < y->name_len ? -1
					   : x->name_len > y->name_len;
}

static int by_name(const void *a, const void *b)
{
	return name_order(*(struct pk_named *const *)a,
			  *(struct pk_named *const *)b);
}

static int number_order(uint64_t x, uint64_t y)
{
	return x < y ? -1 : x > y;
}

/* What views differ in; the dims decide last. */
static int view_order(const struct pk_tensor *x, const struct pk_tensor *y)
{
	int order = number_order((uintptr_t)x->store, (uintptr_t)y->store);

	if (!order)
		order = number_order(x->offset, y->offset);
	if (!order)
		order = (int)x->dtype - (int)y->dtype;
	if (!order)
		order = number_order(x->rank, y->rank);
	if (!order)
		order = (x->conj - y->conj) * 2 + (x->neg - y->neg);
	return order || !x->rank ? order
				 : memcmp(x->shape, y->shape,
					  2 * x->rank * sizeof(*x->shape));
}

/* By view, then by name: the first of those that are the same is kept. */
static int by_view(const void *a, const void *b)
{
	const struct pk_named *x = *(struct pk_named *const *)a;
	const struct pk_named *y = *(struct pk_named *const *)b;
	const int order = view_order(x->tensor, y->tensor);

	return order ? order : name_order(x, y);
}

static void find_same(struct pk_named **v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct pk_named *was = v[i - 1];

		if (v[i]->tensor->store && v[i]->tensor->store->len &&
		    pk_tensor_same(was->tensor, v[i]->tensor))
			v[i]->same_as = was->same_as ? was->same_as : was;
	}
}

void pk_flatten_done(struct pk_loader *l)
{
	struct pk_weights *w = l->w;
	struct pk_named **v =
		pk_arena_alloc(&w->arena, w->n + 1, sizeof(struct pk_named *));

	if (!v) {
		(void)pk_load_fail(l, PK_WEIGHTS_LIMIT, 0, "out of memory");
		return;
	}
	for (size_t i = 0; i < w->n; i++)
		v[i] = &w->named[i];
	qsort(v, w->n, sizeof(struct pk_named *), by_view);
	find_same(v, w->n);
	qsort(v, w->n, sizeof(struct pk_named *), by_name);
	w->sorted = v;
	for (size_t i = 1; i < w->n; i++) {
		if (by_name(&v[i - 1], &v[i]) != 0)
			continue;
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, 0,
				   "two tensors get the name '%s'", v[i]->name);
		return;
	}
}
