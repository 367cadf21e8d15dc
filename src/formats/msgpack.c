/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MessagePack: one map of names to arrays, as Flax writes its models
 * (flax/serialization.py: extension 1 holds an array's shape, type and bytes),
 * and as spaCy and others write what msgpack-numpy makes of arrays.
 *
 * What can hurt: msgpack-numpy unpickles an array whose kind is "O".
 */
#include "codec/msgpack.h"
#include "analyze/pickle_scan.h"
#include "engine/format.h"
#include "engine/note.h"
#include "source/slice.h"

enum { NDARRAY = 1, COMPLEX = 2, SCALAR = 3, KEY_MAX = 128, DIMS_MAX = 32 };

struct walk {
	struct pk_scan *s;
	struct pk_mpreader r;
	uint8_t key[KEY_MAX];
	size_t key_len;
	unsigned arrays;
	/* Of msgpack-numpy's map at this depth. */
	unsigned depth;
	bool numpy, objects;
	uint64_t data, data_len;
	unsigned pickled;
	bool told_ext;
};

/* Arrays of Flax */

static size_t item_size(struct pk_span dtype)
{
	static const struct {
		const char *name;
		size_t size;
	} types[] = {
		{ "float32", 4 }, { "bfloat16", 2 },  { "float16", 2 },
		{ "float64", 8 }, { "int8", 1 },      { "int16", 2 },
		{ "int32", 4 },   { "int64", 8 },     { "uint8", 1 },
		{ "uint16", 2 },  { "uint32", 4 },    { "uint64", 8 },
		{ "bool", 1 },    { "complex64", 8 }, { "complex128", 16 },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (dtype.len == strlen(types[i].name) &&
		    memcmp(dtype.p, types[i].name, dtype.len) == 0)
			return types[i].size;
	}
	return 0;
}

static void report_array(struct walk *w, const char *what)
{
	pk_partial(w->s);
	pk_report(
		w->s, PK_RULE_MSGPACK_ARRAY, w->r.off, "the array %s %s",
		pk_show(w->s, (struct pk_span){ w->key, w->key_len }, KEY_MAX),
		what);
}

/* (shape, type, bytes), packed once more. */
struct array {
	uint64_t shape[DIMS_MAX];
	unsigned rank;
	struct pk_span dtype;
	uint64_t bytes;
	uint64_t data;
	bool whole;
};

static struct array read_array(struct walk *w)
{
	struct pk_cursor c = pk_cursor_open(w->s->bytes, w->r.data, w->r.count,
					    &w->s->arena);
	struct array a = { .whole = false };
	struct pk_mpreader *in = PK_NEW(&w->s->arena, struct pk_mpreader);
	char *dtype;

	if (!in)
		return a;
	pk_mp_open(in, &c);
	if (pk_mp_next(in) != PK_MP_ARRAY || in->count != 3 ||
	    pk_mp_next(in) != PK_MP_ARRAY || in->count > DIMS_MAX)
		return a;
	a.rank = (unsigned)in->count;
	for (unsigned i = 0; i < a.rank; i++) {
		if (pk_mp_next(in) != PK_MP_INT || in->number < 0)
			return a;
		a.shape[i] = (uint64_t)in->number;
	}
	if (pk_mp_next(in) != PK_MP_STR)
		return a;
	dtype = pk_arena_copy(&w->s->arena, pk_mp_bytes(in, 32));
	a.dtype =
		(struct pk_span){ (uint8_t *)dtype, dtype ? strlen(dtype) : 0 };
	if (pk_mp_next(in) != PK_MP_BIN)
		return a;
	a.bytes = in->count;
	a.data = in->data;
	a.whole = pk_mp_next(in) == PK_MP_END && pk_cursor_ok(&c);
	return a;
}

static void check_array(struct walk *w)
{
	const struct array a = read_array(w);
	const size_t each = item_size(a.dtype);
	uint64_t bytes = each;
	const struct pk_tensor_note note = {
		.name = { w->key, w->key_len },
		.dtype = a.dtype,
		.shape = a.shape,
		.rank = a.rank,
		.placed = true,
		.off = a.data,
		.bytes = a.bytes,
	};

	w->arrays++;
	if (!a.whole) {
		report_array(w, "does not hold together");
		return;
	}
	pk_note_tensor(w->s, &note);
	for (unsigned i = 0; i < a.rank; i++) {
		if (__builtin_mul_overflow(bytes, a.shape[i], &bytes))
			bytes = UINT64_MAX;
	}
	if (!each)
		report_array(w, "is of a type that is none of numbers");
	else if (bytes != a.bytes)
		report_array(w, "has another size than its shape says");
}

static void check_ext(struct walk *w)
{
	if (w->r.number == NDARRAY || w->r.number == SCALAR) {
		check_array(w);
	} else if (w->r.number != COMPLEX && w->r.number != -1 &&
		   !w->told_ext) {
		w->told_ext = true;
		pk_report(w->s, PK_RULE_MSGPACK_EXTENSION, w->r.off,
			  "the extension %lld is none of Flax's",
			  (long long)w->r.number);
	}
}

/* Arrays of msgpack-numpy: {"nd": true, "type", "kind", "shape", "data"} */

static bool key_is(const struct walk *w, const char *name)
{
	return w->key_len == strlen(name) &&
	       memcmp(w->key, name, w->key_len) == 0;
}

static void unpickle(struct walk *w)
{
	if (!w->numpy || !w->objects || !w->data_len)
		return;
	w->pickled++;
	w->arrays++;
	pk_report(w->s, PK_RULE_MSGPACK_PICKLE, w->data,
		  "an array of objects is a pickle of %llu bytes",
		  (unsigned long long)w->data_len);
	(void)pk_descend(w->s, PK_LIT("array.pkl"),
			 pk_slice_new(w->s->bytes, w->data, w->data_len),
			 PK_MEMBER_ANY);
}

static void forget(struct walk *w)
{
	unpickle(w);
	w->numpy = w->objects = false;
	w->data_len = 0;
}

static void note_numpy(struct walk *w)
{
	const struct pk_mpreader *r = &w->r;
	struct pk_span v = { 0 };

	if (r->depth != w->depth)
		forget(w);
	w->depth = r->depth;
	if (key_is(w, "nd") || key_is(w, "complex"))
		w->numpy = true;
	if ((r->token == PK_MP_STR || r->token == PK_MP_BIN) &&
	    key_is(w, "kind")) {
		v = pk_mp_bytes(&w->r, 1);
		w->objects = w->objects || (v.len && *v.p == 'O');
	} else if ((r->token == PK_MP_STR || r->token == PK_MP_BIN) &&
		   key_is(w, "type")) {
		v = pk_mp_bytes(&w->r, 16);
		w->objects = w->objects || (v.len && memchr(v.p, 'O', v.len));
	} else if (r->token == PK_MP_BIN && key_is(w, "data")) {
		w->data = r->data;
		w->data_len = r->count;
	}
}

static void take(struct walk *w)
{
	struct pk_span text;

	if (w->r.key) {
		if (w->r.token != PK_MP_STR && w->r.token != PK_MP_BIN)
			return;
		text = pk_mp_bytes(&w->r, KEY_MAX);
		w->key_len = text.len;
		if (text.len)
			memcpy(w->key, text.p, text.len);
		if (w->r.depth != w->depth)
			forget(w);
		w->depth = w->r.depth;
		return;
	}
	if (w->r.token == PK_MP_EXT)
		check_ext(w);
	note_numpy(w);
}

static void msgpack_scan(struct pk_scan *s)
{
	struct walk *w = PK_NEW(&s->arena, struct walk);
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	uint64_t tokens = 0;

	if (!w)
		return;
	w->s = s;
	pk_mp_open(&w->r, &c);
	while (pk_mp_next(&w->r) != PK_MP_END) {
		take(w);
		if (++tokens % 4096 == 0 && pk_out_of_budget(s))
			break;
	}
	forget(w);
	/* Without an array, other bytes might have been a map as well. */
	if (!w->arrays && (!pk_cursor_ok(&c) || c.off != s->bytes->size)) {
		pk_reject(s);
		return;
	}
	pk_report_fault(s, PK_RULE_MSGPACK_MALFORMED, &c, "the map");
	if (pk_cursor_ok(&c))
		pk_claim(s, 0, c.off);
	else if (c.fault != PK_FAULT_LIMIT)
		s->job->facts |= PK_FACT_REFUSED;
}

/* A map whose first key is a word. */
static enum pk_match msgpack_probe(const struct pk_head *head)
{
	struct pk_cursor c = pk_cursor_over(head->bytes, 0);
	const uint8_t map = pk_get_u8(&c);
	const uint64_t pairs = map == 0xde   ? pk_get_u16be(&c)
			       : map == 0xdf ? pk_get_u32be(&c)
					     : map & 0xfU;
	const uint8_t key = pk_get_u8(&c);
	size_t n = key & 0x1f;
	struct pk_span word;

	if ((map < 0x81 || map > 0x8f) && map != 0xde && map != 0xdf)
		return PK_MATCH_NO;
	if (key == 0xd9)
		n = pk_get_u8(&c);
	else if (key < 0xa1 || key > 0xbf)
		return PK_MATCH_NO;
	word = pk_get_bytes(&c, n);
	if (!pk_cursor_ok(&c) || !pairs)
		return PK_MATCH_NO;
	for (size_t i = 0; i < word.len; i++) {
		if (word.p[i] < 0x20 || word.p[i] > 0x7e)
			return PK_MATCH_NO;
	}
	return PK_MATCH_LIKELY;
}

const struct pk_format pk_format_msgpack = {
	.name = "msgpack",
	.title = "MessagePack (Flax and others)",
	.reads = "every element; arrays of Flax and of msgpack-numpy, and the "
		 "pickles in the latter",
	.risk = PK_RISK_DATA,
	.rank = 15,
	.probe = msgpack_probe,
	.scan = msgpack_scan,
};
