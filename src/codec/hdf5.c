/* SPDX-License-Identifier: Apache-2.0 */
/* Superblocks, object headers, groups. */
#include "codec/hdf5.h"

#include "codec/hdf5_parts.h"

enum {
	MESSAGES_MAX = 1 << 16, /* of one object */
	BLOCKS_MAX = 4096,
};

enum message {
	DATASPACE = 0x01,
	LINK_INFO = 0x02,
	LAYOUT = 0x08,
	LINK = 0x06,
	ATTRIBUTE = 0x0c,
	CONTINUATION = 0x10,
	SYMBOL_TABLE = 0x11,
	ATTRIBUTE_INFO = 0x15,
};

static const uint8_t signature[] = "\x89HDF\r\n\x1a\n";

uint64_t pk_h5_number(struct pk_h5 *h, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++) {
		const uint64_t byte = pk_get_u8(&h->c);

		if (i < 8)
			v |= byte << 8 * i;
	}
	return v;
}

uint64_t pk_h5_offset(struct pk_h5 *h)
{
	return pk_h5_number(h, h->o);
}

uint64_t pk_h5_length(struct pk_h5 *h)
{
	return pk_h5_number(h, h->l);
}

bool pk_h5_defined(const struct pk_h5 *h, uint64_t address)
{
	return address != (h->o < 8 ? (1ULL << 8 * h->o) - 1 : UINT64_MAX);
}

void pk_h5_at(struct pk_h5 *h, uint64_t off)
{
	pk_cursor_forgive(&h->c);
	pk_seek(&h->c, off);
}

void pk_h5_go(struct pk_h5 *h, uint64_t address)
{
	uint64_t off;

	if (__builtin_add_overflow(h->base, address, &off))
		off = UINT64_MAX;
	pk_h5_at(h, off);
}

bool pk_h5_signature(struct pk_h5 *h, const char *four)
{
	const struct pk_span s = pk_get_bytes(&h->c, 4);

	return s.len == 4 && memcmp(s.p, four, 4) == 0;
}

struct pk_span pk_h5_string(struct pk_h5 *h)
{
	char buf[PK_H5_NAME_MAX];
	size_t n = 0;
	char *copy;

	while (pk_cursor_ok(&h->c) && n < sizeof(buf)) {
		const uint8_t ch = pk_get_u8(&h->c);

		if (!ch)
			break;
		buf[n++] = (char)ch;
	}
	copy = pk_arena_copy(h->a, (struct pk_span){ (uint8_t *)buf, n });
	return (struct pk_span){ (const uint8_t *)copy, copy ? n : 0 };
}

bool pk_h5_step(struct pk_h5 *h)
{
	return ++h->steps < PK_H5_STEPS_MAX &&
	       !(h->steps % 256 == 0 && h->events->over(h->user));
}

bool pk_h5_sound(struct pk_h5 *h, const char *what)
{
	if (pk_cursor_ok(&h->c))
		return true;
	h->events->doubt(h->user, h->c.fault_off, what);
	pk_cursor_forgive(&h->c);
	return false;
}

/* ---- object headers ---- */

struct block {
	struct block *next;
	uint64_t off, len;
};

struct header {
	struct pk_h5_message *m;
	size_t n, cap;
	struct block *blocks, **tail;
	size_t block_n;
	unsigned version;
	bool ordered; /* messages carry the order of their creation */
};

static bool add_message(struct pk_h5 *h, struct header *hd,
			struct pk_h5_message m)
{
	if (hd->n == hd->cap) {
		const size_t cap = hd->cap ? hd->cap * 2 : 16;
		struct pk_h5_message *more =
			cap <= MESSAGES_MAX
				? pk_arena_alloc(h->a, cap, sizeof(*more))
				: NULL;

		if (!more) {
			h->events->doubt(h->user, m.off,
					 "an object of too many messages");
			return false;
		}
		if (hd->n)
			memcpy(more, hd->m, hd->n * sizeof(*more));
		hd->m = more;
		hd->cap = cap;
	}
	hd->m[hd->n++] = m;
	return true;
}

static void add_block(struct pk_h5 *h, struct header *hd, uint64_t off,
		      uint64_t len)
{
	struct block *b =
		hd->block_n < BLOCKS_MAX ? PK_NEW(h->a, struct block) : NULL;

	if (!b) {
		h->events->doubt(h->user, off, "an object of too many parts");
		return;
	}
	*b = (struct block){ .off = off, .len = len };
	*hd->tail = b;
	hd->tail = &b->next;
	hd->block_n++;
}

static void continuation(struct pk_h5 *h, struct header *hd,
			 const struct pk_h5_message *m)
{
	uint64_t address, len;

	pk_h5_at(h, m->off);
	address = pk_h5_offset(h);
	len = pk_h5_length(h);
	if (!pk_h5_sound(h, "an object header"))
		return;
	pk_h5_go(h, address);
	if (!pk_set64_add(&h->seen, h->c.off) || !pk_cursor_ok(&h->c)) {
		h->events->doubt(h->user, m->off, "an object header");
		pk_cursor_forgive(&h->c);
	} else if (hd->version == 1) {
		add_block(h, hd, h->c.off, len);
	} else if (pk_h5_signature(h, "OCHK") && len >= 8) {
		add_block(h, hd, h->c.off, len - 8);
	} else {
		h->events->doubt(h->user, m->off, "an object header");
	}
}

static void read_block(struct pk_h5 *h, struct header *hd, struct block b)
{
	const unsigned head = hd->version == 1 ? 8 : 4 + 2U * hd->ordered;
	uint64_t off = b.off, stop;

	if (__builtin_add_overflow(b.off, b.len, &stop) ||
	    stop > h->src->size) {
		h->events->doubt(h->user, b.off, "an object header");
		stop = h->src->size;
	}
	while (off < stop && stop - off >= head && pk_h5_step(h)) {
		struct pk_h5_message m;
		uint8_t flags;

		pk_h5_at(h, off);
		m.type = hd->version == 1 ? pk_get_u16le(&h->c)
					  : pk_get_u8(&h->c);
		m.len = pk_get_u16le(&h->c);
		flags = pk_get_u8(&h->c);
		m.off = off + head;
		off = m.off + m.len;
		if (off > stop) {
			h->events->doubt(h->user, m.off, "an object header");
			return;
		}
		if (m.type == CONTINUATION)
			continuation(h, hd, &m);
		else if ((flags & 2) && m.type == ATTRIBUTE)
			h->events->doubt(h->user, m.off,
					 "an attribute that objects share");
		else if (!(flags & 2) && m.type && !add_message(h, hd, m))
			return;
	}
}

static bool open_header(struct pk_h5 *h, uint64_t address, struct header *hd)
{
	static const unsigned widths[] = { 1, 2, 4, 8 };
	uint8_t flags;
	uint64_t len;

	pk_h5_go(h, address);
	if (!pk_cursor_ready(&h->c, 16) && pk_cursor_left(&h->c) < 16)
		return false;
	if (*h->c.p == 1) {
		hd->version = 1;
		pk_skip(&h->c, 8);
		len = pk_get_u32le(&h->c);
		pk_skip(&h->c, 4);
		add_block(h, hd, h->c.off, len);
		return pk_cursor_ok(&h->c);
	}
	if (!pk_h5_signature(h, "OHDR") || pk_get_u8(&h->c) != 2)
		return false;
	hd->version = 2;
	flags = pk_get_u8(&h->c);
	hd->ordered = flags & 4;
	pk_skip(&h->c, (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0));
	len = pk_h5_number(h, widths[flags & 3]);
	add_block(h, hd, h->c.off, len);
	return pk_cursor_ok(&h->c);
}

/* ---- groups ---- */

static void walk_object(struct pk_h5 *h, const char *path, uint64_t address,
			unsigned depth);

struct group {
	const char *path;
	unsigned depth;
};

static const char *joined(struct pk_h5 *h, const struct group *g,
			  struct pk_span name)
{
	const bool root = g->path[1] == 0;
	const char *path = pk_arena_printf(
		h->a, "%s/%.*s", root ? "" : g->path,
		(int)(name.len < 256 ? name.len : 256), (const char *)name.p);

	return path ? path : "/?";
}

static void tell_link(struct pk_h5 *h, const struct group *g,
		      struct pk_span name, enum pk_h5_leaves kind,
		      struct pk_span target, uint64_t off)
{
	const struct pk_h5_link l = { .kind = kind,
				      .object = joined(h, g, name),
				      .target = target,
				      .off = off };

	h->events->link(h->user, &l);
}

/* Hard links make loops, and several ways to one object; the first one
 * counts. */
static void member(struct pk_h5 *h, const struct group *g, struct pk_span name,
		   uint64_t address)
{
	if (g->depth < PK_H5_DEPTH_MAX)
		walk_object(h, joined(h, g, name), address, g->depth + 1);
	else
		h->events->doubt(h->user, h->base + address,
				 "a group within too many groups");
}

static void link_message(struct pk_h5 *h, uint64_t off, uint64_t len,
			 void *user)
{
	static const unsigned widths[] = { 1, 2, 4, 8 };
	const struct group *g = user;
	struct pk_span name, target;
	uint8_t flags, type = 0;
	uint64_t n;
	const char *copy;

	(void)len;
	pk_h5_at(h, off);
	pk_skip(&h->c, 1);
	flags = pk_get_u8(&h->c);
	if (flags & 8)
		type = pk_get_u8(&h->c);
	pk_skip(&h->c, (flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0));
	n = pk_h5_number(h, widths[flags & 3]);
	name = pk_get_bytes(&h->c, n);
	copy = pk_arena_copy(h->a, name);
	name = (struct pk_span){ (const uint8_t *)copy, copy ? name.len : 0 };
	if (type == 0) {
		const uint64_t address = pk_h5_offset(h);

		if (pk_h5_sound(h, "a link"))
			member(h, g, name, address);
		return;
	}
	n = pk_get_u16le(&h->c);
	if (type == 64)
		pk_skip(&h->c, 1);
	target = type == 1 ? pk_get_bytes(&h->c, n) : pk_h5_string(h);
	if (pk_h5_sound(h, "a link"))
		tell_link(h, g, name,
			  type == 1    ? PK_H5_SOFT
			  : type == 64 ? PK_H5_EXTERNAL
				       : PK_H5_USER,
			  target, off);
}

static void symbols(struct pk_h5 *h, const struct group *g, uint64_t node,
		    uint64_t heap)
{
	unsigned n;
	uint64_t entry;

	pk_h5_go(h, node);
	if (!pk_h5_signature(h, "SNOD")) {
		h->events->doubt(h->user, h->base + node, "a group's symbols");
		return;
	}
	pk_skip(&h->c, 2);
	n = pk_get_u16le(&h->c);
	entry = h->c.off;
	for (unsigned i = 0; i < n && pk_h5_step(h); i++) {
		uint64_t name_at, address;
		uint32_t cache, soft;
		struct pk_span name;

		pk_h5_at(h, entry + (uint64_t)i * (2U * h->o + 24));
		name_at = pk_h5_offset(h);
		address = pk_h5_offset(h);
		cache = pk_get_u32le(&h->c);
		pk_skip(&h->c, 4);
		soft = pk_get_u32le(&h->c);
		if (!pk_h5_sound(h, "a group's symbols"))
			return;
		name = pk_h5_heap_string(h, heap, name_at);
		if (!pk_h5_sound(h, "a name"))
			continue;
		if (cache == 2)
			tell_link(h, g, name, PK_H5_SOFT,
				  pk_h5_heap_string(h, heap, soft), entry);
		else
			member(h, g, name, address);
	}
}

static void old_group(struct pk_h5 *h, const struct group *g, uint64_t node,
		      uint64_t heap, unsigned level_max)
{
	unsigned level, n;
	uint64_t keys;

	pk_h5_go(h, node);
	if (!pk_set64_add(&h->seen, h->c.off) || !pk_h5_signature(h, "TREE") ||
	    pk_get_u8(&h->c) != 0) {
		h->events->doubt(h->user, h->base + node, "a group's tree");
		return;
	}
	level = pk_get_u8(&h->c);
	n = pk_get_u16le(&h->c);
	pk_skip(&h->c, 2ULL * h->o);
	keys = h->c.off;
	if (!pk_h5_sound(h, "a group's tree") || level > level_max) {
		h->events->doubt(h->user, h->base + node, "a group's tree");
		return;
	}
	for (unsigned i = 0; i < n && pk_h5_step(h); i++) {
		uint64_t child;

		pk_h5_at(h, keys + (uint64_t)i * (h->o + h->l) + h->l);
		child = pk_h5_offset(h);
		if (!pk_h5_sound(h, "a group's tree"))
			return;
		if (level)
			old_group(h, g, child, heap, level - 1);
		else
			symbols(h, g, child, heap);
	}
}

static void dense_attribute(struct pk_h5 *h, uint64_t off, uint64_t len,
			    void *user)
{
	const struct group *g = user;

	pk_h5_attribute(h, g->path, off, len);
}

static void group_message(struct pk_h5 *h, struct group *g,
			  const struct pk_h5_message *m)
{
	uint8_t flags;
	uint64_t heap, tree;

	pk_h5_at(h, m->off);
	if (m->type == SYMBOL_TABLE) {
		tree = pk_h5_offset(h);
		heap = pk_h5_offset(h);
		if (pk_h5_sound(h, "a group") && pk_h5_defined(h, tree))
			old_group(h, g, tree, heap, 32);
		return;
	}
	pk_skip(&h->c, 1);
	flags = pk_get_u8(&h->c);
	if (m->type == LINK_INFO)
		pk_skip(&h->c, flags & 1 ? 8 : 0);
	else
		pk_skip(&h->c, flags & 1 ? 2 : 0);
	heap = pk_h5_offset(h);
	tree = pk_h5_offset(h);
	if (!pk_h5_sound(h, "dense storage") || !pk_h5_defined(h, heap))
		return;
	/* Records: a hash and the heap's id; or the id first. */
	if (m->type == LINK_INFO)
		pk_h5_dense(h, heap, tree, 4, link_message, g);
	else
		pk_h5_dense(h, heap, tree, 0, dense_attribute, g);
}

static void walk_messages(struct pk_h5 *h, struct group *g, struct header *hd,
			  uint64_t at)
{
	bool data = false;

	for (size_t i = 0; i < hd->n && pk_h5_step(h); i++) {
		const struct pk_h5_message *m = &hd->m[i];

		data |= m->type == LAYOUT;
		if (m->type == ATTRIBUTE)
			pk_h5_attribute(h, g->path, m->off, m->len);
		else if (m->type == LINK)
			link_message(h, m->off, m->len, g);
		else if (m->type == SYMBOL_TABLE || m->type == LINK_INFO ||
			 m->type == ATTRIBUTE_INFO)
			group_message(h, g, m);
	}
	if (data)
		pk_h5_dataset(h, g->path, at, hd->m, hd->n);
}

static void walk_object(struct pk_h5 *h, const char *path, uint64_t address,
			unsigned depth)
{
	struct header hd = { .tail = &hd.blocks };
	struct group g = { path, depth };
	bool opened;

	pk_h5_go(h, address);
	if (!pk_set64_add(&h->seen, h->c.off) || !pk_h5_step(h))
		return;
	opened = open_header(h, address, &hd);
	if (!pk_h5_sound(h, "an object header") || !opened) {
		h->events->doubt(h->user, h->base + address,
				 "an object header");
		return;
	}
	for (const struct block *b = hd.blocks; b; b = b->next)
		read_block(h, &hd, *b);
	walk_messages(h, &g, &hd, h->base + address);
}

/* ---- superblocks ---- */

bool pk_h5_find(struct pk_source *src, uint64_t *ret_base)
{
	uint8_t head[8];

	for (uint64_t at = 0; at < src->size; at = at ? at * 2 : 512) {
		if (pk_source_read(src, at, head, 8) == 8 &&
		    memcmp(head, signature, 8) == 0) {
			*ret_base = at;
			return true;
		}
		if (at > 1ULL << 40)
			break;
	}
	return false;
}

static bool is_width(unsigned n)
{
	return n == 2 || n == 4 || n == 8;
}

/* The address of the root's header. */
static bool superblock(struct pk_h5 *h, struct pk_h5_file *f,
		       uint64_t *ret_root)
{
	pk_h5_at(h, h->base + 8);
	f->version = pk_get_u8(&h->c);
	if (f->version <= 1) {
		pk_skip(&h->c, 4);
		h->o = pk_get_u8(&h->c);
		h->l = pk_get_u8(&h->c);
		pk_skip(&h->c, 1 + 4 + 4 + (f->version ? 4 : 0));
		if (!is_width(h->o) || !is_width(h->l))
			return false;
		pk_skip(&h->c, 2ULL * h->o);
		f->end = pk_h5_offset(h);
		pk_skip(&h->c, 2ULL * h->o);
	} else if (f->version <= 3) {
		h->o = pk_get_u8(&h->c);
		h->l = pk_get_u8(&h->c);
		pk_skip(&h->c, 1);
		if (!is_width(h->o) || !is_width(h->l))
			return false;
		pk_skip(&h->c, 2ULL * h->o);
		f->end = pk_h5_offset(h);
	} else {
		return false;
	}
	*ret_root = pk_h5_offset(h);
	return pk_cursor_ok(&h->c);
}

bool pk_h5_walk(struct pk_source *src, struct pk_arena *a,
		const struct pk_h5_events *events, void *user,
		struct pk_h5_file *ret)
{
	struct pk_h5 h = { .src = src,
			   .a = a,
			   .events = events,
			   .user = user,
			   .seen = { .arena = a } };
	uint64_t root;

	*ret = (struct pk_h5_file){ 0 };
	if (!pk_h5_find(src, &h.base))
		return false;
	ret->base = h.base;
	h.c = pk_cursor_open(src, 0, src->size, a);
	if (!superblock(&h, ret, &root))
		return false;
	walk_object(&h, "/", root, 0);
	if (h.steps >= PK_H5_STEPS_MAX)
		events->doubt(user, 0, "more parts than any model has");
	return true;
}
