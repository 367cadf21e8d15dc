/* SPDX-License-Identifier: Apache-2.0 */
/* Local headers, data descriptors, and looking at small pieces. */
#include "codec/crc32.h"
#include "codec/zip.h"

enum { PEEK_MAX = 128 * 1024 + 64 };

struct pk_span pk_zip_peek(struct pk_zip *z, uint64_t at, size_t n)
{
	size_t want = n > z->stride ? n : z->stride;

	if (n > PEEK_MAX || at > z->src->size || n > z->src->size - at)
		return (struct pk_span){ 0 };
	if (z->src->mem)
		return (struct pk_span){ z->src->mem + at, n };
	if (at >= z->peek_at && at - z->peek_at <= z->peek_len &&
	    n <= z->peek_len - (at - z->peek_at))
		return (struct pk_span){ z->peeked + (at - z->peek_at), n };
	if (!z->peeked)
		z->peeked = pk_arena_alloc(z->arena, PEEK_MAX, 1);
	if (!z->peeked)
		return (struct pk_span){ 0 };
	z->peek_at = at;
	z->peek_len = pk_source_read(z->src, at, z->peeked, want);
	return z->peek_len >= n ? (struct pk_span){ z->peeked, n }
				: (struct pk_span){ 0 };
}

/* APPNOTE 4.5.3: in a local header both sizes stand in the zip64 field. */
static void read_zip64(struct pk_zip_local *l)
{
	struct pk_cursor c = pk_cursor_over(l->extra, 0);

	while (pk_cursor_left(&c) >= 4) {
		uint16_t id = pk_get_u16le(&c);
		struct pk_span body = pk_get_bytes(&c, pk_get_u16le(&c));
		struct pk_cursor field = pk_cursor_over(body, 0);

		if (id != 1)
			continue;
		if (l->usize == UINT32_MAX)
			l->usize = pk_get_u64le(&field);
		if (l->csize == UINT32_MAX)
			l->csize = pk_get_u64le(&field);
		return;
	}
}

bool pk_zip_local(struct pk_zip *z, uint64_t at, struct pk_zip_local *ret)
{
	struct pk_span head = pk_zip_peek(z, at, PK_ZIP_LOCAL);
	struct pk_cursor c = pk_cursor_over(head, at);
	struct pk_zip_local l = { .at = at };
	size_t name, extra;

	if (pk_get_u32le(&c) != 0x04034b50)
		return false;
	pk_skip(&c, 2); /* version needed */
	l.flags = pk_get_u16le(&c);
	l.method = pk_get_u16le(&c);
	pk_skip(&c, 4); /* time and date */
	l.crc = pk_get_u32le(&c);
	l.csize = pk_get_u32le(&c);
	l.usize = pk_get_u32le(&c);
	name = pk_get_u16le(&c);
	extra = pk_get_u16le(&c);
	head = pk_zip_peek(z, at, PK_ZIP_LOCAL + name + extra);
	if (!head.p)
		return false;
	l.data = at + head.len;
	l.name = (struct pk_span){ head.p + PK_ZIP_LOCAL, name };
	l.extra = (struct pk_span){ l.name.p + name, extra };
	read_zip64(&l);
	l.sized = !(l.flags & PK_ZIP_DESCRIPTOR) || l.csize;
	*ret = l;
	return true;
}

static bool says(struct pk_cursor c, bool wide, uint32_t crc, uint64_t csize,
		 uint64_t usize)
{
	bool same = pk_get_u32le(&c) == crc;

	if (wide)
		return same && pk_get_u64le(&c) == csize &&
		       pk_get_u64le(&c) == usize && pk_cursor_ok(&c);
	return same && pk_get_u32le(&c) == (uint32_t)csize &&
	       pk_get_u32le(&c) == (uint32_t)usize && pk_cursor_ok(&c);
}

unsigned pk_zip_descriptor(struct pk_zip *z, uint64_t at, uint32_t crc,
			   uint64_t csize, uint64_t usize)
{
	const uint64_t left = at < z->src->size ? z->src->size - at : 0;
	struct pk_span b = pk_zip_peek(z, at, left < 24 ? (size_t)left : 24);
	struct pk_cursor bare = pk_cursor_over(b, at), signed_ = bare;

	if (pk_get_u32le(&signed_) == 0x08074b50) {
		if (says(signed_, true, crc, csize, usize))
			return 24;
		if (says(signed_, false, crc, csize, usize))
			return 16;
	}
	if (says(bare, true, crc, csize, usize))
		return 20;
	return says(bare, false, crc, csize, usize) ? 12 : 0;
}

uint64_t pk_zip_search(struct pk_zip *z, uint64_t from, uint64_t to,
		       const char sig[4])
{
	enum { STRIDE = 64 * 1024 };

	while (from < to && to - from >= 4) {
		size_t n = to - from < STRIDE ? (size_t)(to - from) : STRIDE;
		struct pk_span b = pk_zip_peek(z, from, n);
		const uint8_t *hit = b.p ? memmem(b.p, n, sig, 4) : NULL;

		if (hit)
			return from + (uint64_t)(hit - b.p);
		from += n - 3;
	}
	return to;
}

static struct pk_span find_extra(struct pk_span extra, uint16_t wanted)
{
	struct pk_cursor c = pk_cursor_over(extra, 0);

	while (pk_cursor_left(&c) >= 4) {
		uint16_t id = pk_get_u16le(&c);
		struct pk_span body = pk_get_bytes(&c, pk_get_u16le(&c));

		if (id == wanted)
			return body;
	}
	return (struct pk_span){ 0 };
}

struct pk_span pk_zip_unicode_path(struct pk_zip *z,
				   const struct pk_zip_entry *e)
{
	enum { RECORD = 46, VERSION_AND_CRC = 5 };
	struct pk_span all = pk_zip_peek(
		z, e->at, RECORD + (size_t)e->name_len + e->extra_len);
	struct pk_span body = { 0 };
	struct pk_cursor c;

	if (all.p)
		body = find_extra(
			(struct pk_span){ all.p + RECORD + e->name_len,
					  e->extra_len },
			0x7075);
	c = pk_cursor_over(body, 0);
	if (pk_get_u8(&c) != 1 ||
	    pk_get_u32le(&c) != pk_crc32(0, pk_zip_name(e)) ||
	    !pk_cursor_ok(&c))
		return (struct pk_span){ 0 };
	return (struct pk_span){ body.p + VERSION_AND_CRC,
				 body.len - VERSION_AND_CRC };
}
