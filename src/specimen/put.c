/* SPDX-License-Identifier: Apache-2.0 */
#include "specimen/put.h"

#include <stdio.h>

void pk_put_le(struct pk_buf *b, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		pk_buf_putc(b, (char)(uint8_t)(v >> (8 * i)));
}

void pk_put_be(struct pk_buf *b, uint64_t v, unsigned width)
{
	while (width--)
		pk_buf_putc(b, (char)(uint8_t)(v >> (8 * width)));
}

void pk_put_zeros(struct pk_buf *b, size_t n)
{
	while (n--)
		pk_buf_putc(b, '\0');
}

void pk_put_op(struct pk_buf *b, enum pk_opcode op)
{
	pk_buf_putc(b, (char)(uint8_t)op);
}

void pk_put_proto(struct pk_buf *b, unsigned n)
{
	pk_put_op(b, PK_OP_PROTO);
	pk_put_le(b, n, 1);
}

void pk_put_text(struct pk_buf *b, const char *text)
{
	pk_put_op(b, PK_OP_BINUNICODE);
	pk_put_le(b, strlen(text), 4);
	pk_buf_puts(b, text);
}

void pk_put_short_text(struct pk_buf *b, const char *text)
{
	pk_put_op(b, PK_OP_SHORT_BINUNICODE);
	pk_put_le(b, strlen(text), 1);
	pk_buf_puts(b, text);
}

void pk_put_int(struct pk_buf *b, uint8_t v)
{
	pk_put_op(b, PK_OP_BININT1);
	pk_put_le(b, v, 1);
}

void pk_put_global(struct pk_buf *b, const char *module, const char *name)
{
	pk_put_op(b, PK_OP_GLOBAL);
	pk_buf_printf(b, "%s\n%s\n", module, name);
}

void pk_put_stack_global(struct pk_buf *b, const char *module, const char *name)
{
	pk_put_short_text(b, module);
	pk_put_short_text(b, name);
	pk_put_op(b, PK_OP_STACK_GLOBAL);
}

void pk_put_call(struct pk_buf *b)
{
	pk_put_op(b, PK_OP_TUPLE1);
	pk_put_op(b, PK_OP_REDUCE);
}

void pk_put_attack(struct pk_buf *b)
{
	/* The name of Python 2, which Python 3 maps below protocol 3, would
	 * fail above it; this one is the same in all. */
	pk_put_global(b, "builtins", "exec");
	pk_put_text(b, PK_CANARY_SOURCE);
	pk_put_call(b);
}

void pk_put_stealthy(struct pk_buf *b)
{
	pk_put_proto(b, 2);
	pk_put_attack(b);
	pk_put_op(b, PK_OP_POP);
	pk_put_op(b, PK_OP_EMPTY_LIST);
	pk_put_op(b, PK_OP_MARK);
	pk_put_int(b, 1);
	pk_put_int(b, 2);
	pk_put_op(b, PK_OP_APPENDS);
	pk_put_op(b, PK_OP_STOP);
}

/* ---- checksums ---- */

static uint32_t crc32(struct pk_span s)
{
	uint32_t crc = ~0U;

	for (size_t i = 0; i < s.len; i++) {
		crc ^= s.p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
	}
	return ~crc;
}

static uint32_t adler32(struct pk_span s)
{
	uint32_t a = 1, b = 0;

	for (size_t i = 0; i < s.len; i++) {
		a = (a + s.p[i]) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}

/* ---- zip ---- */

/* What the local header and the directory record have in common. */
static void put_zip_fields(struct pk_buf *b, const struct pk_put_member *m,
			   const char *name)
{
	enum { VERSION = 20, DATE = 0x21 };

	pk_put_le(b, VERSION, 2);
	pk_put_le(b, m->flags, 2);
	pk_put_le(b, 0, 2); /* stored */
	pk_put_le(b, 0, 2);
	pk_put_le(b, DATE, 2);
	pk_put_le(b, crc32(m->data), 4);
	pk_put_le(b, m->data.len, 4);
	pk_put_le(b, m->data.len, 4);
	pk_put_le(b, strlen(name), 2);
	pk_put_le(b, 0, 2); /* no extra fields */
}

static void put_local(struct pk_buf *b, const struct pk_put_member *m)
{
	const char *name = m->local_name ? m->local_name : m->name;

	pk_buf_puts(b, "PK\3\4");
	put_zip_fields(b, m, name);
	pk_buf_puts(b, name);
	pk_buf_put(b, m->data.p, m->data.len);
}

static void put_record(struct pk_buf *b, const struct pk_put_member *m,
		       size_t at)
{
	enum { MADE_BY = 20 };

	pk_buf_puts(b, "PK\1\2");
	pk_put_le(b, MADE_BY, 2);
	put_zip_fields(b, m, m->name);
	pk_put_zeros(b, 2 + 2 + 2 + 4); /* comment, disk, attributes */
	pk_put_le(b, at, 4);
	pk_buf_puts(b, m->name);
}

void pk_put_zip(struct pk_buf *b, const struct pk_put_member *m, size_t n)
{
	enum { MEMBERS_MAX = 16 };
	size_t at[MEMBERS_MAX], listed = 0, directory;
	const size_t start = b->len;

	for (size_t i = 0; i < n && i < MEMBERS_MAX; i++) {
		at[i] = b->len - start;
		put_local(b, &m[i]);
	}
	directory = b->len;
	for (size_t i = 0; i < n && i < MEMBERS_MAX; i++) {
		if (m[i].orphan)
			continue;
		put_record(b, &m[i], at[i]);
		listed++;
	}
	pk_put_le(b, 0x06054b50, 4);
	pk_put_zeros(b, 4);
	pk_put_le(b, listed, 2);
	pk_put_le(b, listed, 2);
	pk_put_le(b, b->len - 12 - directory, 4);
	pk_put_le(b, directory - start, 4);
	pk_put_zeros(b, 2);
}

/* ---- tar ---- */

enum { TAR_BLOCK = 512 };

static void put_padded(struct pk_buf *b, const char *text, size_t width)
{
	const size_t n = strlen(text);

	pk_buf_put(b, text, n < width ? n : width);
	pk_put_zeros(b, n < width ? width - n : 0);
}

void pk_put_tar(struct pk_buf *b, const char *name, const char *link,
		struct pk_span data)
{
	enum { SUM_AT = 148, SUM_WIDTH = 8 };
	const size_t start = b->len;
	unsigned sum = 0;
	char text[16];

	put_padded(b, name, 100);
	put_padded(b, "0000644", 8);
	put_padded(b, "0000000", 8);
	put_padded(b, "0000000", 8);
	pk_buf_printf(b, "%011zo", data.len);
	pk_buf_putc(b, '\0');
	put_padded(b, "00000000000", 12);
	pk_buf_puts(b, "        "); /* the sum, counted as blanks */
	pk_buf_putc(b, link ? '2' : '0');
	put_padded(b, link ? link : "", 100);
	pk_buf_put(b, "ustar\00000", 8);
	pk_put_zeros(b, TAR_BLOCK - (b->len - start));
	if (b->failed)
		return;
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (uint8_t)b->p[start + i];
	(void)snprintf(text, sizeof(text), "%06o", sum);
	memcpy(b->p + start + SUM_AT, text, SUM_WIDTH - 1);
	pk_buf_put(b, data.p, data.len);
	pk_put_zeros(b, (TAR_BLOCK - data.len % TAR_BLOCK) % TAR_BLOCK);
}

void pk_put_tar_end(struct pk_buf *b)
{
	pk_put_zeros(b, (size_t)2 * TAR_BLOCK);
}

/* ---- compressed ---- */

/* RFC 1951, one stored block. */
static void put_stored(struct pk_buf *b, struct pk_span data)
{
	pk_put_le(b, 1, 1);
	pk_put_le(b, data.len, 2);
	pk_put_le(b, ~(uint64_t)data.len, 2);
	pk_buf_put(b, data.p, data.len);
}

void pk_put_gzip(struct pk_buf *b, struct pk_span data)
{
	pk_buf_put(b, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
	put_stored(b, data);
	pk_put_le(b, crc32(data), 4);
	pk_put_le(b, data.len, 4);
}

void pk_put_zlib(struct pk_buf *b, struct pk_span data)
{
	pk_buf_put(b, "\x78\x01", 2);
	put_stored(b, data);
	pk_put_be(b, adler32(data), 4);
}

/* RFC 8878: one segment of at most 255 bytes, one raw block. */
void pk_put_zstd(struct pk_buf *b, struct pk_span data)
{
	pk_buf_put(b, "\x28\xb5\x2f\xfd\x20", 5);
	pk_put_le(b, data.len, 1);
	pk_put_le(b, data.len << 3 | 1, 3);
	pk_buf_put(b, data.p, data.len);
}

/* An LZ4 frame of independent blocks, without checksums. */
void pk_put_lz4(struct pk_buf *b, struct pk_span data)
{
	pk_buf_put(b, "\x04\x22\x4d\x18\x60\x40\x82", 7);
	pk_put_le(b, data.len | 0x80000000U, 4);
	pk_buf_put(b, data.p, data.len);
	pk_put_le(b, 0, 4);
}

void pk_put_npy(struct pk_buf *b, const char *descr, const char *shape)
{
	enum { ALIGN = 64, PREFIX = 10 };
	struct pk_buf text = { 0 };

	pk_buf_printf(&text,
		      "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
		      descr, shape);
	while ((PREFIX + text.len + 1) % ALIGN)
		pk_buf_putc(&text, ' ');
	pk_buf_put(b, "\x93NUMPY\x01\0", 8);
	pk_put_le(b, text.len + 1, 2);
	pk_buf_put(b, text.p, text.len);
	pk_buf_putc(b, '\n');
	pk_buf_release(&text);
}
