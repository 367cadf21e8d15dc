/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "asm.h"

static const char *local_name(const char **rest, struct asm_member *m)
{
	struct asm_value v;
	const char *wrong;

	*rest += strspn(*rest, " \t");
	if (strncmp(*rest, "local=", 6) != 0) {
		pk_buf_put(&m->local, m->name.p, m->name.len);
		return NULL;
	}
	*rest += 6;
	wrong = asm_value(rest, &v);
	m->local = v.text;
	*rest += strspn(*rest, " \t");
	return wrong;
}

const char *asm_zip_member(struct asm_zip *z, const char *rest)
{
	struct asm_member *m = &z->members[z->count];
	struct asm_value v;
	const char *wrong;

	if (z->count == ASM_MEMBERS_MAX)
		return "too many members";
	wrong = asm_value(&rest, &v);
	z->count++;
	m->name = v.text;
	if (wrong || !v.is_text)
		return wrong ? wrong : "a member's name is a \"text\"";
	wrong = local_name(&rest, m);
	if (strcmp(rest, "deflate") == 0)
		m->method = 8;
	else if (*rest && !wrong)
		wrong = "after the name: local=\"NAME\", deflate";
	return wrong;
}

struct pk_buf *asm_zip_data(struct asm_zip *z)
{
	return z->count ? &z->members[z->count - 1].data : NULL;
}

static const char *deflated(struct asm_member *m, struct pk_buf *out)
{
	static Bytef bytes[1 << 20];
	z_stream s = { 0 };
	int rc;

	if (deflateInit2(&s, 9, Z_DEFLATED, -15, 8, 0) != Z_OK)
		return "zlib refuses";
	s.next_in = (Bytef *)m->data.p;
	s.avail_in = (uInt)m->data.len;
	s.next_out = bytes;
	s.avail_out = sizeof(bytes);
	rc = deflate(&s, Z_FINISH);
	pk_buf_put(out, bytes, s.total_out);
	(void)deflateEnd(&s);
	return rc == Z_STREAM_END ? NULL : "a member too large to deflate";
}

/* What local and central headers share: version to extra length. */
static void header(const struct asm_member *m, size_t packed, size_t name_len,
		   struct pk_buf *out)
{
	const struct pk_span data = pk_buf_span(&m->data);

	asm_le(out, 20, 2);
	asm_le(out, 0, 2);
	asm_le(out, m->method, 2);
	asm_le(out, 0x00210000, 4); /* 1980-01-01 00:00 */
	asm_le(out, data.len ? crc32(0, data.p, (uInt)data.len) : 0, 4);
	asm_le(out, packed, 4);
	asm_le(out, data.len, 4);
	asm_le(out, name_len, 2);
	asm_le(out, 0, 2);
}

static const char *write_member(struct asm_member *m, size_t base,
				struct pk_buf *out, struct pk_buf *central)
{
	const size_t at = out->len - base;
	struct pk_buf packed = { 0 };
	const char *wrong = NULL;

	if (m->method)
		wrong = deflated(m, &packed);
	else
		pk_buf_put(&packed, m->data.p, m->data.len);
	pk_buf_puts(out, "PK\x03\x04");
	header(m, packed.len, m->local.len, out);
	pk_buf_put(out, m->local.p, m->local.len);
	pk_buf_put(out, packed.p, packed.len);

	pk_buf_puts(central, "PK\x01\x02");
	asm_le(central, 20, 2);
	header(m, packed.len, m->name.len, central);
	asm_le(central, 0, 10); /* comment, disk, attributes */
	asm_le(central, at, 4);
	pk_buf_put(central, m->name.p, m->name.len);
	pk_buf_release(&packed);
	return wrong;
}

const char *asm_zip_write(struct asm_zip *z, struct pk_buf *out)
{
	const size_t base = out->len;
	struct pk_buf central = { 0 };
	const char *wrong = NULL;
	size_t at;

	for (unsigned i = 0; i < z->count && !wrong; i++)
		wrong = write_member(&z->members[i], base, out, &central);
	at = out->len - base;
	pk_buf_put(out, central.p, central.len);
	pk_buf_puts(out, "PK\x05\x06");
	asm_le(out, 0, 4);
	asm_le(out, z->count, 2);
	asm_le(out, z->count, 2);
	asm_le(out, central.len, 4);
	asm_le(out, at, 4);
	asm_le(out, 0, 2);
	pk_buf_release(&central);
	return wrong;
}

void asm_zip_release(struct asm_zip *z)
{
	for (unsigned i = 0; i < z->count; i++) {
		pk_buf_release(&z->members[i].name);
		pk_buf_release(&z->members[i].local);
		pk_buf_release(&z->members[i].data);
	}
	*z = (struct asm_zip){ 0 };
}
