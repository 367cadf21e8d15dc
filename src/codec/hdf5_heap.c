/* SPDX-License-Identifier: Apache-2.0 */
/* Heaps of HDF5 files, and the B-trees that point into them. */
#include "codec/hdf5_parts.h"

struct pk_span pk_h5_heap_string(struct pk_h5 *h, uint64_t heap, uint64_t at)
{
	uint64_t size, data;

	pk_h5_go(h, heap);
	if (!pk_h5_signature(h, "HEAP"))
		return (struct pk_span){ 0 };
	pk_skip(&h->c, 4);
	size = pk_h5_length(h);
	pk_h5_length(h);
	data = pk_h5_offset(h);
	if (at >= size) {
		pk_cursor_fail(&h->c, PK_FAULT_RANGE);
		return (struct pk_span){ 0 };
	}
	if (!pk_cursor_ok(&h->c) || data > UINT64_MAX / 2 ||
	    at > UINT64_MAX / 2)
		return (struct pk_span){ 0 };
	pk_h5_go(h, data + at);
	return pk_h5_string(h);
}

bool pk_h5_global(struct pk_h5 *h, uint64_t collection, uint32_t index,
		  uint64_t *ret_off, uint64_t *ret_len)
{
	uint64_t end;

	pk_h5_go(h, collection);
	if (!pk_h5_signature(h, "GCOL"))
		return false;
	pk_skip(&h->c, 4);
	end = pk_h5_length(h);
	if (__builtin_add_overflow(h->base + collection, end, &end))
		return false;
	while (pk_cursor_ok(&h->c) && h->c.off + 16 <= end && pk_h5_step(h)) {
		const uint16_t id = pk_get_u16le(&h->c);
		uint64_t len;

		pk_skip(&h->c, 6);
		len = pk_h5_length(h);
		if (!id)
			break;
		if (id == index && pk_cursor_ok(&h->c) &&
		    len <= pk_cursor_left(&h->c)) {
			*ret_off = h->c.off;
			*ret_len = len;
			return true;
		}
		if (len > UINT64_MAX - 7)
			break;
		pk_skip(&h->c, (len + 7) & ~7ULL);
	}
	return false;
}

/* H5VMprivate.h: H5VM_limit_enc_size */
static unsigned bytes_for(uint64_t limit)
{
	return limit ? (unsigned)(63 - __builtin_clzll(limit)) / 8 + 1 : 1;
}

/* A fractal heap, as its header has it. */
struct heap {
	unsigned flags, bits;
	unsigned off_bytes, len_bytes;
	uint64_t width, start, direct_max;
	uint64_t root;
	unsigned rows; /* of the root; 0: it is a direct block */
	bool filtered;
};

static bool read_heap(struct pk_h5 *h, uint64_t address, struct heap *heap)
{
	unsigned filters;
	uint32_t object_max;

	*heap = (struct heap){ 0 };
	pk_h5_go(h, address);
	if (!pk_h5_signature(h, "FRHP"))
		return false;
	pk_skip(&h->c, 1 + 2);
	filters = pk_get_u16le(&h->c);
	heap->flags = pk_get_u8(&h->c);
	object_max = pk_get_u32le(&h->c);
	pk_skip(&h->c, 10ULL * h->l + 2ULL * h->o);
	heap->width = pk_get_u16le(&h->c);
	heap->start = pk_h5_length(h);
	heap->direct_max = pk_h5_length(h);
	heap->bits = pk_get_u16le(&h->c);
	pk_skip(&h->c, 2);
	heap->root = pk_h5_offset(h);
	heap->rows = pk_get_u16le(&h->c);
	heap->filtered = filters != 0;
	heap->off_bytes = (heap->bits + 7) / 8;
	heap->len_bytes = bytes_for(heap->direct_max);
	if (bytes_for(object_max) < heap->len_bytes)
		heap->len_bytes = bytes_for(object_max);
	return pk_cursor_ok(&h->c) && heap->bits <= 64 && heap->start &&
	       heap->width && heap->rows < 64 &&
	       heap->start <= heap->direct_max &&
	       heap->direct_max <= 1ULL << 40;
}

static uint64_t row_size(const struct heap *heap, unsigned row)
{
	return row < 2 ? heap->start : heap->start << (row - 1);
}

/* Rows of the indirect block that is a child of that size. */
static unsigned rows_of(const struct heap *heap, uint64_t size)
{
	unsigned rows = 1;
	uint64_t all = heap->start * heap->width;

	while (all < size && rows < 63)
		all += row_size(heap, rows++) * heap->width;
	return rows;
}

/*
 * Where the block that holds offset at of the heap's space lies, and where
 * it begins in that space; goes down through indirect blocks.
 */
static bool find_block(struct pk_h5 *h, const struct heap *heap, uint64_t at,
		       uint64_t *ret_address, uint64_t *ret_begins)
{
	uint64_t address = heap->root, begins = 0;
	unsigned rows = heap->rows;

	for (unsigned depth = 0; rows && depth < 16; depth++) {
		const unsigned entry = h->o;
		uint64_t n = 0, from = begins;
		unsigned row = 0;

		while (row < rows &&
		       at - from >= row_size(heap, row) * heap->width) {
			from += row_size(heap, row) * heap->width;
			n += heap->width;
			row++;
		}
		if (row == rows || row > 40 || !row_size(heap, row))
			return false;
		n += (at - from) / row_size(heap, row);
		from += (at - from) / row_size(heap, row) * row_size(heap, row);
		pk_h5_go(h, address);
		if (!pk_h5_signature(h, "FHIB"))
			return false;
		pk_skip(&h->c, 1ULL + h->o + heap->off_bytes + n * entry);
		address = pk_h5_offset(h);
		begins = from;
		rows = row_size(heap, row) <= heap->direct_max
			       ? 0
			       : rows_of(heap, row_size(heap, row));
	}
	*ret_address = address;
	*ret_begins = begins;
	return pk_cursor_ok(&h->c) && !rows && pk_h5_defined(h, address);
}

/* What a heap id stands for. */
static bool find_object(struct pk_h5 *h, const struct heap *heap,
			uint64_t id_off, uint64_t *ret_off, uint64_t *ret_len)
{
	uint8_t kind;
	uint64_t at, len, address, begins;

	pk_h5_at(h, id_off);
	kind = pk_get_u8(&h->c);
	if ((kind & 0x30) == 0x20) { /* tiny: in the id itself */
		*ret_off = h->c.off;
		*ret_len = (kind & 0x0f) + 1U;
		return pk_cursor_ok(&h->c);
	}
	if ((kind & 0x30) || heap->filtered)
		return false;
	at = pk_h5_number(h, heap->off_bytes);
	len = pk_h5_number(h, heap->len_bytes);
	if (!pk_cursor_ok(&h->c) || !find_block(h, heap, at, &address, &begins))
		return false;
	pk_h5_go(h, address);
	if (!pk_h5_signature(h, "FHDB"))
		return false;
	*ret_off = h->base + address + (at - begins);
	*ret_len = len;
	return true;
}

/* A B-tree of the second kind. */
struct tree {
	uint32_t node;
	unsigned record, depth;
	unsigned count_bytes;    /* of the number of records of a child */
	unsigned total_bytes[8]; /* and of all below it, by its depth */
	uint64_t root;
	unsigned root_n;
};

static void measure_nodes(struct pk_h5 *h, struct tree *t)
{
	uint64_t most = (t->node - 10) / t->record;
	uint64_t total = most;

	t->count_bytes = bytes_for(most);
	for (unsigned d = 1; d < 8; d++) {
		const uint64_t pointer =
			h->o + t->count_bytes + t->total_bytes[d - 1];

		most = t->node > 10 + pointer ? (t->node - 10 - pointer) /
							(t->record + pointer)
					      : 0;
		if (__builtin_mul_overflow(total, most + 1, &total))
			total = UINT64_MAX / 2;
		total += most;
		t->total_bytes[d] = bytes_for(total);
	}
}

static bool read_tree(struct pk_h5 *h, uint64_t address, struct tree *t)
{
	*t = (struct tree){ 0 };
	pk_h5_go(h, address);
	if (!pk_h5_signature(h, "BTHD"))
		return false;
	pk_skip(&h->c, 2);
	t->node = pk_get_u32le(&h->c);
	t->record = pk_get_u16le(&h->c);
	t->depth = pk_get_u16le(&h->c);
	pk_skip(&h->c, 2);
	t->root = pk_h5_offset(h);
	t->root_n = pk_get_u16le(&h->c);
	if (!pk_cursor_ok(&h->c) || !t->record || t->depth >= 8 ||
	    t->node <= 10 + t->record)
		return false;
	measure_nodes(h, t);
	return true;
}

struct dense {
	struct heap heap;
	struct tree tree;
	unsigned skip;
	void (*each)(struct pk_h5 *h, uint64_t off, uint64_t len, void *user);
	void *user;
};

static void read_record(struct pk_h5 *h, struct dense *d, uint64_t off)
{
	uint64_t at, len;

	if (find_object(h, &d->heap, off + d->skip, &at, &len)) {
		d->each(h, at, len, d->user);
		return;
	}
	h->events->doubt(h->user, off, "an entry of dense storage");
}

static void read_node(struct pk_h5 *h, struct dense *d, uint64_t address,
		      unsigned depth, unsigned n)
{
	const struct tree *t = &d->tree;
	const unsigned pointer =
		h->o + t->count_bytes + (depth ? t->total_bytes[depth - 1] : 0);
	uint64_t records;

	pk_h5_go(h, address);
	if (!pk_set64_add(&h->seen, h->c.off) ||
	    !pk_h5_signature(h, depth ? "BTIN" : "BTLF")) {
		h->events->doubt(h->user, h->base + address,
				 "a node of dense storage");
		return;
	}
	records = h->c.off + 2;
	for (unsigned i = 0; i < n && pk_h5_step(h); i++)
		read_record(h, d, records + (uint64_t)i * t->record);
	for (unsigned i = 0; depth && i <= n && pk_h5_step(h); i++) {
		uint64_t child;
		unsigned child_n;

		pk_h5_at(h, records + (uint64_t)n * t->record +
				    (uint64_t)i * pointer);
		child = pk_h5_offset(h);
		child_n = (unsigned)pk_h5_number(h, t->count_bytes);
		if (pk_h5_sound(h, "a node of dense storage"))
			read_node(h, d, child, depth - 1, child_n);
	}
}

void pk_h5_dense(struct pk_h5 *h, uint64_t heap, uint64_t tree, unsigned skip,
		 void (*each)(struct pk_h5 *h, uint64_t off, uint64_t len,
			      void *user),
		 void *user)
{
	struct dense d = { .skip = skip, .each = each, .user = user };

	if (!read_heap(h, heap, &d.heap) || !read_tree(h, tree, &d.tree)) {
		h->events->doubt(h->user, h->c.off, "dense storage");
		return;
	}
	if (pk_h5_defined(h, d.tree.root) && d.tree.root_n)
		read_node(h, &d, d.tree.root, d.tree.depth, d.tree.root_n);
}
