/* SPDX-License-Identifier: Apache-2.0 */
/* One member of a zip: its two headers, its content, its data descriptor. */
#include "formats/zip_member.h"

#include <stdio.h>
#include <strings.h>

#include "analyze/member_name.h"
#include "codec/crc32.h"
#include "core/utf8.h"
#include "engine/map.h"
#include "source/memory.h"
#include "source/slice.h"

enum {
	SHOWN = 200,
	CRC_MAX = 1 << 20,    /* stored members checked for their own sake */
	PLAIN_MAX = 64 << 20, /* and when marked as encrypted */
	EXTRA_PLAIN = 64,     /* of an extra field that needs no reason */
	TARGET_MAX = 4096,
	MODE_TYPE = 0xf000,
	MODE_LINK = 0xa000,
	MODE_FILE = 0x8000,
	MODE_FOLDER = 0x4000,
};

static const char *show(struct zip_walk *w, struct pk_span name)
{
	return pk_show(w->s, name, SHOWN);
}

static bool ends_with(struct pk_span s, const char *end)
{
	size_t n = strlen(end);

	return s.len >= n &&
	       strncasecmp((const char *)s.p + s.len - n, end, n) == 0;
}

static bool starts_with(struct pk_span s, const char *start)
{
	size_t n = strlen(start);

	return s.len >= n && strncasecmp((const char *)s.p, start, n) == 0;
}

/* Beside these lie raw tensors: torch/csrc/.../inline_container.cc and
 * torch.package. */
void zip_note_root(struct zip_walk *w, struct pk_span name)
{
	static const char *const marks[] = { "/data.pkl", "/constants.pkl",
					     "/.data/extern_modules" };
	const unsigned max = sizeof(w->roots) / sizeof(w->roots[0]);

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (!ends_with(name, marks[i]))
			continue;
		name.len -= strlen(marks[i]) - 1;
		if (w->root_count < max)
			w->roots[w->root_count++] = name;
		return;
	}
}

static enum pk_member kind_of(const struct zip_walk *w, struct pk_span name)
{
	static const char *const raw[] = { "data/", "constants/", "tensors/",
					   ".data/" };

	for (unsigned r = 0; r < w->root_count; r++) {
		struct pk_span root = w->roots[r], rest = name;

		if (!pk_span_starts(name, root))
			continue;
		rest.p += root.len;
		rest.len -= root.len;
		for (size_t i = 0; i < sizeof(raw) / sizeof(raw[0]); i++) {
			if (starts_with(rest, raw[i]))
				return PK_MEMBER_RAW;
		}
	}
	return PK_MEMBER_ANY;
}

/*
 * Info-ZIP writes the Unicode path beside a name in another character set,
 * so only what both can express is compared: ASCII, without what stands for
 * the rest.
 */
static size_t skeleton(struct pk_span name, uint8_t *buf, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < name.len && n < max; i++) {
		uint8_t ch = name.p[i];

		if (ch == '#' && name.len - i > 5 && name.p[i + 1] == 'U')
			i += 5; /* #U00e9 */
		else if (ch < 0x80 && ch != '?' && ch != '_')
			buf[n++] = ch;
	}
	return n;
}

static void check_unicode_path(struct zip_walk *w, const struct pk_zip_entry *e)
{
	const struct pk_span path = pk_zip_unicode_path(w->z, e);
	uint8_t a[1024], b[1024];
	size_t na, nb;

	if (!path.len)
		return;
	na = skeleton(pk_zip_name(e), a, sizeof(a));
	nb = skeleton(path, b, sizeof(b));
	pk_check_name(w->s, path, e->at);
	if (na != nb || memcmp(a, b, na) != 0)
		pk_report(w->s, PK_RULE_ZIP_NAME_MISMATCH, e->at,
			  "%s is called %s by its Unicode path",
			  show(w, pk_zip_name(e)), show(w, path));
}

/* Beside a data descriptor a zero says nothing; some writers know one of
 * the sizes and leave out the other. */
static bool differs(const struct pk_zip_local *l, uint64_t here, uint64_t there)
{
	return here != there && (here || !(l->flags & PK_ZIP_DESCRIPTOR));
}

static void check_sizes(struct zip_walk *w, const struct pk_zip_entry *e,
			const struct pk_zip_local *l)
{
	if (differs(l, l->csize, e->csize) || differs(l, l->usize, e->usize))
		pk_report(w->s, PK_RULE_ZIP_SIZE_MISMATCH, l->at,
			  "%s has %llu bytes (%llu unpacked) by its header, "
			  "%llu (%llu) by the directory",
			  show(w, pk_zip_name(e)), (unsigned long long)l->csize,
			  (unsigned long long)l->usize,
			  (unsigned long long)e->csize,
			  (unsigned long long)e->usize);
	else if (differs(l, l->crc, e->crc))
		pk_report(w->s, PK_RULE_ARCHIVE_BAD_CHECKSUM, l->at,
			  "%s has the checksum %08x by its header, %08x by "
			  "the directory",
			  show(w, pk_zip_name(e)), l->crc, e->crc);
}

static void check_headers(struct zip_walk *w, const struct pk_zip_entry *e,
			  const struct pk_zip_local *l)
{
	const struct pk_span name = pk_zip_name(e);

	if (!pk_span_eq(l->name, name) && !(l->flags & PK_ZIP_MASKED)) {
		pk_report(w->s, PK_RULE_ZIP_NAME_MISMATCH, l->at,
			  "%s is called %s by its local header", show(w, name),
			  show(w, l->name));
		pk_check_name(w->s, l->name, l->at);
	}
	if (l->method != e->method)
		pk_report(w->s, PK_RULE_ZIP_METHOD_MISMATCH, l->at,
			  "%s is packed by method %u by its header, %u by "
			  "the directory",
			  show(w, name), l->method, e->method);
	if ((l->flags ^ e->flags) & (PK_ZIP_ENCRYPTED | PK_ZIP_STRONG))
		pk_report(w->s, PK_RULE_ZIP_FLAG_MISMATCH, l->at,
			  "%s is encrypted by its %s only", show(w, name),
			  l->flags & (PK_ZIP_ENCRYPTED | PK_ZIP_STRONG)
				  ? "local header"
				  : "directory record");
	check_sizes(w, e, l);
	if (e->odd & PK_ZIP_ODD_UNICODE)
		check_unicode_path(w, e);
	if (e->odd & PK_ZIP_ODD_ZIP64)
		pk_report(w->s, PK_RULE_ZIP_MALFORMED, e->at,
			  "%s refers to a zip64 field that is not there",
			  show(w, name));
}

static bool is_uniform(struct pk_span b, size_t from)
{
	for (size_t i = from + 1; i < b.len; i++) {
		if (b.p[i] != b.p[from])
			return false;
	}
	return true;
}

/* Extra fields are short, or padding (after a short head of its own); the
 * Unicode path is read.  Longer ones are room to hide in and stay
 * unclaimed. */
static void claim_extra(struct zip_walk *w, const struct pk_zip_local *l)
{
	const uint64_t at = l->data - l->extra.len;
	struct pk_cursor c = pk_cursor_over(l->extra, at);

	while (pk_cursor_left(&c) >= 4) {
		const uint64_t from = c.off;
		uint16_t id = pk_get_u16le(&c);
		struct pk_span body = pk_get_bytes(&c, pk_get_u16le(&c));

		if (!pk_cursor_ok(&c))
			break;
		if (body.len <= EXTRA_PLAIN || is_uniform(body, 0) ||
		    is_uniform(body, 4) || id == 0x7075)
			pk_claim(w->s, from, c.off - from);
		else
			pk_claim(w->s, from, 4);
	}
	if (l->extra.len < EXTRA_PLAIN || is_uniform(l->extra, 0))
		pk_claim(w->s, at, l->extra.len);
}

/* Returns its length. */
static uint64_t claim_descriptor(struct zip_walk *w,
				 const struct pk_zip_entry *e,
				 const struct pk_zip_local *l, uint64_t at)
{
	unsigned n = pk_zip_descriptor(w->z, at, e->crc, e->csize, e->usize);
	struct pk_span sig;

	if (!((l->flags | e->flags) & PK_ZIP_DESCRIPTOR) && !n)
		return 0;
	sig = pk_zip_peek(w->z, at, 4);
	if (!n && sig.p && memcmp(sig.p, "PK\7\10", 4) == 0) {
		pk_report(w->s, PK_RULE_ZIP_SIZE_MISMATCH, at,
			  "%s has another size or checksum by the descriptor "
			  "behind its data",
			  show(w, pk_zip_name(e)));
		n = 16;
	}
	pk_claim(w->s, at, n);
	return n;
}

uint64_t zip_check_member(struct zip_walk *w, const struct pk_zip_entry *e,
			  const struct pk_zip_local *l)
{
	const uint64_t size = w->s->bytes->size;
	uint64_t end = l->data;

	check_headers(w, e, l);
	pk_claim(w->s, l->at, l->data - l->extra.len - l->at);
	claim_extra(w, l);
	if (e->csize > size - l->data) {
		pk_partial(w->s);
		pk_report(w->s, PK_RULE_ARCHIVE_DAMAGED, l->at,
			  "%s goes beyond the end of the file",
			  show(w, pk_zip_name(e)));
		return size;
	}
	end += e->csize;
	return end + claim_descriptor(w, e, l, end);
}

/* One reading of a member's content. */
struct part {
	struct pk_span name;
	uint64_t at; /* of its local header */
	uint64_t data;
	uint64_t csize;
	uint64_t usize;
	uint32_t crc;
	uint16_t method;
	enum pk_member kind;
};

static void report_checksum(struct zip_walk *w, const struct part *p,
			    uint32_t crc)
{
	if (crc != p->crc)
		pk_report(w->s, PK_RULE_ARCHIVE_BAD_CHECKSUM, p->at,
			  "%s has the checksum %08x, not %08x as it says",
			  show(w, p->name), crc, p->crc);
}

static uint32_t crc_of(struct zip_walk *w, uint64_t at, uint64_t n)
{
	enum { STRIDE = 64 * 1024 };
	uint32_t crc = 0;

	while (n) {
		size_t some = n < STRIDE ? (size_t)n : STRIDE;
		struct pk_span b = pk_zip_peek(w->z, at, some);

		if (!b.p)
			break;
		crc = pk_crc32(crc, b);
		at += some;
		n -= some;
	}
	return crc;
}

/* Small members are at hand already, read together with their neighbours. */
static struct pk_source *stored(struct zip_walk *w, uint64_t at, uint64_t size)
{
	const struct pk_zip *z = w->z;

	if (z->peeked && at >= z->peek_at && at - z->peek_at <= z->peek_len &&
	    size <= z->peek_len - (at - z->peek_at))
		return pk_memory_borrow((struct pk_span){
			z->peeked + (at - z->peek_at), (size_t)size });
	return pk_slice_new(w->s->bytes, at, size);
}

static void descend_stored(struct zip_walk *w, const struct part *p,
			   uint64_t size, enum pk_member kind)
{
	(void)pk_descend(w->s, p->name, stored(w, p->data, size), kind);
}

static void read_stored(struct zip_walk *w, const struct part *p)
{
	pk_claim(w->s, p->data, p->csize);
	if (p->usize != p->csize) {
		pk_report(w->s, PK_RULE_ZIP_SIZE_MISMATCH, p->at,
			  "%s is stored as it is, and yet has %llu bytes "
			  "packed and %llu unpacked",
			  show(w, p->name), (unsigned long long)p->csize,
			  (unsigned long long)p->usize);
		descend_stored(w, p, p->usize, p->kind);
	} else if (p->kind == PK_MEMBER_ANY && p->csize <= CRC_MAX &&
		   p->csize <= w->s->bytes->size - p->data) {
		report_checksum(w, p, crc_of(w, p->data, p->csize));
	}
	if (p->csize || !pk_name_is_folder(p->name))
		descend_stored(w, p, p->csize, p->kind);
}

/* Decompresses; a stream that goes on behind its declared end is followed,
 * as readers do that know no sizes yet. */
static struct pk_source *unpack(struct zip_walk *w, const struct part *p,
				enum pk_codec codec, struct pk_streamed *got)
{
	struct pk_streamed more;
	struct pk_source *whole;
	struct pk_source *src = pk_expand(w->s, codec, p->data, p->csize, got);

	if (!src || got->flow != PK_FLOW_CUT ||
	    p->csize >= w->s->bytes->size - p->data)
		return src;
	whole = pk_expand(w->s, codec, p->data, UINT64_MAX, &more);
	if (!whole || more.flow != PK_FLOW_END) {
		pk_source_free(whole);
		return src;
	}
	pk_report(w->s, PK_RULE_ZIP_SIZE_MISMATCH, p->at,
		  "the data of %s go on behind the %llu bytes they should "
		  "have",
		  show(w, p->name), (unsigned long long)p->csize);
	pk_source_free(src);
	*got = more;
	return whole;
}

static void check_unpacked(struct zip_walk *w, const struct part *p,
			   struct pk_source *src, const struct pk_streamed *got)
{
	if (got->flow != PK_FLOW_END) {
		char what[256];

		(void)snprintf(what, sizeof(what), "member %s",
			       show(w, p->name));
		pk_report_expanded(w->s, got, p->at, what);
		pk_claim(w->s, p->data, p->csize);
		return;
	}
	pk_claim(w->s, p->data, got->used - p->data);
	if (src->size != p->usize)
		pk_report(w->s, PK_RULE_ZIP_SIZE_MISMATCH, p->at,
			  "%s unpacks to %llu bytes, not %llu as it says",
			  show(w, p->name), (unsigned long long)src->size,
			  (unsigned long long)p->usize);
	else
		report_checksum(w, p, got->crc);
}

static void read_packed(struct zip_walk *w, const struct part *p)
{
	const enum pk_codec codec = pk_zip_codec(p->method);
	struct pk_streamed got;
	struct pk_source *src;

	if (codec == PK_CODEC_COUNT) {
		pk_partial(w->s);
		pk_report(w->s, PK_RULE_ARCHIVE_UNSUPPORTED, p->at,
			  "%s is packed by method %u", show(w, p->name),
			  p->method);
		pk_claim(w->s, p->data, p->csize);
		descend_stored(w, p, p->csize, PK_MEMBER_RAW);
		return;
	}
	src = unpack(w, p, codec, &got);
	if (!src)
		return;
	check_unpacked(w, p, src, &got);
	if (src->size > p->usize && p->usize && got.flow == PK_FLOW_END)
		(void)pk_descend(w->s, p->name, pk_slice_new(src, 0, p->usize),
				 p->kind); /* what counting readers take */
	(void)pk_descend(w->s, p->name, src, p->kind);
}

static void read_part(struct zip_walk *w, const struct part *p)
{
	pk_name_part(w->s, p->data, p->csize, p->name);
	if (p->method == PK_ZIP_STORED)
		read_stored(w, p);
	else
		read_packed(w, p);
}

/* Marked as encrypted: whether it can be read all the same. */
static bool is_plain(struct zip_walk *w, const struct part *p)
{
	const enum pk_codec codec = pk_zip_codec(p->method);
	struct pk_streamed got;
	struct pk_source *src;

	if (p->method == PK_ZIP_STORED)
		return p->csize <= PLAIN_MAX &&
		       p->csize <= w->s->bytes->size - p->data &&
		       crc_of(w, p->data, p->csize) == p->crc;
	if (codec == PK_CODEC_COUNT)
		return false;
	src = pk_expand(w->s, codec, p->data, p->csize, &got);
	pk_source_free(src);
	return src && got.flow == PK_FLOW_END &&
	       (got.crc == p->crc || got.used == p->data + p->csize);
}

static void read_encrypted(struct zip_walk *w, const struct part *p)
{
	if (p->csize && is_plain(w, p)) {
		pk_report(w->s, PK_RULE_ZIP_FLAG_MISMATCH, p->at,
			  "%s is marked as encrypted, and is not",
			  show(w, p->name));
		read_part(w, p);
		return;
	}
	pk_partial(w->s);
	pk_report(w->s, PK_RULE_ARCHIVE_ENCRYPTED, p->at, "%s is encrypted",
		  show(w, p->name));
	pk_claim(w->s, p->data, p->csize);
	descend_stored(w, p, p->csize, PK_MEMBER_RAW);
}

/* The local header's own reading of method and size, where it differs and
 * makes sense. */
static void read_other(struct zip_walk *w, const struct pk_zip_entry *e,
		       const struct pk_zip_local *l, struct part p)
{
	const enum pk_codec codec = pk_zip_codec(l->method);
	struct pk_streamed got;
	struct pk_source *src;

	if (differs(l, l->csize, e->csize) &&
	    l->csize <= w->s->bytes->size - l->data)
		p.csize = l->csize;
	if (l->method == e->method && p.csize == e->csize)
		return;
	if (l->method == PK_ZIP_STORED) {
		descend_stored(w, &p, p.csize, PK_MEMBER_RAW);
		return;
	}
	if (codec == PK_CODEC_COUNT)
		return;
	src = pk_expand(w->s, codec, l->data, p.csize, &got);
	if (src && src->size)
		(void)pk_descend(w->s, p.name, src, PK_MEMBER_RAW);
	else
		pk_source_free(src);
}

static void check_mode(struct zip_walk *w, const struct pk_zip_entry *e)
{
	const uint32_t type = (e->attrs >> 16) & MODE_TYPE;
	const struct pk_span name = pk_zip_name(e);
	uint8_t target[TARGET_MAX];
	struct pk_source *src;
	size_t n;

	if (type == MODE_LINK) {
		src = pk_zip_member(w->s, e);
		n = src ? pk_source_read(src, 0, target, sizeof(target)) : 0;
		pk_source_free(src);
		pk_check_link(w->s, name, (struct pk_span){ target, n }, false,
			      e->at);
	} else if (type && type != MODE_FILE && type != MODE_FOLDER &&
		   (e->host == 3 || e->host == 19)) {
		pk_report(w->s, PK_RULE_ARCHIVE_SPECIAL_FILE, e->at,
			  "%s is a device, a FIFO or a socket", show(w, name));
	}
}

void zip_read_member(struct zip_walk *w, const struct pk_zip_entry *e,
		     const struct pk_zip_local *l)
{
	const struct part p = {
		.name = pk_zip_name(e),
		.at = l->at,
		.data = l->data,
		.csize = e->csize,
		.usize = e->usize,
		.crc = e->crc,
		.method = e->method,
		.kind = kind_of(w, pk_zip_name(e)),
	};
	const struct pk_zip_local local = *l; /* its spans are not used */

	if (e->attrs >> 16)
		check_mode(w, e);
	if ((e->flags & (PK_ZIP_ENCRYPTED | PK_ZIP_STRONG)) ||
	    e->method == PK_ZIP_AES)
		read_encrypted(w, &p);
	else
		read_part(w, &p);
	read_other(w, e, &local, p);
}
