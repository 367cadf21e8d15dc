/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the calls in a checkpoint make (torch/_utils.py, torch/_tensor.py):
 * tensors from storages, containers, a few plain values.  None of them is
 * made by a call; this reads the arguments.
 */
#include <stdlib.h>

#include "tensors/rebuild.h"

pk_value pk_call_arg(const struct pk_rebuild_call *c, uint64_t i)
{
	return i < c->n ? pk_vm_kid(c->l->g.vm, c->args, i) : pk_unknown;
}

pk_value pk_call_fail(const struct pk_rebuild_call *c, const char *what)
{
	(void)pk_load_fail(c->l, PK_WEIGHTS_REFUSED, c->deed->off,
			   "%s at offset %llu", what,
			   (unsigned long long)c->deed->off);
	return c->deed->v;
}

pk_value pk_call_make(const struct pk_rebuild_call *c, const struct pk_thing *t)
{
	return pk_load_thing(c->l, c->deed->v, t);
}

/* ---- tensors ---- */

static bool may_require_grad(enum pk_dtype dtype)
{
	const char *name = pk_dtypes[dtype].torch;

	return strstr(name, "float") || strstr(name, "complex");
}

/* requires_grad must be a bool, and true for numbers with a derivative. */
static bool set_grad(struct pk_tensor *t, pk_value v)
{
	if (pk_value_kind(v) != PK_V_BOOL)
		return false;
	t->requires_grad = pk_value_payload(v) != 0;
	return !t->requires_grad || may_require_grad(t->dtype);
}

/* storage, offset, size, stride at the front of the arguments. */
static bool read_view(const struct pk_rebuild_call *c, enum pk_dtype dtype,
		      struct pk_tensor *t)
{
	const struct pk_thing *s = pk_load_thing_of(c->l, pk_call_arg(c, 0));
	const pk_value at = pk_call_arg(c, 1);

	if (!s || s->kind != PK_THING_STORAGE ||
	    pk_value_kind(at) != PK_V_INT || pk_value_int(at) < 0)
		return false;
	t->store = s->store;
	t->dtype = dtype == PK_DTYPE_NONE ? s->dtype : dtype;
	return !__builtin_add_overflow((uint64_t)pk_value_int(at),
				       s->tensor.offset, &t->offset) &&
	       pk_load_view(c->l, t, pk_call_arg(c, 2), pk_call_arg(c, 3),
			    c->deed->off);
}

static bool flag(const struct pk_rebuild_call *c, pk_value dict,
		 const char *key)
{
	const pk_value v = pk_graph_get(&c->l->g, dict, key);

	return pk_value_kind(v) == PK_V_BOOL && pk_value_payload(v);
}

static pk_value view(const struct pk_rebuild_call *c, enum pk_dtype dtype,
		     uint64_t grad, uint64_t metadata)
{
	struct pk_thing t = { .kind = PK_THING_TENSOR };

	if (!read_view(c, dtype, &t.tensor))
		return pk_call_fail(c, "a tensor cannot be made");
	if (grad && !set_grad(&t.tensor, pk_call_arg(c, grad)))
		return pk_call_fail(c, "a tensor's requires_grad cannot be");
	if (metadata && c->n > metadata) {
		const pk_value m = pk_call_arg(c, metadata);

		t.tensor.conj = flag(c, m, "conj");
		t.tensor.neg = flag(c, m, "neg");
	}
	return pk_call_make(c, &t);
}

static pk_value rebuild_tensor(const struct pk_rebuild_call *c)
{
	return c->n == 4 ? view(c, PK_DTYPE_NONE, 0, 0)
			 : pk_call_fail(c, "a tensor has other arguments");
}

static pk_value rebuild_tensor_v2(const struct pk_rebuild_call *c)
{
	enum { GRAD = 4, METADATA = 6 };
	const uint64_t most = c->l->w->rules == PK_RULES_1_13 ? 6 : 7;

	if (c->n < 6 || c->n > most)
		return pk_call_fail(c, "a tensor has other arguments");
	return view(c, PK_DTYPE_NONE, GRAD, METADATA);
}

static enum pk_dtype dtype_of(const struct pk_rebuild_call *c, pk_value v)
{
	const struct pk_vm_global *g = pk_vm_global_of(c->l->g.vm, v);

	return g && pk_span_eq(g->module, PK_LIT("torch"))
		       ? pk_dtype_by_name(g->name)
		       : PK_DTYPE_NONE;
}

static pk_value rebuild_tensor_v3(const struct pk_rebuild_call *c)
{
	enum { GRAD = 4, DTYPE = 6, METADATA = 7 };
	const enum pk_dtype dtype = dtype_of(c, pk_call_arg(c, DTYPE));

	if (c->n < 7 || c->n > 8 || dtype == PK_DTYPE_NONE)
		return pk_call_fail(
			c, "a tensor has other arguments, or a dtype that "
			   "is not known");
	return view(c, dtype, GRAD, METADATA);
}

/* A tensor again, under another roof: a parameter, a subclass, a device. */
static pk_value again(const struct pk_rebuild_call *c, pk_value data,
		      pk_value grad, bool parameter)
{
	const struct pk_tensor *of = pk_load_tensor_of(c->l, data);
	struct pk_thing t = { .kind = PK_THING_TENSOR };

	if (!of)
		return pk_call_fail(c,
				    "a parameter is made of what is no tensor");
	t.tensor = *of;
	t.parameter = parameter;
	if (!set_grad(&t.tensor, grad))
		return pk_call_fail(c, "a parameter's requires_grad cannot be");
	return pk_call_make(c, &t);
}

static pk_value rebuild_parameter(const struct pk_rebuild_call *c)
{
	if (c->n != 3)
		return pk_call_fail(c, "a parameter has other arguments");
	return again(c, pk_call_arg(c, 0), pk_call_arg(c, 1), true);
}

static pk_value rebuild_parameter_with_state(const struct pk_rebuild_call *c)
{
	if (c->n != 4)
		return pk_call_fail(c, "a parameter has other arguments");
	return again(c, pk_call_arg(c, 0), pk_call_arg(c, 1), true);
}

/* torch.nn.Parameter(data, requires_grad=True) */
static pk_value parameter(const struct pk_rebuild_call *c)
{
	const pk_value yes = pk_value_make(PK_V_BOOL, 1);

	if (c->n < 1 || c->n > 2)
		return pk_call_fail(c, "a parameter has other arguments");
	return again(c, pk_call_arg(c, 0), c->n > 1 ? pk_call_arg(c, 1) : yes,
		     true);
}

static pk_value rebuild_from_cpu(const struct pk_rebuild_call *c)
{
	if (c->n != 4)
		return pk_call_fail(c, "a tensor has other arguments");
	return again(c, pk_call_arg(c, 0), pk_call_arg(c, 3), false);
}

static pk_value parts(const struct pk_rebuild_call *c, const char *what,
		      pk_value of)
{
	const struct pk_thing t = { .kind = PK_THING_PARTS,
				    .what = what,
				    .parts = of };

	return pk_call_make(c, &t);
}

/* Whether every index of a COO tensor is within its size; where the numbers
 * cannot be read yet, they are not looked at. */
static bool indices_fit(const struct pk_rebuild_call *c,
			const struct pk_tensor *indices, const uint64_t *size)
{
	struct pk_gather *g;
	uint8_t raw[4096];
	uint64_t at = 0;
	size_t n;
	bool ok = true;

	if (!indices->store || !indices->store->len || c->l->legacy ||
	    indices->dtype != PK_DTYPE_I64)
		return true;
	if (!pk_weights_locate(c->l->w, indices))
		return false;
	g = pk_gather_new(indices);
	while (ok && g && (n = pk_gather_next(g, raw, sizeof(raw))) > 0) {
		for (size_t i = 0; i < n; i += 8, at++) {
			const uint64_t dim = at / indices->shape[1];
			uint64_t v = 0;

			for (size_t k = 8; k > 0; k--)
				v = v << 8 | raw[i + k - 1];
			ok = ok && v < size[dim];
		}
	}
	pk_gather_free(g);
	return ok;
}

/* torch._validate_sparse_coo_tensor_args */
static bool sparse_fits(const struct pk_rebuild_call *c, pk_value data)
{
	const struct pk_tensor *indices =
		pk_load_tensor_of(c->l, pk_vm_kid(c->l->g.vm, data, 0));
	const struct pk_tensor *values =
		pk_load_tensor_of(c->l, pk_vm_kid(c->l->g.vm, data, 1));
	const pk_value size = pk_vm_kid(c->l->g.vm, data, 2);
	uint64_t dims[2 * PK_RANK_MAX], n;
	uint32_t sparse;

	if (!indices || !values || indices->rank != 2 || values->rank < 1 ||
	    indices->dtype != PK_DTYPE_I64 || !pk_load_is_row(size) ||
	    indices->shape[1] != values->shape[0])
		return false;
	n = pk_vm_count(c->l->g.vm, size);
	sparse = (uint32_t)(indices->shape[0] & 0xff);
	if (n > PK_RANK_MAX || indices->shape[0] > PK_RANK_MAX ||
	    n != indices->shape[0] + values->rank - 1 ||
	    !pk_load_dims(c->l, size, dims, n))
		return false;
	for (uint32_t i = 1; i < values->rank; i++) {
		if (values->shape[i] != dims[sparse + i - 1])
			return false;
	}
	return indices_fit(c, indices, dims);
}

static pk_value rebuild_sparse(const struct pk_rebuild_call *c)
{
	const struct pk_thing *layout =
		pk_load_thing_of(c->l, pk_call_arg(c, 0));
	const pk_value data = pk_call_arg(c, 1);
	const uint64_t n = pk_vm_count(c->l->g.vm, data);
	bool ok = c->n == 2 && layout && layout->kind == PK_THING_LAYOUT &&
		  strstr(layout->what, "sparse") && pk_load_is_row(data) &&
		  n >= 3 && n <= 4;

	if (ok && strcmp(layout->what, "torch.sparse_coo") == 0)
		ok = sparse_fits(c, data);
	else
		ok = ok && n == 4;
	return ok ? parts(c, layout->what, data)
		  : pk_call_fail(c, "a sparse tensor cannot be made");
}

static pk_value rebuild_qtensor(const struct pk_rebuild_call *c)
{
	enum { PARAMS = 4, GRAD = 5 };
	struct pk_thing t = { .kind = PK_THING_PARTS, .what = "quantized" };

	if (c->n != 7 || !read_view(c, PK_DTYPE_NONE, &t.tensor) ||
	    pk_value_kind(pk_call_arg(c, PARAMS)) != PK_V_TUPLE ||
	    pk_value_kind(pk_call_arg(c, GRAD)) != PK_V_BOOL)
		return pk_call_fail(c, "a quantised tensor cannot be made");
	t.parts = pk_call_arg(c, PARAMS);
	return pk_call_make(c, &t);
}

static pk_value rebuild_nested(const struct pk_rebuild_call *c)
{
	return parts(c, "nested", c->args);
}

static pk_value rebuild_meta(const struct pk_rebuild_call *c)
{
	struct pk_thing t = { .kind = PK_THING_TENSOR };

	t.tensor.dtype = dtype_of(c, pk_call_arg(c, 0));
	if (c->n != 4 || t.tensor.dtype == PK_DTYPE_NONE ||
	    !pk_load_view(c->l, &t.tensor, pk_call_arg(c, 1), pk_call_arg(c, 2),
			  c->deed->off) ||
	    !set_grad(&t.tensor, pk_call_arg(c, 3)))
		return pk_call_fail(c, "a meta tensor cannot be made");
	return pk_call_make(c, &t);
}

static pk_value rebuild_wrapper(const struct pk_rebuild_call *c)
{
	if (c->n != 8)
		return pk_call_fail(c, "a wrapped tensor cannot be made");
	return parts(c, "wrapper subclass", c->args);
}

static pk_value rebuild(const struct pk_rebuild_call *c, pk_value callee);

/* func, type, args, state: func(*args), seen as another class. */
static pk_value rebuild_from_type(const struct pk_rebuild_call *c)
{
	enum { DEPTH_MAX = 8 };
	struct pk_rebuild_call inner = *c;
	pk_value made;

	if (c->n != 4 || c->depth >= DEPTH_MAX ||
	    pk_value_kind(pk_call_arg(c, 0)) != PK_V_GLOBAL ||
	    pk_value_kind(pk_call_arg(c, 1)) != PK_V_GLOBAL ||
	    (pk_value_kind(pk_call_arg(c, 2)) != PK_V_TUPLE &&
	     pk_value_kind(pk_call_arg(c, 2)) != PK_V_LIST))
		return pk_call_fail(c,
				    "a tensor of another type cannot be made");
	inner.args = pk_call_arg(c, 2);
	inner.n = pk_vm_count(c->l->g.vm, inner.args);
	inner.depth++;
	made = rebuild(&inner, pk_call_arg(c, 0));
	if (!c->l->failed && !pk_load_tensor_of(c->l, made) &&
	    !pk_load_thing_of(c->l, made))
		return pk_call_fail(c,
				    "a tensor of another type cannot be made");
	return made;
}

/* ---- which call ---- */

static const struct rebuilder {
	const char *module, *name;
	pk_value (*make)(const struct pk_rebuild_call *c);
} rebuilders[] = {
	{ "torch._utils", "_rebuild_tensor_v2", rebuild_tensor_v2 },
	{ "collections", "OrderedDict", pk_plain_ordered_dict },
	{ "torch._utils", "_rebuild_parameter", rebuild_parameter },
	{ "torch._utils", "_rebuild_tensor", rebuild_tensor },
	{ "torch._utils", "_rebuild_tensor_v3", rebuild_tensor_v3 },
	{ "torch._utils", "_rebuild_parameter_with_state",
	  rebuild_parameter_with_state },
	{ "torch._utils", "_rebuild_sparse_tensor", rebuild_sparse },
	{ "torch._utils", "_rebuild_sparse_csr_tensor", rebuild_sparse },
	{ "torch._utils", "_rebuild_qtensor", rebuild_qtensor },
	{ "torch._utils", "_rebuild_nested_tensor", rebuild_nested },
	{ "torch._utils", "_rebuild_meta_tensor_no_storage", rebuild_meta },
	{ "torch._utils", "_rebuild_wrapper_subclass", rebuild_wrapper },
	{ "torch._utils", "_rebuild_device_tensor_from_cpu_tensor",
	  rebuild_from_cpu },
	{ "torch._tensor", "_rebuild_from_type_v2", rebuild_from_type },
	{ "torch.nn.parameter", "Parameter", parameter },
	{ "torch.serialization", "_get_layout", pk_plain_get_layout },
	{ "torch", "Size", pk_plain_size },
	{ "torch", "device", pk_plain_device },
	{ "_codecs", "encode", pk_plain_encode },
	{ "builtins", "bytearray", pk_plain_bytearray },
	{ "builtins", "bytes", pk_plain_bytearray },
	{ "builtins", "complex", pk_plain_complex_number },
	{ "builtins", "set", pk_plain_set },
	{ "collections", "Counter", pk_plain_counter },
};

static const struct rebuilder *find(struct pk_loader *l, pk_value callee)
{
	for (size_t i = 0; i < sizeof(rebuilders) / sizeof(rebuilders[0]);
	     i++) {
		if (pk_graph_is_global(&l->g, callee, rebuilders[i].module,
				       rebuilders[i].name))
			return &rebuilders[i];
	}
	return NULL;
}

static const struct rebuilder none = { 0 };

/* Names are looked up once each. */
static const struct rebuilder *rebuilder_of(struct pk_loader *l,
					    pk_value callee)
{
	struct pk_vm_global *g;

	if (pk_value_kind(callee) != PK_V_GLOBAL)
		return NULL;
	g = &l->g.vm->globals[pk_value_payload(callee)];
	if (!g->meaning) {
		const struct rebuilder *r = find(l, callee);

		g->meaning = (void *)(uintptr_t)(r ? r : &none);
	}
	return g->meaning == &none ? NULL : g->meaning;
}

static pk_value stub(const struct pk_rebuild_call *c, pk_value callee)
{
	struct pk_thing t = { .kind = PK_THING_STUB,
			      .state = pk_unknown,
			      .items = pk_unknown };
	const struct pk_vm_global *g = pk_vm_global_of(c->l->g.vm, callee);

	/* copyreg._reconstructor(cls, ...) and its like make a cls. */
	if (g && pk_span_starts(g->module, PK_LIT("copy")) &&
	    pk_value_kind(pk_call_arg(c, 0)) == PK_V_GLOBAL)
		g = pk_vm_global_of(c->l->g.vm, pk_call_arg(c, 0));
	t.what = g ? pk_load_show_global(c->l, g) : "a computed class";
	return pk_call_make(c, &t);
}

static pk_value rebuild(const struct pk_rebuild_call *c, pk_value callee)
{
	const struct rebuilder *r = rebuilder_of(c->l, callee);
	const struct pk_vm_global *g = pk_vm_global_of(c->l->g.vm, callee);
	pk_value made;

	if (pk_numpy_call(c->l, c->deed, &made))
		return made;
	if (r)
		return r->make(c);
	if (c->l->w->rules == PK_RULES_SALVAGE)
		return stub(c, callee);
	(void)pk_load_fail(c->l, PK_WEIGHTS_REFUSED, c->deed->off,
			   "it calls %s at offset %llu, which makes no plain "
			   "weights",
			   pk_load_show_global(c->l, g),
			   (unsigned long long)c->deed->off);
	return c->deed->v;
}

/* NEWOBJ makes an empty one of few classes. */
static bool may_be_new(struct pk_loader *l, pk_value cls)
{
	if (l->w->rules == PK_RULES_SALVAGE || l->numpy ||
	    pk_graph_is_global(&l->g, cls, "torch.nn.parameter", "Parameter"))
		return true;
	return l->w->rules != PK_RULES_1_13 &&
	       (pk_graph_is_global(&l->g, cls, "collections", "OrderedDict") ||
		pk_graph_is_global(&l->g, cls, "collections", "Counter") ||
		pk_graph_is_global(&l->g, cls, "torch", "Size") ||
		pk_graph_is_global(&l->g, cls, "builtins", "set"));
}

/* Python takes any iterable for arguments, "" too. */
static bool is_empty_text(struct pk_loader *l, pk_value v)
{
	struct pk_buf text = { 0 };
	const bool empty = pk_vm_text(l->g.vm, v, 1, &text) && text.len == 0;

	pk_buf_release(&text);
	return empty;
}

pk_value pk_rebuild(struct pk_loader *l, const struct pk_deed *d)
{
	struct pk_rebuild_call c = { .l = l, .deed = d, .args = d->a };

	if (l->failed)
		return d->v;
	if (d->call == PK_CALL_NEWOBJ && !may_be_new(l, d->callee))
		return pk_call_fail(&c, "an object of what is no plain class");
	c.n = is_empty_text(l, d->a) ? 0 : pk_vm_count(l->g.vm, d->a);
	if (pk_value_kind(d->a) != PK_V_TUPLE &&
	    pk_value_kind(d->a) != PK_V_LIST) {
		if (c.n == UINT64_MAX || c.n > 0) {
			if (l->w->rules != PK_RULES_SALVAGE)
				return pk_call_fail(&c,
						    "a call without arguments");
			c.n = 0;
		}
	}
	return rebuild(&c, d->callee);
}

/* ---- what is done to objects ---- */

/* inst.set_(storage, offset, size, stride) */
static void set_tensor(struct pk_loader *l, const struct pk_deed *d,
		       struct pk_thing *t)
{
	struct pk_rebuild_call c = { .l = l, .deed = d, .args = d->a };
	struct pk_tensor made = t->tensor;

	c.n = pk_value_kind(d->a) == PK_V_TUPLE ? pk_vm_count(l->g.vm, d->a)
						: 0;
	if (t->parameter || c.n != 4 || !read_view(&c, PK_DTYPE_NONE, &made) ||
	    made.dtype != t->tensor.dtype)
		(void)pk_call_fail(&c, "a tensor's state cannot be");
	else
		t->tensor = made;
}

static void stub_state(struct pk_loader *l, struct pk_thing *t, pk_value state)
{
	/* (state, slots): Python takes both. */
	if (pk_value_kind(state) == PK_V_TUPLE &&
	    pk_vm_count(l->g.vm, state) == 2 &&
	    pk_value_kind(pk_vm_kid(l->g.vm, state, 0)) == PK_V_DICT)
		state = pk_vm_kid(l->g.vm, state, 0);
	t->state = state;
}

void pk_rebuild_state(struct pk_loader *l, const struct pk_deed *d)
{
	struct pk_thing *t = pk_load_thing_of(l, d->v);

	if (l->failed || pk_numpy_build(l, d))
		return;
	if (pk_load_is_ordered(l, d->v) &&
	    (pk_value_kind(d->a) == PK_V_DICT ||
	     (pk_load_is_row(d->a) && pk_vm_count(l->g.vm, d->a) == 0)))
		return; /* attributes of the dict: _metadata */
	if (t && t->kind == PK_THING_TENSOR && l->w->rules != PK_RULES_SALVAGE)
		set_tensor(l, d, t);
	else if (t && t->kind == PK_THING_STUB)
		stub_state(l, t, d->a);
	else if (l->w->rules != PK_RULES_SALVAGE)
		(void)pk_load_fail(l, PK_WEIGHTS_REFUSED, d->off,
				   "a state for what has none at offset %llu",
				   (unsigned long long)d->off);
}

void pk_rebuild_fill(struct pk_loader *l, const struct pk_deed *d)
{
	struct pk_thing *t = pk_load_thing_of(l, d->v);
	struct pk_vm *vm = l->g.vm;

	if (!t || t->kind != PK_THING_STUB) {
		if (l->w->rules != PK_RULES_SALVAGE)
			(void)pk_load_fail(
				l, PK_WEIGHTS_REFUSED, d->off,
				"items for what takes none at offset %llu",
				(unsigned long long)d->off);
		return;
	}
	t->pairs = d->code == PK_OP_SETITEM || d->code == PK_OP_SETITEMS;
	if (pk_value_kind(t->items) != PK_V_LIST) {
		t->items = d->a;
		return;
	}
	for (uint64_t i = 0; i < pk_vm_count(vm, d->a) && !vm->nodes.failed;
	     i++) {
		const pk_value kid = pk_vm_kid(vm, d->a, i);

		pk_node_add(&vm->nodes, pk_node_of(&vm->nodes, t->items), &kid,
			    1);
	}
}
