/* SPDX-License-Identifier: Apache-2.0 */
/* Portable Executable, after Microsoft's PE/COFF specification. */
#include "codec/program.h"
#include "core/cursor.h"

enum {
	DOS_HEADER = 64,
	COFF_HEADER = 24, /* with "PE\0\0" */
	SECTION = 40,
	SECTIONS_MAX = 96, /* Windows refuses more */
	OPTIONAL_MAX = 256,
	IS_EXECUTABLE = 0x0002,
	IS_DLL = 0x2000,
	SECURITY_DIRECTORY = 4, /* the signature, behind all sections */
};

static const struct pk_machine machines[] = {
	{ 0x014c, true, "x86" },     { 0x0166, true, "MIPS" },
	{ 0x01c0, true, "ARM" },     { 0x01c4, true, "ARM" },
	{ 0x0200, true, "Itanium" }, { 0x0ebc, true, "EFI byte code" },
	{ 0x5064, true, "RISC-V" },  { 0x6264, true, "LoongArch" },
	{ 0x8664, true, "x86-64" },  { 0xaa64, true, "AArch64" },
	{ 0xa641, true, "ARM64EC" }, { 0xa64e, true, "ARM64X" },
};

struct pe {
	struct pk_source *src;
	uint64_t off;
	uint64_t header; /* of "PE\0\0", from the program's beginning */
	uint16_t machine, sections, optional, flags;
	uint64_t size;
};

static struct pk_cursor peek(const struct pe *e, uint64_t at, uint8_t *buf,
			     size_t n)
{
	const uint64_t left = e->src->size - e->off;

	n = at < left ? pk_source_read(e->src, e->off + at, buf, n) : 0;
	return pk_cursor_over((struct pk_span){ buf, n }, at);
}

static bool read_dos(struct pe *e)
{
	uint8_t buf[DOS_HEADER];
	struct pk_cursor c = peek(e, 0, buf, sizeof(buf));

	if (!pk_span_eq(pk_get_bytes(&c, 2), PK_LIT("MZ")))
		return false;
	pk_skip(&c, DOS_HEADER - 2 - 4);
	e->header = pk_get_u32le(&c);
	return pk_cursor_ok(&c);
}

static bool read_coff(struct pe *e)
{
	uint8_t buf[COFF_HEADER];
	struct pk_cursor c = peek(e, e->header, buf, sizeof(buf));

	if (!pk_span_eq(pk_get_bytes(&c, 4), PK_LIT("PE\0\0")))
		return false;
	e->machine = pk_get_u16le(&c);
	e->sections = pk_get_u16le(&c);
	pk_skip(&c, 4 + 4 + 4); /* time, symbols */
	e->optional = pk_get_u16le(&c);
	e->flags = pk_get_u16le(&c);
	return pk_cursor_ok(&c) && (e->flags & IS_EXECUTABLE) &&
	       e->sections <= SECTIONS_MAX;
}

static void reach(struct pe *e, uint64_t off, uint64_t len)
{
	if (off + len > e->size) /* both of 32 bits */
		e->size = off + len;
}

static bool read_optional(struct pe *e)
{
	uint8_t buf[OPTIONAL_MAX];
	struct pk_cursor c =
		peek(e, e->header + COFF_HEADER, buf,
		     e->optional < OPTIONAL_MAX ? e->optional : OPTIONAL_MAX);
	const uint16_t magic = pk_get_u16le(&c);
	const uint64_t directories = magic == 0x20b ? 112 : 96;
	uint32_t off, len;

	if (!pk_cursor_ok(&c) || (magic != 0x10b && magic != 0x20b))
		return false;
	pk_skip(&c, directories - 2 + SECURITY_DIRECTORY * 8);
	off = pk_get_u32le(&c);
	len = pk_get_u32le(&c);
	if (pk_cursor_ok(&c))
		reach(e, off, len);
	return true;
}

static bool read_sections(struct pe *e)
{
	const uint64_t table = e->header + COFF_HEADER + e->optional;

	reach(e, table, (uint64_t)e->sections * SECTION);
	for (unsigned i = 0; i < e->sections; i++) {
		uint8_t buf[SECTION];
		struct pk_cursor c =
			peek(e, table + i * SECTION, buf, sizeof(buf));
		uint32_t len, off;

		pk_skip(&c, 8 + 4 + 4); /* name, virtual size and address */
		len = pk_get_u32le(&c);
		off = pk_get_u32le(&c);
		if (!pk_cursor_ok(&c))
			return false;
		reach(e, off, len);
	}
	return true;
}

bool pk_pe_at(struct pk_source *src, uint64_t off, struct pk_program *ret)
{
	struct pe e = { .src = src, .off = off };
	const struct pk_machine *m;

	if (off > src->size || !read_dos(&e) || !read_coff(&e))
		return false;
	m = pk_machine_of(machines, sizeof(machines) / sizeof(machines[0]),
			  e.machine);
	if (!m || !read_optional(&e) || !read_sections(&e))
		return false;
	*ret = (struct pk_program){ .kind = PK_PROGRAM_PE,
				    .machine = m->name,
				    .host = m->host,
				    .library = e.flags & IS_DLL,
				    .size = e.size };
	return true;
}
