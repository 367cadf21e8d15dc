/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PyTorch's layout of 2016: a tar of sys_info, pickle, storages and tensors
 * (torch/serialization.py, legacy_load).  Storages and tensors are described
 * by small pickles between raw numbers; the main pickle names them by number.
 */
#include <stdio.h>

#include "analyze/pickle_step.h"
#include "tensors/load.h"

enum { NAME_MAX_KEY = 64 };

struct place {
	uint64_t off, end;
	bool there;
};

static void find_members(struct pk_loader *l, struct place *pickle,
			 struct place *storages, struct place *tensors)
{
	struct pk_tar t;
	struct pk_tar_entry e;

	if (!pk_tar_open(&t, l->file, 0, &l->w->arena))
		return;
	while (pk_tar_next(&t, &e)) {
		struct place *p =
			pk_span_eq(e.name, PK_LIT("pickle"))     ? pickle
			: pk_span_eq(e.name, PK_LIT("storages")) ? storages
			: pk_span_eq(e.name, PK_LIT("tensors"))  ? tensors
								 : NULL;

		if (!p || e.cut || e.type != '0')
			continue;
		*p = (struct place){ e.data, e.data + e.size, true };
	}
}

/* ---- pickles among raw numbers ---- */

static void begin(struct pk_loader *l, const struct place *p)
{
	pk_rules_watch(l);
	pk_graph_begin(
		&l->g,
		pk_cursor_open(l->file, p->off, p->end - p->off, &l->w->arena),
		PK_READ_FLAT);
}

static bool next_pickle(struct pk_loader *l)
{
	if (pk_graph_load(&l->g) == PK_LOAD_STOP && !l->failed)
		return true;
	return pk_load_fail(l, PK_WEIGHTS_BROKEN, pk_vm_offset(l->g.vm),
			    "a pickle breaks off at offset %llu",
			    (unsigned long long)pk_vm_offset(l->g.vm));
}

static bool next_count(struct pk_loader *l, int64_t *n)
{
	if (!next_pickle(l))
		return false;
	if (pk_value_kind(l->g.root) != PK_V_INT || pk_value_int(l->g.root) < 0)
		return pk_load_fail(l, PK_WEIGHTS_BROKEN, pk_vm_offset(l->g.vm),
				    "a count that is none");
	*n = pk_value_int(l->g.root);
	return true;
}

/* Storages and tensors have numbers of one kind; the name tells which. */
static struct pk_store *numbered(struct pk_loader *l, const char *what,
				 pk_value key, bool *met)
{
	char name[NAME_MAX_KEY];
	int n;

	if (pk_value_kind(key) != PK_V_INT)
		return NULL;
	n = snprintf(name, sizeof(name), "%s%lld", what,
		     (long long)pk_value_int(key));
	return pk_load_store(l, name, (size_t)n, met);
}

static struct pk_store *new_numbered(struct pk_loader *l, const char *what,
				     pk_value key)
{
	bool met = true;
	struct pk_store *s = numbered(l, what, key, &met);

	if (!s || met)
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, pk_vm_offset(l->g.vm),
				   "a number that is none, or is there twice");
	return met ? NULL : s;
}

static struct pk_store *old_numbered(struct pk_loader *l, const char *what,
				     pk_value key)
{
	bool met = false;
	struct pk_store *s = numbered(l, what, key, &met);

	if (!met)
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, pk_vm_offset(l->g.vm),
				   "a number that names nothing");
	return met ? s : NULL;
}

/* ---- storages ---- */

/* pickle of (key, location, type), u64 elements, the elements */
static bool read_storage(struct pk_loader *l)
{
	struct pk_cursor *c = &l->g.vm->r.c;
	const struct pk_vm_global *type;
	struct pk_store *s;

	if (!next_pickle(l))
		return false;
	type = pk_vm_global_of(l->g.vm, pk_vm_kid(l->g.vm, l->g.root, 2));
	s = new_numbered(l, "storage ", pk_vm_kid(l->g.vm, l->g.root, 0));
	if (!s)
		return false;
	s->dtype = type ? pk_dtype_of_storage(type->name) : PK_DTYPE_NONE;
	if (s->dtype == PK_DTYPE_NONE ||
	    __builtin_mul_overflow(pk_get_u64le(c), pk_dtypes[s->dtype].size,
				   &s->len))
		pk_cursor_fail(c, PK_FAULT_VALUE);
	s->src = l->file;
	s->off = c->off;
	s->in_file = s->known = true;
	pk_skip(c, s->len);
	return pk_cursor_ok(c) ||
	       pk_load_fail(l, PK_WEIGHTS_BROKEN, c->fault_off,
			    "a storage's bytes are not all there");
}

/* (key, root, offset, elements): a part of another storage */
static bool read_view(struct pk_loader *l, pk_value view)
{
	const pk_value at = pk_vm_kid(l->g.vm, view, 2);
	struct pk_store *root =
		old_numbered(l, "storage ", pk_vm_kid(l->g.vm, view, 1));
	struct pk_store *s =
		root ? new_numbered(l, "storage ", pk_vm_kid(l->g.vm, view, 0))
		     : NULL;
	uint64_t skip;

	if (!s)
		return false;
	if (pk_value_kind(at) != PK_V_INT || pk_value_int(at) < 0 ||
	    __builtin_mul_overflow((uint64_t)pk_value_int(at),
				   pk_dtypes[root->dtype].size, &skip) ||
	    skip > root->len)
		return pk_load_fail(l, PK_WEIGHTS_BROKEN, pk_vm_offset(l->g.vm),
				    "a view that leaves its storage");
	s->dtype = root->dtype;
	s->src = root->src;
	s->off = root->off + skip;
	s->len = root->len - skip;
	s->in_file = s->known = true;
	return true;
}

static bool read_storages(struct pk_loader *l, const struct place *p)
{
	int64_t n;

	begin(l, p);
	if (!next_count(l, &n))
		return false;
	for (int64_t i = 0; i < n; i++) {
		if (!read_storage(l))
			return false;
	}
	if (!next_pickle(l))
		return false;
	for (uint64_t i = 0;
	     pk_load_is_row(l->g.root) && i < pk_vm_count(l->g.vm, l->g.root);
	     i++) {
		if (!read_view(l, pk_vm_kid(l->g.vm, l->g.root, i)))
			return false;
	}
	return true;
}

/* ---- tensors ---- */

/* i32 dimensions, 4 bytes, i64 sizes, i64 strides, i64 offset */
static bool read_shape(struct pk_loader *l, struct pk_tensor *t)
{
	struct pk_cursor *c = &l->g.vm->r.c;
	uint64_t *dims;
	const char *fault = "a tensor's numbers are not all there";

	t->rank = pk_get_u32le(c);
	pk_skip(c, 4);
	if (t->rank > PK_RANK_MAX)
		pk_cursor_fail(c, PK_FAULT_VALUE);
	dims = pk_cursor_ok(c)
		       ? pk_arena_alloc(&l->w->arena, 2 * (size_t)t->rank + 1,
					sizeof(*dims))
		       : NULL;
	for (uint32_t i = 0; dims && i < 2 * t->rank; i++) {
		dims[i] = pk_get_u64le(c);
		if (dims[i] > INT64_MAX)
			pk_cursor_fail(c, PK_FAULT_VALUE);
	}
	t->offset = pk_get_u64le(c);
	t->shape = dims;
	if (dims && pk_cursor_ok(c))
		fault = pk_tensor_fault(t);
	return !fault || pk_load_fail(l, PK_WEIGHTS_BROKEN, c->off,
				      "a tensor: %s", fault);
}

static bool read_tensor(struct pk_loader *l)
{
	struct pk_tensor *t = PK_NEW(&l->w->arena, struct pk_tensor);
	struct pk_store *entry;

	if (!t || !next_pickle(l))
		return false;
	entry = new_numbered(l, "tensor ", pk_vm_kid(l->g.vm, l->g.root, 0));
	if (!entry)
		return false;
	t->store =
		old_numbered(l, "storage ", pk_vm_kid(l->g.vm, l->g.root, 1));
	if (!t->store)
		return false;
	t->dtype = t->store->dtype;
	entry->data = t;
	return read_shape(l, t);
}

static bool read_tensors(struct pk_loader *l, const struct place *p)
{
	int64_t n;

	begin(l, p);
	if (!next_count(l, &n))
		return false;
	for (int64_t i = 0; i < n; i++) {
		if (!read_tensor(l))
			return false;
	}
	return true;
}

/* ---- the main pickle ---- */

static pk_value by_number(struct pk_loader *l, pk_value v, pk_value id)
{
	bool met = false;
	const struct pk_store *s = numbered(l, "tensor ", id, &met);
	struct pk_thing t = { .kind = PK_THING_TENSOR };

	if (met && s->data) {
		t.tensor = *(const struct pk_tensor *)s->data;
		return pk_load_thing(l, v, &t);
	}
	s = old_numbered(l, "storage ", id);
	if (!s)
		return v;
	t = (struct pk_thing){ .kind = PK_THING_STORAGE, .dtype = s->dtype };
	t.store = old_numbered(l, "storage ", id);
	return pk_load_thing(l, v, &t);
}

void pk_load_torch_tar(struct pk_loader *l)
{
	struct place pickle = { 0 }, storages = { 0 }, tensors = { 0 };

	find_members(l, &pickle, &storages, &tensors);
	if (!pickle.there || !storages.there || !tensors.there) {
		(void)pk_load_fail(l, PK_WEIGHTS_FOREIGN, 0,
				   "a tar that is no checkpoint");
		return;
	}
	l->w->format = "pytorch-tar";
	if (!read_storages(l, &storages) || !read_tensors(l, &tensors))
		return;
	l->by_number = by_number;
	begin(l, &pickle);
	if (next_pickle(l))
		pk_flatten(l, l->g.root);
}
