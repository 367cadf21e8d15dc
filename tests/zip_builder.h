/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TESTS_ZIP_BUILDER_H
#define PK_TESTS_ZIP_BUILDER_H

#define ZLIB_CONST
#include <zlib.h>

#include "support.h"

/*
 * Writes zips, honest or not, piece by piece.  A member says what is to be
 * different from an honest one: names and methods by themselves, numbers by
 * how far they are off.
 */
struct t_member {
	const char *name;
	struct pk_span raw_name; /* instead of name, to hold a NUL */
	const char *local_name;
	struct pk_span data;
	struct pk_span local_extra;
	struct pk_span extra;
	uint16_t method; /* 8 packs the data */
	uint16_t local_method_xor;
	uint16_t flags;
	uint16_t local_flags_xor;
	uint32_t crc_xor; /* of both headers */
	uint32_t attrs;   /* Unix mode << 16 */
	int csize_plus;   /* of the directory record */
	int usize_plus;
	int local_csize_plus;
	int local_usize_plus;
	bool streamed;   /* zeros in the header, sizes behind the data */
	bool bare;       /* the descriptor has no signature */
	bool wide;       /* and 8-byte sizes */
	bool lone;       /* not in the directory */
	bool ghost;      /* in the directory only */
	bool again;      /* points to the header of the member before */
	int offset_plus; /* of the directory record */
};

struct t_zip {
	uint8_t p[1 << 18];
	size_t n;
	struct {
		struct t_member m;
		uint32_t crc, csize, usize, at;
	} list[64];
	size_t members;
	size_t dir, dir_len, records;
};

static inline void z_put(struct t_zip *z, const void *bytes, size_t n)
{
	assert_true(n <= sizeof(z->p) - z->n);
	if (n)
		memcpy(z->p + z->n, bytes, n);
	z->n += n;
}

static inline void z_le(struct t_zip *z, uint64_t v, unsigned width)
{
	while (width--) {
		z_put(z, &(uint8_t){ (uint8_t)v }, 1);
		v >>= 8;
	}
}

static inline struct pk_span z_text(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, s ? strlen(s) : 0 };
}

static inline struct pk_span z_name_of(const struct t_member *m)
{
	return m->raw_name.p ? m->raw_name : z_text(m->name);
}

static inline struct pk_span z_pack(struct pk_span data)
{
	static uint8_t buf[1 << 16];
	z_stream s = { .next_in = data.p, .avail_in = (uInt)data.len };

	s.next_out = buf;
	s.avail_out = sizeof(buf);
	assert_int_equal(deflateInit2(&s, 9, Z_DEFLATED, -15, 8, 0), Z_OK);
	assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
	(void)deflateEnd(&s);
	return (struct pk_span){ buf, sizeof(buf) - s.avail_out };
}

/* Local header, data and descriptor of a member. */
static inline void z_add(struct t_zip *z, struct t_member m)
{
	const struct pk_span name =
		m.local_name ? z_text(m.local_name) : z_name_of(&m);
	const struct pk_span data = m.method == 8 ? z_pack(m.data) : m.data;
	const uint32_t crc =
		(uint32_t)crc32_z(0, m.data.p, m.data.len) ^ m.crc_xor;
	const uint32_t csize = (uint32_t)data.len, usize = (uint32_t)m.data.len;
	const size_t i = z->members++;

	z->list[i].m = m;
	z->list[i].crc = crc;
	z->list[i].csize = csize;
	z->list[i].usize = usize;
	z->list[i].at = m.again ? z->list[i - 1].at : (uint32_t)z->n;
	if (m.ghost || m.again)
		return;
	z_le(z, 0x04034b50, 4);
	z_le(z, 20, 2);
	z_le(z, (m.flags | (m.streamed ? 8U : 0U)) ^ m.local_flags_xor, 2);
	z_le(z, m.method ^ m.local_method_xor, 2);
	z_le(z, 0, 4);
	z_le(z, m.streamed ? 0 : crc, 4);
	z_le(z, (m.streamed ? 0 : csize) + (uint32_t)m.local_csize_plus, 4);
	z_le(z, (m.streamed ? 0 : usize) + (uint32_t)m.local_usize_plus, 4);
	z_le(z, name.len, 2);
	z_le(z, m.local_extra.len, 2);
	z_put(z, name.p, name.len);
	z_put(z, m.local_extra.p, m.local_extra.len);
	z_put(z, data.p, data.len);
	if (!m.streamed)
		return;
	if (!m.bare)
		z_le(z, 0x08074b50, 4);
	z_le(z, crc, 4);
	z_le(z, csize, m.wide ? 8 : 4);
	z_le(z, usize, m.wide ? 8 : 4);
}

/* The directory of all members added so far. */
static inline void z_directory(struct t_zip *z)
{
	z->dir = z->n;
	z->records = 0;
	for (size_t i = 0; i < z->members; i++) {
		const struct t_member *m = &z->list[i].m;
		const struct pk_span name = z_name_of(m);

		if (m->lone)
			continue;
		z->records++;
		z_le(z, 0x02014b50, 4);
		z_le(z, 0x0314, 2);
		z_le(z, 20, 2);
		z_le(z, m->flags | (m->streamed ? 8U : 0U), 2);
		z_le(z, m->method, 2);
		z_le(z, 0, 4);
		z_le(z, z->list[i].crc, 4);
		z_le(z, z->list[i].csize + (uint32_t)m->csize_plus, 4);
		z_le(z, z->list[i].usize + (uint32_t)m->usize_plus, 4);
		z_le(z, name.len, 2);
		z_le(z, m->extra.len, 2);
		z_le(z, 0, 2 + 2 + 2);
		z_le(z, m->attrs, 4);
		z_le(z, z->list[i].at + (uint32_t)m->offset_plus, 4);
		z_put(z, name.p, name.len);
		z_put(z, m->extra.p, m->extra.len);
	}
	z->dir_len = z->n - z->dir;
}

/* An end record that says these things; the comment follows by z_put(). */
static inline void z_end_as(struct t_zip *z, size_t records, size_t len,
			    size_t dir, size_t comment)
{
	z_le(z, 0x06054b50, 4);
	z_le(z, 0, 4);
	z_le(z, records, 2);
	z_le(z, records, 2);
	z_le(z, len, 4);
	z_le(z, dir, 4);
	z_le(z, comment, 2);
}

/* Zip64 end record and locator. */
static inline void z_end64(struct t_zip *z, size_t records, size_t len,
			   size_t dir)
{
	const size_t at = z->n;

	z_le(z, 0x06064b50, 4);
	z_le(z, 44, 8);
	z_le(z, 45, 2);
	z_le(z, 45, 2);
	z_le(z, 0, 4 + 4);
	z_le(z, records, 8);
	z_le(z, records, 8);
	z_le(z, len, 8);
	z_le(z, dir, 8);
	z_le(z, 0x07064b50, 4);
	z_le(z, 0, 4);
	z_le(z, at, 8);
	z_le(z, 1, 4);
}

/* The directory and an honest end. */
static inline struct pk_span z_close(struct t_zip *z)
{
	z_directory(z);
	z_end_as(z, z->records, z->dir_len, z->dir, 0);
	return (struct pk_span){ z->p, z->n };
}

/* A new, empty one in static memory. */
static inline struct t_zip *z_new(void)
{
	static struct t_zip z;

	memset(&z, 0, sizeof(z));
	return &z;
}

#endif
