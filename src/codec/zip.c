/* SPDX-License-Identifier: Apache-2.0 */
/* End records and directories. */
#include "codec/zip.h"

#include "core/buf.h"

enum {
	RECORD = 46, /* of a directory, without its three texts */
	END64 = 56,
	LOCATOR = 20,
	REACH = UINT16_MAX + PK_ZIP_END, /* how far readers search */
	ENDS_MAX = 64,                   /* end records looked at */
	STRIDE_MIN = 2048,               /* serves a descriptor and a header */
	STRIDE_MAX = 64 * 1024,
	SMALL_MEMBER = 8 * 1024,
};

enum { SIG_END = 0x06054b50, SIG_LOCATOR = 0x07064b50, SIG_END64 = 0x06064b50 };
enum { SIG_RECORD = 0x02014b50 };

static const uint64_t none = UINT64_MAX;

/* One way to read an end record. */
struct reading {
	uint64_t end;
	uint64_t end_stop;
	uint64_t zip64; /* or none */
	uint64_t zip64_len;
	uint64_t entries;
	uint64_t size;
	uint64_t offset;
	bool contradicts;
	bool disks;
};

static bool read_end(struct pk_zip *z, uint64_t at, struct reading *ret)
{
	struct pk_cursor c = pk_cursor_over(pk_zip_peek(z, at, PK_ZIP_END), at);
	struct reading r = { .end = at, .zip64 = none };
	uint32_t disk, dir_disk, here;

	if (pk_get_u32le(&c) != SIG_END)
		return false;
	disk = pk_get_u16le(&c);
	dir_disk = pk_get_u16le(&c);
	here = pk_get_u16le(&c);
	r.entries = pk_get_u16le(&c);
	r.size = pk_get_u32le(&c);
	r.offset = pk_get_u32le(&c);
	r.end_stop = at + PK_ZIP_END + pk_get_u16le(&c);
	if (r.end_stop > z->src->size)
		r.end_stop = z->src->size;
	r.disks = (disk && disk != UINT16_MAX) ||
		  (dir_disk && dir_disk != UINT16_MAX) || here != r.entries;
	*ret = r;
	return true;
}

/* Whether a 32-bit field, unless it says "see zip64", tells otherwise. */
static bool differs(uint64_t narrow, uint64_t sentinel, uint64_t wide)
{
	return narrow != sentinel && narrow != wide;
}

static bool read_end64(struct pk_zip *z, uint64_t at,
		       const struct reading *narrow, struct reading *ret)
{
	struct pk_cursor c = pk_cursor_over(pk_zip_peek(z, at, END64), at);
	struct reading r = *narrow;

	if (pk_get_u32le(&c) != SIG_END64)
		return false;
	r.zip64 = at;
	r.zip64_len = pk_get_u64le(&c) + 12;
	if (r.zip64_len < END64 || at + r.zip64_len > narrow->end ||
	    at + r.zip64_len < at)
		r.zip64_len = END64;
	pk_skip(&c, 2 + 2 + 4 + 4 + 8);
	r.entries = pk_get_u64le(&c);
	r.size = pk_get_u64le(&c);
	r.offset = pk_get_u64le(&c);
	r.disks = false;
	r.contradicts = differs(narrow->entries, UINT16_MAX, r.entries) ||
			differs(narrow->size, UINT32_MAX, r.size) ||
			differs(narrow->offset, UINT32_MAX, r.offset);
	*ret = r;
	return true;
}

static bool has_record(struct pk_zip *z, uint64_t at)
{
	struct pk_cursor c = pk_cursor_over(pk_zip_peek(z, at, 4), at);

	return pk_get_u32le(&c) == SIG_RECORD;
}

/* Passes over one record; false at the end of the directory. */
static bool pass_record(struct pk_cursor *c, size_t *names, bool *cut)
{
	size_t name, rest;

	if (!pk_cursor_ready(c, 4) || memcmp(c->p, "PK\1\2", 4) != 0)
		return false;
	pk_skip(c, 28);
	name = pk_get_u16le(c);
	rest = pk_get_u16le(c);
	rest += pk_get_u16le(c);
	pk_skip(c, RECORD - 34 + name + rest);
	*cut = !pk_cursor_ok(c);
	*names += name;
	return pk_cursor_ok(c);
}

/* APPNOTE 4.5.3: only the fields that say so stand in the zip64 field. */
static void read_extra(struct pk_zip_entry *e, uint64_t *offset,
		       struct pk_span extra)
{
	struct pk_cursor c = pk_cursor_over(extra, 0);
	bool wants = e->usize == UINT32_MAX || e->csize == UINT32_MAX ||
		     *offset == UINT32_MAX;

	while (pk_cursor_left(&c) >= 4) {
		uint16_t id = pk_get_u16le(&c);
		struct pk_span body = pk_get_bytes(&c, pk_get_u16le(&c));
		struct pk_cursor f = pk_cursor_over(body, 0);

		if (id == 0x7075)
			e->odd |= PK_ZIP_ODD_UNICODE;
		if (id != 1 || !wants)
			continue;
		if (e->usize == UINT32_MAX)
			e->usize = pk_get_u64le(&f);
		if (e->csize == UINT32_MAX)
			e->csize = pk_get_u64le(&f);
		if (*offset == UINT32_MAX)
			*offset = pk_get_u64le(&f);
		wants = !pk_cursor_ok(&f);
	}
	if (wants)
		e->odd |= PK_ZIP_ODD_ZIP64;
}

/* Copies a name into the pool; a file that changed since the names were
 * counted gets none. */
static void keep_name(struct pk_zip_entry *e, struct pk_span name,
		      struct pk_buf *pool)
{
	if (name.len > pool->cap - pool->len)
		name.len = 0;
	e->name = (const uint8_t *)pool->p + pool->len;
	e->name_len = (uint16_t)name.len;
	if (name.len)
		memcpy(pool->p + pool->len, name.p, name.len);
	pool->len += name.len;
}

static void read_record(struct pk_cursor *c, uint64_t shift,
			struct pk_zip_entry *e, struct pk_buf *pool)
{
	uint64_t offset;
	uint16_t name, comment;

	e->at = c->off;
	pk_skip(c, 4);
	e->host = (uint8_t)(pk_get_u16le(c) >> 8);
	pk_skip(c, 2);
	e->flags = pk_get_u16le(c);
	e->method = pk_get_u16le(c);
	pk_skip(c, 4);
	e->crc = pk_get_u32le(c);
	e->csize = pk_get_u32le(c);
	e->usize = pk_get_u32le(c);
	name = pk_get_u16le(c);
	e->extra_len = pk_get_u16le(c);
	comment = pk_get_u16le(c);
	pk_skip(c, 4);
	e->attrs = pk_get_u32le(c);
	offset = pk_get_u32le(c);
	keep_name(e, pk_get_bytes(c, name), pool);
	read_extra(e, &offset, pk_get_bytes(c, e->extra_len));
	pk_skip(c, comment);
	e->header = offset + shift;
}

/* Counts first, so that what is allocated follows from the bytes that are
 * there and not from what a field says. */
static void read_directory(struct pk_zip *z, struct pk_zip_view *v,
			   uint64_t stop)
{
	struct pk_cursor c =
		pk_cursor_open(z->src, v->dir, stop - v->dir, z->arena);
	struct pk_buf pool = { 0 };
	size_t names = 0, n = 0;

	v->dir_len = 0;
	while (pass_record(&c, &names, &v->cut)) {
		n++;
		v->dir_len = c.off - v->dir;
	}
	v->v = pk_arena_alloc(z->arena, n ? n : 1, sizeof(*v->v));
	pool.p = pk_arena_alloc(z->arena, names + 1, 1);
	pool.cap = names;
	if (!v->v || !pool.p)
		return;
	pk_cursor_forgive(&c);
	pk_seek(&c, v->dir);
	for (v->n = 0; v->n < n; v->n++) {
		struct pk_zip_entry *e = &v->v[v->n];

		read_record(&c, v->shift, e, &pool);
		if (e->header >= z->src->size)
			e->odd |= PK_ZIP_ODD_RANGE;
	}
}

/* More than 65535 entries without zip64: old writers kept the low bits. */
static bool lies_about_count(const struct pk_zip_view *v)
{
	if (v->zip64 == none && v->n > UINT16_MAX)
		return (uint16_t)v->n != v->claimed && v->claimed != UINT16_MAX;
	return v->n != v->claimed;
}

static void add_view(struct pk_zip *z, const struct reading *r, uint64_t dir,
		     bool by_walk)
{
	const uint64_t stop =
		r->zip64 != none && r->zip64 >= dir ? r->zip64 : r->end;
	struct pk_zip_view *v = &z->view[z->views];

	for (unsigned i = 0; i < z->views; i++) {
		if (z->view[i].dir == dir &&
		    z->view[i].shift == dir - r->offset)
			return; /* two ends, one directory */
	}
	if (z->views == PK_ZIP_VIEWS) {
		z->more = true;
		return;
	}
	*v = (struct pk_zip_view){ .end = r->end,
				   .end_stop = r->end_stop,
				   .zip64 = r->zip64,
				   .zip64_len = r->zip64_len,
				   .dir = dir,
				   .claimed = r->entries,
				   .claimed_len = r->size,
				   .shift = by_walk ? dir - r->offset : 0,
				   .by_walk = by_walk,
				   .contradicts = r->contradicts,
				   .disks = r->disks };
	read_directory(z, v, stop > dir ? stop : dir);
	v->count_lies = lies_about_count(v) || v->dir_len != v->claimed_len;
	z->views++;
}

/*
 * The offset as it is written (miniz, libzip, most others), and the end minus
 * the size (Python's zipfile, Info-ZIP), which moves every offset when bytes
 * were put in front.
 */
static void add_reading(struct pk_zip *z, const struct reading *r)
{
	const uint64_t end = r->zip64 != none ? r->zip64 : r->end;
	const bool counted = r->size <= end;
	const uint64_t walk = end - r->size;
	const bool there = r->offset < r->end &&
			   (r->entries == 0 || has_record(z, r->offset));

	if (there)
		add_view(z, r, r->offset, false);
	if (counted && walk != r->offset && r->size && has_record(z, walk))
		add_view(z, r, walk, true);
	else if (!there)
		add_view(z, r, r->offset < r->end ? r->offset : r->end, false);
}

bool pk_zip_add_end(struct pk_zip *z, uint64_t at)
{
	struct reading narrow, wide;
	struct pk_cursor c;
	uint64_t where;
	bool has_wide = false;

	if (!read_end(z, at, &narrow))
		return false;
	c = pk_cursor_over(pk_zip_peek(z, at - LOCATOR, LOCATOR), 0);
	if (at >= LOCATOR && pk_get_u32le(&c) == SIG_LOCATOR) {
		pk_skip(&c, 4);
		where = pk_get_u64le(&c);
		if (where < at && read_end64(z, where, &narrow, &wide)) {
			has_wide = true;
			add_reading(z, &wide);
		}
		/* Python looks right in front of the locator. */
		if (at >= LOCATOR + END64 && where != at - LOCATOR - END64 &&
		    read_end64(z, at - LOCATOR - END64, &narrow, &wide)) {
			has_wide = true;
			add_reading(z, &wide);
		}
	}
	if (!has_wide || wide.contradicts)
		add_reading(z, &narrow);
	return true;
}

/* Whether these bytes are data of this member. */
static bool is_in(struct pk_zip *z, const struct pk_zip_entry *e, uint64_t at)
{
	enum { HEADER_MAX = PK_ZIP_LOCAL + 2 * UINT16_MAX };
	struct pk_zip_local l;

	return at >= e->header && at - e->header < HEADER_MAX + e->csize &&
	       pk_zip_local(z, e->header, &l) && at >= l.data &&
	       at - l.data < e->csize;
}

/* Whether these bytes are data of a member that a view lists: a zip in a zip
 * has an end record too. */
static bool inside_member(struct pk_zip *z, uint64_t at)
{
	for (unsigned i = 0; i < z->views; i++) {
		const struct pk_zip_view *v = &z->view[i];

		if (at >= v->end)
			continue;
		if (at >= v->dir)
			return at < v->dir + v->dir_len;
		for (size_t k = 0; k < v->n; k++) {
			if (is_in(z, &v->v[k], at))
				return true;
		}
	}
	return false;
}

/* The last signature in [from, to), or none. */
static uint64_t last_end(struct pk_zip *z, uint64_t from, uint64_t to)
{
	uint64_t last = none;

	while (from < to) {
		uint64_t hit = pk_zip_search(z, from, to, "PK\5\6");

		if (hit == to)
			break;
		last = hit;
		from = hit + 1;
	}
	return last;
}

/* Every local header will be looked at, how its member begins, and how the one
 * before it ends. */
static void expect_members(struct pk_zip *z)
{
	enum { BEFORE = 64, HEAD = 4096 + 256 };
	const struct pk_zip_view *v = &z->view[0];

	for (size_t i = 0; z->src->grain && i < v->n; i++) {
		const uint64_t at = v->v[i].header;
		const uint64_t before = at < BEFORE ? at : BEFORE;
		const struct pk_extent e = { .off = at - before,
					     .len = before + HEAD };

		pk_source_expect(z->src, &e, 1);
	}
}

void pk_zip_open(struct pk_zip *z, struct pk_source *src, struct pk_arena *a)
{
	uint64_t from = src->size > REACH ? src->size - REACH : 0;
	uint64_t to = src->size;

	*z = (struct pk_zip){ .src = src, .arena = a, .stride = STRIDE_MIN };
	for (int i = 0; i < ENDS_MAX; i++) {
		uint64_t at = last_end(z, from, to);

		if (at == none)
			break;
		if (!inside_member(z, at))
			(void)pk_zip_add_end(z, at);
		to = at;
	}
	if (z->views && src->size / (z->view[0].n + 1) < SMALL_MEMBER)
		z->stride = STRIDE_MAX;
	if (z->views)
		expect_members(z);
}

const struct pk_zip_entry *pk_zip_find(const struct pk_zip_view *v,
				       struct pk_span name)
{
	for (size_t i = v->n; i-- > 0;) {
		if (pk_span_eq(pk_zip_name(&v->v[i]), name))
			return &v->v[i];
	}
	return NULL;
}
