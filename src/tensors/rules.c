/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What torch.load(weights_only=True) allows: a few opcodes, containers of
 * exactly these types, and a table of names (torch/_weights_only_unpickler.py
 * of mid-2026, and of 1.13 to compare with it).
 */
#include <stdlib.h>

#include "analyze/globals.h"
#include "analyze/pickle_step.h"
#include "core/utf8.h"
#include "tensors/load.h"

enum { NOW = 1 << 0, FIRST = 1 << 1, BOTH = NOW | FIRST };

static const uint8_t allowed[256] = {
	[PK_OP_APPEND] = BOTH,          [PK_OP_APPENDS] = BOTH,
	[PK_OP_BINFLOAT] = NOW,         [PK_OP_BINGET] = BOTH,
	[PK_OP_BININT] = BOTH,          [PK_OP_BININT1] = BOTH,
	[PK_OP_BININT2] = BOTH,         [PK_OP_BINPERSID] = BOTH,
	[PK_OP_BINPUT] = BOTH,          [PK_OP_BINUNICODE] = BOTH,
	[PK_OP_BUILD] = BOTH,           [PK_OP_EMPTY_DICT] = BOTH,
	[PK_OP_EMPTY_LIST] = BOTH,      [PK_OP_EMPTY_SET] = BOTH,
	[PK_OP_EMPTY_TUPLE] = BOTH,     [PK_OP_GLOBAL] = BOTH,
	[PK_OP_LONG1] = BOTH,           [PK_OP_LONG_BINGET] = BOTH,
	[PK_OP_LONG_BINPUT] = BOTH,     [PK_OP_MARK] = BOTH,
	[PK_OP_NEWFALSE] = BOTH,        [PK_OP_NEWOBJ] = BOTH,
	[PK_OP_NEWTRUE] = BOTH,         [PK_OP_NONE] = BOTH,
	[PK_OP_PROTO] = BOTH,           [PK_OP_REDUCE] = BOTH,
	[PK_OP_SETITEM] = BOTH,         [PK_OP_SETITEMS] = BOTH,
	[PK_OP_SHORT_BINSTRING] = BOTH, [PK_OP_STOP] = BOTH,
	[PK_OP_TUPLE] = BOTH,           [PK_OP_TUPLE1] = BOTH,
	[PK_OP_TUPLE2] = BOTH,          [PK_OP_TUPLE3] = BOTH,
};

/* ---- text ---- */

static bool is_utf8(struct pk_loader *l, const struct pk_piece *at, bool strict)
{
	const size_t n = (size_t)at->len;
	uint8_t small[256];
	uint8_t *text = n <= sizeof(small) ? small : malloc(n);
	bool ok = text && pk_reader_fetch(&l->g.vm->r, at->off, text, n) == n &&
		  pk_utf8_valid((struct pk_span){ text, n });

	/* Surrogates in three bytes: ED A0 80 to ED BF BF. */
	for (size_t i = 0; ok && strict && i + 1 < n; i++)
		ok = text[i] != 0xed || text[i + 1] < 0xa0;
	if (text != small)
		free(text);
	return ok;
}

/* ---- keys ---- */

enum { TUPLES_MAX = 32 };

/* What Python can hash: no list, no dict, no set. */
static bool hashable(struct pk_loader *l, pk_value v, unsigned depth)
{
	const struct pk_thing *t;
	uint64_t n;

	switch (pk_value_kind(v)) {
	case PK_V_LIST:
	case PK_V_DICT:
	case PK_V_SET:
	case PK_V_BYTEARRAY:
	case PK_V_MARK:
		return false;
	case PK_V_TUPLE:
		break;
	case PK_V_OBJECT:
	case PK_V_PERSISTENT:
		t = pk_load_thing_of(l, v);
		return !t || !t->what || strcmp(t->what, "bytearray") != 0;
	case PK_V_UNKNOWN:
	case PK_V_NONE:
	case PK_V_BOOL:
	case PK_V_INT:
	case PK_V_NUMBER:
	case PK_V_STR:
	case PK_V_BYTES:
	case PK_V_GLOBAL:
	case PK_V_FROZENSET:
	case PK_V_TEXT:
		return true;
	}
	n = pk_value_word(v) ? 0 : pk_vm_count(l->g.vm, v);
	if (depth >= TUPLES_MAX)
		return false;
	for (uint64_t i = 0; i < n; i++) {
		if (!hashable(l, pk_vm_kid(l->g.vm, v, i), depth + 1))
			return false;
	}
	return true;
}

/* ---- opcodes ---- */

static bool refuse(struct pk_loader *l, const char *what)
{
	return pk_load_fail(l, PK_WEIGHTS_REFUSED, l->g.vm->op.off,
			    "%s at offset %llu, which no weights need", what,
			    (unsigned long long)l->g.vm->op.off);
}

/* What lies below n values, or below the newest mark when n is 0; NULL when
 * nothing does. */
static const pk_value *below(const struct pk_vm *vm, size_t n)
{
	size_t at = n ? vm->sp - n : vm->mark - 1;

	if (n ? pk_vm_depth(vm) <= n : !vm->mark || at == 0)
		return NULL;
	return &vm->stack[at - 1];
}

static bool keys_fit(struct pk_loader *l, size_t from, size_t n)
{
	if (n % 2)
		return refuse(l, "a key without a value");
	for (size_t i = 0; i < n; i += 2) {
		if (!hashable(l, l->g.vm->stack[from + i], 0))
			return refuse(l, "a key that cannot be hashed");
	}
	return true;
}

static bool check_append(struct pk_loader *l, size_t n)
{
	const pk_value *into = below(l->g.vm, n);

	if (!into || pk_value_kind(*into) == PK_V_LIST)
		return true; /* the machine says what is missing */
	return refuse(l, "an append to what is no list");
}

static bool check_setitem(struct pk_loader *l, size_t n)
{
	const struct pk_vm *vm = l->g.vm;
	const pk_value *into = below(vm, n);

	if (!into)
		return true;
	if (pk_value_kind(*into) != PK_V_DICT)
		return refuse(l, "an item set in what is no dict");
	return n ? keys_fit(l, vm->sp - n, n)
		 : keys_fit(l, vm->mark, pk_vm_depth(vm));
}

static bool check_opcode(struct pk_loader *l)
{
	const struct pk_vm *vm = l->g.vm;

	switch (vm->op.code) {
	case PK_OP_APPEND:
		return check_append(l, 1);
	case PK_OP_APPENDS:
		return check_append(l, 0);
	case PK_OP_SETITEM:
		return check_setitem(l, 2);
	case PK_OP_SETITEMS:
		return check_setitem(l, 0);
	case PK_OP_BINPERSID:
		return pk_vm_depth(vm) < 1 ||
		       pk_value_kind(*pk_vm_top(vm)) == PK_V_TUPLE ||
		       (l->by_number &&
			pk_value_kind(*pk_vm_top(vm)) == PK_V_INT) ||
		       refuse(l, "a persistent id that names no storage");
	case PK_OP_BINUNICODE:
	case PK_OP_SHORT_BINSTRING:
		return is_utf8(l, &vm->op.data,
			       vm->op.code == PK_OP_SHORT_BINSTRING) ||
		       refuse(l, "text that is not UTF-8");
	default:
		return true;
	}
}

static bool on_step(struct pk_graph *g)
{
	struct pk_loader *l = g->user;
	const unsigned rules = l->w->rules == PK_RULES_1_13 ? FIRST : NOW;

	if (l->failed)
		return false;
	if (l->w->rules == PK_RULES_SALVAGE || l->numpy)
		return true;
	if (allowed[g->vm->op.code] & rules)
		return check_opcode(l);
	return pk_load_fail(l, PK_WEIGHTS_REFUSED, g->vm->op.off,
			    "opcode %s at offset %llu, which the weights-only "
			    "rules do not have",
			    pk_op_infos[g->vm->op.code].name,
			    (unsigned long long)g->vm->op.off);
}

/* ---- names ---- */

/* What NumPy's own pickles of plain arrays name. */
static bool is_numpy(struct pk_span module, struct pk_span name)
{
	static const char *const names[] = { "_reconstruct", "ndarray",
					     "dtype",        "scalar",
					     "_frombuffer",  "encode" };
	bool known = pk_span_starts(module, PK_LIT("numpy")) ||
		     pk_span_eq(module, PK_LIT("_codecs"));

	for (size_t i = 0; known && i < sizeof(names) / sizeof(names[0]); i++) {
		if (name.len == strlen(names[i]) &&
		    memcmp(name.p, names[i], name.len) == 0)
			return true;
	}
	/* Protocols below 3 spell empty bytes as a call. */
	if (pk_span_eq(name, PK_LIT("bytes")))
		return pk_span_eq(module, PK_LIT("__builtin__")) ||
		       pk_span_eq(module, PK_LIT("builtins"));
	return (pk_span_eq(name, PK_LIT("NumpyArrayWrapper")) &&
		memmem(module.p, module.len, "joblib", 6)) ||
	       (pk_span_eq(module, PK_LIT("collections")) &&
		pk_span_eq(name, PK_LIT("OrderedDict")));
}

static bool may_import(struct pk_loader *l, const struct pk_vm_global *g)
{
	if (l->w->rules == PK_RULES_SALVAGE)
		return true;
	if (l->numpy)
		return is_numpy(g->module, g->name);
	return l->w->rules == PK_RULES_1_13
		       ? pk_weights_only_1_13_allows(g->module, g->name)
		       : pk_weights_only_allows(g->module, g->name);
}

static bool check_import(struct pk_loader *l, const struct pk_deed *d)
{
	const struct pk_vm_global *g = pk_vm_global_of(l->g.vm, d->v);

	if (may_import(l, g))
		return true;
	return pk_load_fail(l, PK_WEIGHTS_REFUSED, d->off,
			    "it imports %s at offset %llu, which is no part "
			    "of plain weights",
			    pk_load_show_global(l, g),
			    (unsigned long long)d->off);
}

/* ---- storages ---- */

static bool text_is(struct pk_loader *l, pk_value v, const char *want)
{
	struct pk_buf text = { 0 };
	const bool is = pk_vm_text(l->g.vm, v, 64, &text) &&
			strcmp(pk_buf_str(&text), want) == 0;

	pk_buf_release(&text);
	return is;
}

static bool key_text(struct pk_loader *l, pk_value v, struct pk_buf *key)
{
	if (pk_value_kind(v) == PK_V_INT)
		pk_buf_printf(key, "%lld", (long long)pk_value_int(v));
	else if (pk_value_kind(v) == PK_V_NUMBER ||
		 !pk_vm_text(l->g.vm, v, 4096, key))
		return false;
	return pk_buf_ok(key) && !memchr(pk_buf_str(key), '\0', key->len);
}

static enum pk_dtype storage_type(struct pk_loader *l, pk_value v)
{
	const struct pk_vm_global *g = pk_vm_global_of(l->g.vm, v);

	if (!g || !pk_span_starts(g->module, PK_LIT("torch")))
		return PK_DTYPE_NONE;
	return pk_dtype_of_storage(g->name);
}

/* A storage met for the first time gets the type that this id gives it. */
static bool measure(struct pk_loader *l, struct pk_store *s,
		    enum pk_dtype dtype, pk_value numel, uint64_t off)
{
	s->dtype = dtype;
	s->big_endian = l->big_endian;
	if (pk_value_kind(numel) != PK_V_INT || pk_value_int(numel) < 0 ||
	    __builtin_mul_overflow((uint64_t)pk_value_int(numel),
				   pk_dtypes[dtype].size, &s->len) ||
	    s->len > INT64_MAX)
		return pk_load_fail(l, PK_WEIGHTS_BROKEN, off,
				    "storage '%s' has no size that can be",
				    s->key);
	return !l->locate || l->locate(l, s);
}

/* A legacy view of a storage begins at an element of it. */
static bool view_base(struct pk_loader *l, pk_value view, uint64_t *base)
{
	const pk_value at = pk_vm_kid(l->g.vm, view, 1);

	if (pk_value_kind(view) == PK_V_NONE)
		return true;
	if (pk_value_kind(view) != PK_V_TUPLE ||
	    pk_value_kind(at) != PK_V_INT || pk_value_int(at) < 0)
		return false;
	*base = (uint64_t)pk_value_int(at);
	return true;
}

/* ('storage', type, key, location, numel[, view]) */
static bool load_storage(struct pk_loader *l, const struct pk_deed *d)
{
	enum { TYPE = 1, KEY = 2, NUMEL = 4, VIEW = 5 };
	const uint64_t n = pk_vm_count(l->g.vm, d->a);
	const enum pk_dtype dtype =
		storage_type(l, pk_vm_kid(l->g.vm, d->a, TYPE));
	struct pk_thing t = { .kind = PK_THING_STORAGE };
	struct pk_buf key = { 0 };
	bool met = true, ok;

	ok = pk_value_kind(d->a) == PK_V_TUPLE &&
	     n == (l->legacy ? VIEW + 1U : VIEW) && dtype != PK_DTYPE_NONE &&
	     text_is(l, pk_vm_kid(l->g.vm, d->a, 0), "storage") &&
	     key_text(l, pk_vm_kid(l->g.vm, d->a, KEY), &key) &&
	     (n == VIEW ||
	      view_base(l, pk_vm_kid(l->g.vm, d->a, VIEW), &t.tensor.offset));
	if (!ok)
		(void)pk_load_fail(l, PK_WEIGHTS_REFUSED, d->off,
				   "a persistent id at offset %llu names no "
				   "storage",
				   (unsigned long long)d->off);
	else
		t.store = pk_load_store(l, key.p ? key.p : "", key.len, &met);
	pk_buf_release(&key);
	if (!t.store)
		return false;
	t.dtype = t.store->dtype;
	if (!met && !measure(l, t.store, dtype, pk_vm_kid(l->g.vm, d->a, NUMEL),
			     d->off))
		return false;
	t.dtype = t.store->dtype;
	(void)pk_load_thing(l, d->v, &t);
	return !l->failed;
}

static bool load_persistent(struct pk_loader *l, const struct pk_deed *d)
{
	struct pk_thing stub = { .kind = PK_THING_STUB,
				 .what = "a persistent id" };

	if (l->by_number && pk_value_kind(d->a) == PK_V_INT) {
		(void)l->by_number(l, d->v, d->a);
		return !l->failed;
	}
	if (l->w->rules == PK_RULES_SALVAGE &&
	    !text_is(l, pk_vm_kid(l->g.vm, d->a, 0), "storage")) {
		(void)pk_load_thing(l, d->v, &stub);
		return !l->failed;
	}
	return load_storage(l, d);
}

static bool on_deed(struct pk_graph *g, const struct pk_deed *d)
{
	struct pk_loader *l = g->user;

	switch (d->kind) {
	case PK_DEED_IMPORT:
		return check_import(l, d);
	case PK_DEED_BUILD:
		pk_rebuild_state(l, d);
		return !l->failed;
	case PK_DEED_FILL:
		pk_rebuild_fill(l, d);
		return !l->failed;
	case PK_DEED_PERSISTENT:
		return load_persistent(l, d);
	case PK_DEED_EXTENSION:
		return l->w->rules == PK_RULES_SALVAGE ||
		       refuse(l, "an extension code");
	case PK_DEED_CALL:
	case PK_DEED_GROW:
		break;
	}
	return true;
}

static pk_value on_result(struct pk_graph *g, const struct pk_deed *d)
{
	return pk_rebuild(g->user, d);
}

void pk_rules_watch(struct pk_loader *l)
{
	l->g.on_step = on_step;
	l->g.on_deed = on_deed;
	l->g.on_result = on_result;
	l->g.forgetful = true;
	l->g.user = l;
}
