/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes and datasets: what their messages say. */
#include "codec/hdf5_parts.h"

enum { DATASPACE = 1, DATATYPE = 3, EXTERNAL = 7, LAYOUT = 8, FILTERS = 11 };
enum { INTEGER, FLOAT, STRING = 3, OPAQUE = 5, COMPOUND = 6, VARIABLE = 9 };
enum { VIRTUAL = 3, CONTIGUOUS = 1, COMPACT = 0, FILTER_OWN_MAX = 6 };

struct type {
	unsigned class;
	uint32_t bits;
	uint32_t size;
};

static struct type read_type(struct pk_h5 *h)
{
	struct type t = { .class = pk_get_u8(&h->c) & 0x0fU };

	t.bits = (uint32_t)pk_h5_number(h, 3);
	t.size = pk_get_u32le(&h->c);
	return t;
}

struct space {
	unsigned rank;
	uint64_t dims[PK_H5_RANK_MAX];
	uint64_t n;
	bool null;
};

static struct space read_space(struct pk_h5 *h)
{
	struct space s = { .n = 1 };
	const unsigned version = pk_get_u8(&h->c);
	unsigned type;

	s.rank = pk_get_u8(&h->c);
	pk_skip(&h->c, 1);
	type = pk_get_u8(&h->c);
	s.null = version >= 2 && type == 2;
	if (version == 1)
		pk_skip(&h->c, 4);
	if (s.rank > PK_H5_RANK_MAX)
		pk_cursor_fail(&h->c, PK_FAULT_VALUE);
	for (unsigned i = 0; i < s.rank && i < PK_H5_RANK_MAX; i++) {
		s.dims[i] = pk_h5_length(h);
		if (__builtin_mul_overflow(s.n, s.dims[i], &s.n))
			s.n = UINT64_MAX;
	}
	return s;
}

static bool is_string(const struct type *t)
{
	return t->class == STRING ||
	       (t->class == VARIABLE && (t->bits & 0x0f) == 1);
}

static uint64_t padded(uint64_t n, bool pad)
{
	return pad ? (n + 7) & ~7ULL : n;
}

/* One value of variable length: its bytes lie in a global heap. */
static bool read_variable(struct pk_h5 *h, struct pk_h5_attribute *a)
{
	const uint32_t len = pk_get_u32le(&h->c);
	const uint64_t collection = pk_h5_offset(h);
	const uint32_t index = pk_get_u32le(&h->c);

	a->len = 0;
	if (!pk_cursor_ok(&h->c))
		return false;
	if (!len && !index)
		return true;
	return pk_h5_global(h, collection, index, &a->off, &a->len) &&
	       (len >= a->len || (a->len = len, true));
}

void pk_h5_attribute(struct pk_h5 *h, const char *object, uint64_t off,
		     uint64_t len)
{
	struct pk_h5_attribute a = { .object = object };
	unsigned version, flags, name_len, type_len, space_len;
	struct type type;
	struct space space;
	uint64_t at;
	char *copy;

	pk_h5_at(h, off);
	version = pk_get_u8(&h->c);
	flags = pk_get_u8(&h->c);
	name_len = pk_get_u16le(&h->c);
	type_len = pk_get_u16le(&h->c);
	space_len = pk_get_u16le(&h->c);
	pk_skip(&h->c, version >= 3 ? 1 : 0);
	at = h->c.off;
	copy = pk_arena_copy(h->a, pk_get_bytes(&h->c, name_len));
	if (!pk_h5_sound(h, "an attribute") || !copy)
		return;
	a.name = (struct pk_span){ (uint8_t *)copy, strlen(copy) };
	at += padded(name_len, version == 1);
	pk_h5_at(h, at);
	type = read_type(h);
	at += padded(type_len, version == 1);
	pk_h5_at(h, at);
	space = read_space(h);
	at += padded(space_len, version == 1);
	pk_h5_at(h, at);
	if (!pk_h5_sound(h, "an attribute"))
		return;
	if (version < 1 || version > 3 || (version > 1 && (flags & 3))) {
		/* A type that lies elsewhere: PyTables' and h5py's enums. */
		h->events->attribute(h->user, &a);
		return;
	}
	a.text = is_string(&type) && space.n == 1 && !space.null;
	a.opaque = type.class == OPAQUE && space.n == 1;
	a.off = at;
	a.len = type.size;
	if (a.text && type.class == VARIABLE && !read_variable(h, &a)) {
		h->events->doubt(h->user, off, "the text of an attribute");
		return;
	}
	if ((a.text || a.opaque) && type.class != VARIABLE &&
	    (at < off || at - off > len || a.len > len - (at - off))) {
		h->events->doubt(h->user, off, "the text of an attribute");
		return;
	}
	h->events->attribute(h->user, &a);
}

static const char *name_of(const struct type *t)
{
	static const char *const names[3][9] = {
		{ [1] = "U8", [2] = "U16", [4] = "U32", [8] = "U64" },
		{ [1] = "I8", [2] = "I16", [4] = "I32", [8] = "I64" },
		{ [2] = "F16", [4] = "F32", [8] = "F64" },
	};

	if (t->size > 8 || t->class > FLOAT)
		return NULL;
	return names[t->class == FLOAT ? 2 : (t->bits >> 3) & 1][t->size];
}

static void tell_file(struct pk_h5 *h, const char *object,
		      enum pk_h5_leaves kind, struct pk_span file, uint64_t off)
{
	const struct pk_h5_link l = { kind, object, file, off };

	h->events->link(h->user, &l);
}

static void external(struct pk_h5 *h, const char *object, uint64_t off)
{
	unsigned n;
	uint64_t heap, slot;

	pk_h5_at(h, off + 6);
	n = pk_get_u16le(&h->c);
	heap = pk_h5_offset(h);
	slot = h->c.off;
	for (unsigned i = 0; i < n && pk_h5_step(h); i++) {
		uint64_t name;

		pk_h5_at(h, slot + (uint64_t)i * 3 * h->l);
		name = pk_h5_length(h);
		if (pk_cursor_ok(&h->c))
			tell_file(h, object, PK_H5_STORAGE,
				  pk_h5_heap_string(h, heap, name), off);
		if (!pk_h5_sound(h, "the names of external files"))
			return;
	}
}

/* The files that a virtual dataset is made of; behind the first name there
 * are selections of many kinds, so that others are not looked for. */
static void virtual(struct pk_h5 *h, const char *object, uint64_t off)
{
	const uint64_t collection = pk_h5_offset(h);
	const uint32_t index = pk_get_u32le(&h->c);
	uint64_t at, len, n;
	struct pk_span file;

	if (!pk_h5_global(h, collection, index, &at, &len)) {
		h->events->doubt(h->user, off, "a virtual dataset");
		return;
	}
	pk_h5_at(h, at);
	pk_skip(&h->c, 1);
	n = pk_h5_length(h);
	file = pk_h5_string(h);
	if (n != 1 || !pk_span_eq(file, PK_LIT(".")))
		tell_file(h, object, PK_H5_VIRTUAL, file, off);
}

static void layout(struct pk_h5 *h, struct pk_h5_dataset *d, uint64_t off)
{
	unsigned version, class;

	pk_h5_at(h, off);
	version = pk_get_u8(&h->c);
	if (version < 3) {
		const unsigned rank = pk_get_u8(&h->c);

		class = pk_get_u8(&h->c);
		pk_skip(&h->c, 5);
		if (class == CONTIGUOUS && rank <= PK_H5_RANK_MAX) {
			d->off = pk_h5_offset(h);
			d->placed = pk_h5_defined(h, d->off);
			d->len = d->item;
			for (unsigned i = 0; i < d->rank; i++)
				d->len *= d->dims[i];
		}
	} else {
		class = pk_get_u8(&h->c);
		if (class == CONTIGUOUS) {
			d->off = pk_h5_offset(h);
			d->placed = pk_h5_defined(h, d->off);
			d->len = pk_h5_length(h);
		} else if (class == COMPACT) {
			d->len = pk_get_u16le(&h->c);
			d->off = h->c.off - h->base;
			d->placed = true;
		} else if (class == VIRTUAL) {
			virtual(h, d->object, off);
		}
	}
	if (__builtin_add_overflow(d->off, h->base, &d->off))
		d->placed = false;
}

static unsigned filters(struct pk_h5 *h, uint64_t off)
{
	unsigned version, n, found = 0;

	pk_h5_at(h, off);
	version = pk_get_u8(&h->c);
	n = pk_get_u8(&h->c);
	pk_skip(&h->c, version == 1 ? 6 : 0);
	for (unsigned i = 0; i < n && pk_cursor_ok(&h->c); i++) {
		const unsigned id = pk_get_u16le(&h->c);
		const unsigned name =
			version == 1 || id >= 256 ? pk_get_u16le(&h->c) : 0;
		unsigned values;

		pk_skip(&h->c, 2);
		values = pk_get_u16le(&h->c);
		pk_skip(&h->c, padded(name, version == 1) + 4ULL * values +
				       (version == 1 && values % 2 ? 4 : 0));
		if (id > FILTER_OWN_MAX && pk_cursor_ok(&h->c))
			found = id;
	}
	return found;
}

void pk_h5_dataset(struct pk_h5 *h, const char *object, uint64_t header,
		   const struct pk_h5_message *m, size_t n)
{
	struct pk_h5_dataset d = { .object = object, .header = header };
	uint64_t where = 0;

	for (size_t i = 0; i < n; i++) {
		pk_h5_at(h, m[i].off);
		if (m[i].type == DATATYPE) {
			const struct type t = read_type(h);

			d.type = name_of(&t);
			d.item = t.size;
			d.pointers = t.class == VARIABLE;
		} else if (m[i].type == DATASPACE) {
			const struct space s = read_space(h);

			d.rank = s.rank <= PK_H5_RANK_MAX ? s.rank : 0;
			memcpy(d.dims, s.dims, sizeof(d.dims));
		} else if (m[i].type == LAYOUT) {
			where = m[i].off;
		} else if (m[i].type == EXTERNAL) {
			external(h, object, m[i].off);
		} else if (m[i].type == FILTERS) {
			d.filter = filters(h, m[i].off);
		}
		pk_h5_sound(h, "a dataset");
	}
	layout(h, &d, where);
	if (pk_h5_sound(h, "a dataset"))
		h->events->dataset(h->user, &d);
}
