/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arrays of NumPy: .npy and .npz files, and how pickles spell them
 * (numpy/core/multiarray, numpy/core/numeric; joblib/numpy_pickle.py, which
 * puts the bytes between the opcodes).
 */
#include "codec/npy.h"

#include "analyze/pickle_step.h"
#include "core/utf8.h"
#include "source/memory.h"
#include "tensors/members.h"

static bool ends_with(struct pk_span s, const char *tail)
{
	const size_t n = strlen(tail);

	return s.len >= n && memcmp(s.p + s.len - n, tail, n) == 0;
}

static bool name_is(const struct pk_vm_global *g, const char *name)
{
	return g && g->name.len == strlen(name) &&
	       memcmp(g->name.p, name, g->name.len) == 0;
}

static bool of_numpy(const struct pk_vm_global *g)
{
	return g && pk_span_starts(g->module, PK_LIT("numpy"));
}

static bool is_wrapper(const struct pk_vm_global *g)
{
	return g && ends_with(g->name, "NumpyArrayWrapper") &&
	       memmem(g->module.p, g->module.len, "joblib", 6);
}

/* ---- shapes ---- */

/* Sets shape and strides: row by row, or the first index fastest. */
static bool lay_out(struct pk_loader *l, struct pk_tensor *t,
		    const uint64_t *shape, uint64_t rank, bool fortran,
		    uint64_t off)
{
	uint64_t *dims, step = 1;
	const char *fault;

	if (rank > PK_RANK_MAX)
		return pk_load_fail(l, PK_WEIGHTS_BROKEN, off,
				    "an array of too many dimensions");
	dims = pk_arena_alloc(&l->w->arena, 2 * (size_t)rank + 1,
			      sizeof(*dims));
	if (!dims)
		return pk_load_fail(l, PK_WEIGHTS_LIMIT, off, "out of memory");
	t->shape = dims;
	t->rank = (uint32_t)rank;
	for (uint64_t i = 0; i < rank; i++)
		dims[i] = shape[i];
	pk_row_major(dims, t->rank, dims + rank);
	for (uint64_t i = 0; fortran && i < rank; i++) {
		dims[rank + i] = step;
		step *= dims[i] > 1 ? dims[i] : 1;
	}
	fault = pk_tensor_fault(t);
	return !fault ||
	       pk_load_fail(l, PK_WEIGHTS_BROKEN, off, "an array: %s", fault);
}

static bool lay_out_value(struct pk_loader *l, struct pk_tensor *t,
			  pk_value shape, bool fortran, uint64_t off)
{
	const uint64_t n = pk_load_is_row(shape) ? pk_vm_count(l->g.vm, shape)
						 : UINT64_MAX;
	uint64_t dims[PK_RANK_MAX] = { 0 };

	for (uint64_t i = 0; n <= PK_RANK_MAX && i < n; i++) {
		const pk_value dim = pk_vm_kid(l->g.vm, shape, i);

		if (pk_value_kind(dim) != PK_V_INT || pk_value_int(dim) < 0)
			return pk_load_fail(l, PK_WEIGHTS_BROKEN, off,
					    "an array's shape is no count");
		dims[i] = (uint64_t)pk_value_int(dim);
	}
	return lay_out(l, t, dims, n, fortran, off);
}

/* ---- bytes ---- */

static struct pk_store *new_store(struct pk_loader *l, struct pk_source *src,
				  uint64_t off, uint64_t len, bool in_file)
{
	struct pk_store *s = PK_NEW(&l->w->arena, struct pk_store);

	if (!s) {
		(void)pk_load_fail(l, PK_WEIGHTS_LIMIT, off, "out of memory");
		return NULL;
	}
	*s = (struct pk_store){ .src = src,
				.off = off,
				.len = len,
				.in_file = in_file,
				.known = true,
				.key = "" };
	return s;
}

/* Protocol 2 spells bytes as text: each character is one. */
static struct pk_store *decoded(struct pk_loader *l, pk_value text,
				uint64_t off)
{
	struct pk_buf utf8 = { .max = 1U << 31 };
	uint8_t *bytes = NULL;
	size_t n = 0;
	bool ok = pk_vm_text(l->g.vm, text, SIZE_MAX, &utf8);

	if (ok)
		bytes = pk_arena_alloc(&l->w->arena, utf8.len + 1, 1);
	for (size_t i = 0; ok && bytes && i < utf8.len;) {
		const int32_t cp = pk_utf8_next(pk_buf_span(&utf8), &i);

		ok = cp >= 0 && cp < 256;
		bytes[n++] = (uint8_t)cp;
	}
	pk_buf_release(&utf8);
	if (!ok || !bytes) {
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, off,
				   "an array's bytes cannot be read");
		return NULL;
	}
	return new_store(l, pk_load_borrow(l, bytes, n), 0, n, false);
}

/* The storage that a bytes value is. */
static struct pk_store *store_of(struct pk_loader *l, pk_value v, uint64_t off)
{
	const struct pk_thing *t = pk_load_thing_of(l, v);
	struct pk_source *src = l->g.vm->r.c.src;
	struct pk_piece at;

	if (t && t->kind == PK_THING_BYTES) {
		const pk_value of = pk_vm_kid(l->g.vm, t->parts, 0);
		const uint64_t n = pk_vm_count(l->g.vm, t->parts);

		if (n == 0)
			return new_store(l, src, 0, 0, false);
		if (pk_value_kind(of) == PK_V_STR ||
		    pk_value_kind(of) == PK_V_TEXT)
			return decoded(l, of, off);
		return pk_load_thing_of(l, of) == t ? NULL
						    : store_of(l, of, off);
	}
	if (pk_value_kind(v) == PK_V_UNKNOWN ||
	    !pk_vm_bytes_at(l->g.vm, v, &at)) {
		(void)pk_load_fail(l, PK_WEIGHTS_REFUSED, off,
				   "an array's bytes lie outside of the "
				   "pickle, or in a form that is not read");
		return NULL;
	}
	return new_store(l, src, at.off, at.len, src == l->file);
}

/* ---- dtypes ---- */

static pk_value make_dtype(struct pk_loader *l, const struct pk_deed *d)
{
	struct pk_thing t = { .kind = PK_THING_DTYPE,
			      .what = "a dtype",
			      .dtype = PK_DTYPE_NONE };
	struct pk_buf text = { 0 };
	bool objects = false;

	if (pk_vm_text(l->g.vm, pk_vm_kid(l->g.vm, d->a, 0), 32, &text)) {
		t.dtype = pk_dtype_of_numpy(pk_buf_span(&text), &t.big);
		t.what = pk_load_show(l, pk_vm_kid(l->g.vm, d->a, 0));
		if (!pk_npy_type_size(pk_buf_span(&text), &t.item_size,
				      &objects))
			t.item_size = UINT64_MAX;
		t.objects = objects;
	}
	pk_buf_release(&text);
	return pk_load_thing(l, d->v, &t);
}

/* (3, '>', ...): the byte order; the item size where the name has none. */
static void build_dtype(struct pk_loader *l, const struct pk_deed *d,
			struct pk_thing *t)
{
	enum { ORDER = 1, FIELDS = 4, SIZE = 5, FLAGS = 7, HAS_OBJECT = 1 };
	struct pk_buf text = { 0 };
	const pk_value size = pk_vm_kid(l->g.vm, d->a, SIZE);
	const pk_value flags = pk_vm_kid(l->g.vm, d->a, FLAGS);

	if (pk_vm_text(l->g.vm, pk_vm_kid(l->g.vm, d->a, ORDER), 4, &text) &&
	    text.len == 1)
		t->big = text.p[0] == '>';
	pk_buf_release(&text);
	if (pk_value_kind(size) == PK_V_INT && pk_value_int(size) > 0)
		t->item_size = (uint64_t)pk_value_int(size);
	if (pk_value_kind(flags) == PK_V_INT)
		t->objects |= (pk_value_int(flags) & HAS_OBJECT) != 0;
	if (pk_value_kind(pk_vm_kid(l->g.vm, d->a, FIELDS)) == PK_V_DICT)
		t->dtype = PK_DTYPE_NONE;
}

static const struct pk_thing *dtype_of(struct pk_loader *l, pk_value v)
{
	const struct pk_thing *t = pk_load_thing_of(l, v);

	return t && t->kind == PK_THING_DTYPE ? t : NULL;
}

/* ---- arrays ---- */

/* What has no plain numbers is named and listed, not read. */
static void become_opaque(struct pk_loader *l, struct pk_thing *a,
			  const struct pk_thing *dtype)
{
	a->kind = PK_THING_OPAQUE;
	a->what = pk_arena_printf(&l->w->arena, "array of %s",
				  dtype ? dtype->what : "an unknown type");
	if (!a->what)
		a->what = "array";
}

static void become_tensor(struct pk_thing *a, const struct pk_thing *dtype,
			  struct pk_store *s)
{
	a->kind = PK_THING_TENSOR;
	a->tensor = (struct pk_tensor){ .store = s, .dtype = dtype->dtype };
	s->dtype = dtype->dtype;
	s->big_endian = dtype->big;
}

/* (1, shape, dtype, is_fortran, bytes or a list) */
static void build_array(struct pk_loader *l, const struct pk_deed *d,
			struct pk_thing *a)
{
	enum { SHAPE = 1, DTYPE = 2, FORTRAN = 3, BYTES = 4 };
	const pk_value fortran = pk_vm_kid(l->g.vm, d->a, FORTRAN);
	const struct pk_thing *dtype =
		dtype_of(l, pk_vm_kid(l->g.vm, d->a, DTYPE));
	struct pk_store *s;

	if (!dtype || dtype->dtype == PK_DTYPE_NONE) {
		become_opaque(l, a, dtype);
		return;
	}
	s = store_of(l, pk_vm_kid(l->g.vm, d->a, BYTES), d->off);
	if (!s)
		return;
	become_tensor(a, dtype, s);
	(void)lay_out_value(l, &a->tensor, pk_vm_kid(l->g.vm, d->a, SHAPE),
			    (pk_value_kind(fortran) == PK_V_BOOL ||
			     pk_value_kind(fortran) == PK_V_INT) &&
				    pk_value_payload(fortran),
			    d->off);
}

/* (bytes, dtype, shape, 'C' or 'F') */
static pk_value from_buffer(struct pk_loader *l, const struct pk_deed *d)
{
	struct pk_thing a = { .kind = PK_THING_OPAQUE };
	const struct pk_thing *dtype = dtype_of(l, pk_vm_kid(l->g.vm, d->a, 1));
	struct pk_buf order = { 0 };
	struct pk_store *s;
	bool fortran;

	if (!dtype || dtype->dtype == PK_DTYPE_NONE) {
		become_opaque(l, &a, dtype);
		return pk_load_thing(l, d->v, &a);
	}
	s = store_of(l, pk_vm_kid(l->g.vm, d->a, 0), d->off);
	if (!s)
		return d->v;
	become_tensor(&a, dtype, s);
	fortran = pk_vm_text(l->g.vm, pk_vm_kid(l->g.vm, d->a, 3), 2, &order) &&
		  strcmp(pk_buf_str(&order), "F") == 0;
	pk_buf_release(&order);
	if (!lay_out_value(l, &a.tensor, pk_vm_kid(l->g.vm, d->a, 2), fortran,
			   d->off))
		return d->v;
	return pk_load_thing(l, d->v, &a);
}

/* ---- joblib ---- */

/* A pickle of its own, for a reader of its own, in place of the bytes. */
static bool skip_objects(struct pk_loader *l)
{
	struct pk_reader *r = &l->g.vm->r;
	const uint64_t at = pk_reader_raw_begin(r);
	struct pk_graph nested;
	bool ok = pk_graph_init(&nested, &l->w->meter);

	nested.forgetful = true;
	if (ok) {
		pk_graph_begin(&nested,
			       pk_cursor_open(r->c.src, at, r->c.stop - at,
					      &l->w->arena),
			       PK_READ_FLAT);
		ok = pk_graph_load(&nested) == PK_LOAD_STOP &&
		     pk_reader_raw_skip(r, pk_vm_offset(nested.vm));
	}
	pk_graph_release(&nested);
	return ok;
}

static bool is_text(struct pk_loader *l, pk_value v, const char *want)
{
	struct pk_buf text = { 0 };
	const bool is = pk_vm_text(l->g.vm, v, 16, &text) &&
			strcmp(pk_buf_str(&text), want) == 0;

	pk_buf_release(&text);
	return is;
}

static bool product(struct pk_loader *l, pk_value shape, uint64_t *ret)
{
	uint64_t n = 1;

	if (!pk_load_is_row(shape))
		return false;
	for (uint64_t i = 0; i < pk_vm_count(l->g.vm, shape); i++) {
		const pk_value dim = pk_vm_kid(l->g.vm, shape, i);

		if (pk_value_kind(dim) != PK_V_INT || pk_value_int(dim) < 0 ||
		    __builtin_mul_overflow(n, (uint64_t)pk_value_int(dim), &n))
			return false;
	}
	*ret = n;
	return true;
}

/* The array's bytes stand behind the frame: a length byte and padding where
 * the wrapper has an alignment, then the elements. */
static bool take_raw(struct pk_loader *l, const struct pk_deed *d,
		     const struct pk_thing *dtype, struct pk_store **ret)
{
	struct pk_reader *r = &l->g.vm->r;
	const pk_value pad =
		pk_graph_get(&l->g, d->a, "numpy_array_alignment_bytes");
	uint64_t at = pk_reader_raw_begin(r), n, bytes;
	uint8_t padding = 0;

	if (pk_value_kind(pad) != PK_V_UNKNOWN &&
	    pk_value_kind(pad) != PK_V_NONE) {
		if (pk_reader_fetch(r, at, &padding, 1) < 1)
			return false;
		at += 1U + padding;
	}
	if (dtype->item_size == UINT64_MAX ||
	    !product(l, pk_graph_get(&l->g, d->a, "shape"), &n) ||
	    __builtin_mul_overflow(n, dtype->item_size, &bytes) ||
	    bytes > r->c.stop || at > r->c.stop - bytes ||
	    !pk_reader_raw_skip(r, at + bytes))
		return false;
	*ret = new_store(l, r->c.src, at, bytes, r->c.src == l->file);
	return *ret != NULL;
}

static void build_wrapper(struct pk_loader *l, const struct pk_deed *d,
			  struct pk_thing *a)
{
	const struct pk_thing *dtype =
		dtype_of(l, pk_graph_get(&l->g, d->a, "dtype"));
	struct pk_store *s = NULL;

	if (!dtype ||
	    !(dtype->objects ? skip_objects(l) : take_raw(l, d, dtype, &s))) {
		(void)pk_load_fail(
			l, PK_WEIGHTS_BROKEN, d->off,
			"an array's bytes follow at offset %llu, but "
			"how many cannot be told, or they are cut "
			"short",
			(unsigned long long)d->off);
		return;
	}
	if (!s || dtype->dtype == PK_DTYPE_NONE) {
		become_opaque(l, a, dtype);
		return;
	}
	become_tensor(a, dtype, s);
	(void)lay_out_value(l, &a->tensor, pk_graph_get(&l->g, d->a, "shape"),
			    is_text(l, pk_graph_get(&l->g, d->a, "order"), "F"),
			    d->off);
}

/* ---- calls ---- */

bool pk_numpy_call(struct pk_loader *l, const struct pk_deed *d, pk_value *ret)
{
	const struct pk_vm_global *g = pk_vm_global_of(l->g.vm, d->callee);
	struct pk_thing t = { .kind = PK_THING_ARRAY, .what = "array" };

	if ((!l->numpy && l->w->rules != PK_RULES_SALVAGE) ||
	    (!of_numpy(g) && !is_wrapper(g)))
		return false;
	if (name_is(g, "dtype")) {
		*ret = make_dtype(l, d);
		return true;
	}
	if (name_is(g, "_frombuffer")) {
		*ret = from_buffer(l, d);
		return true;
	}
	if (name_is(g, "scalar")) {
		t.kind = PK_THING_OPAQUE;
		t.what = "a NumPy scalar";
	} else if (is_wrapper(g)) {
		t.what = "wrapper";
	} else if (!name_is(g, "_reconstruct")) {
		return false;
	}
	*ret = pk_load_thing(l, d->v, &t);
	return true;
}

bool pk_numpy_build(struct pk_loader *l, const struct pk_deed *d)
{
	struct pk_thing *t = pk_load_thing_of(l, d->v);

	if (!t)
		return false;
	if (t->kind == PK_THING_DTYPE)
		build_dtype(l, d, t);
	else if (t->kind == PK_THING_ARRAY && strcmp(t->what, "wrapper") == 0)
		build_wrapper(l, d, t);
	else if (t->kind == PK_THING_ARRAY)
		build_array(l, d, t);
	else
		return false;
	return true;
}

/* ---- .npy and .npz ---- */

static void add_npy(struct pk_loader *l, struct pk_source *src, uint64_t base,
		    const char *name, size_t len)
{
	struct pk_cursor c = pk_cursor_open(src, 0, src->size, &l->w->arena);
	const struct pk_npy npy = pk_npy_read(&c);
	const struct pk_span descr = { (const uint8_t *)npy.descr,
				       strlen(npy.descr) };
	struct pk_tensor *t = PK_NEW(&l->w->arena, struct pk_tensor);
	const bool in_file = base != UINT64_MAX;
	bool big;

	if (!t || !pk_cursor_ok(&c) || !npy.understood) {
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, c.fault_off,
				   "the header of array '%s' cannot be read",
				   name);
		return;
	}
	t->dtype = pk_dtype_of_numpy(descr, &big);
	if (t->dtype == PK_DTYPE_NONE) {
		pk_flatten_skip(l, name, len,
				npy.objects ? "array of objects"
					    : "array of no plain numbers",
				!npy.objects);
		return;
	}
	t->store = new_store(l, in_file ? l->file : src,
			     in_file ? base + npy.data : npy.data,
			     src->size - npy.data, in_file);
	if (!t->store)
		return;
	t->store->dtype = t->dtype;
	t->store->big_endian = big;
	if (lay_out(l, t, npy.shape, npy.rank, npy.fortran, npy.data))
		pk_flatten_add(l, name, len, t);
}

void pk_load_numpy(struct pk_loader *l)
{
	l->w->format = "numpy";
	add_npy(l, l->file, 0, "array", 5);
	pk_flatten_done(l);
}

static bool is_npy(struct pk_source *src)
{
	uint8_t head[6];
	const size_t n = pk_source_read(src, 0, head, sizeof(head));

	return pk_npy_is((struct pk_span){ head, n });
}

/* One member: its name without ".npy" is the array's. */
static bool add_member(struct pk_loader *l, const struct pk_zip_entry *e)
{
	struct pk_span name = pk_zip_name(e);
	struct pk_source *src = pk_member_source(l, e);
	struct pk_zip_local local;
	uint64_t base = UINT64_MAX;
	char *text;

	if (ends_with(name, ".npy"))
		name.len -= 4;
	text = pk_arena_copy(&l->w->arena, name);
	if (!src || !text || !pk_load_own(l, src))
		return false;
	if (!is_npy(src)) {
		pk_flatten_skip(l, text, name.len, "a member that is no array",
				false);
		return true;
	}
	if (e->method == PK_ZIP_STORED &&
	    pk_zip_local(&l->zip, e->header, &local))
		base = local.data;
	add_npy(l, src, base, text, name.len);
	return !l->failed;
}

bool pk_is_npz(struct pk_loader *l)
{
	const struct pk_zip_view *v = &l->zip.view[0];
	bool any = false;

	for (size_t i = 0; i < v->n && !any; i++)
		any = ends_with(pk_zip_name(&v->v[i]), ".npy");
	return any;
}

void pk_load_npz(struct pk_loader *l)
{
	const struct pk_zip_view *v = &l->zip.view[0];

	l->w->format = "numpy-npz";
	for (size_t i = 0; i < v->n; i++) {
		if (!add_member(l, &v->v[i]))
			return;
	}
	pk_flatten_done(l);
}
