/* SPDX-License-Identifier: Apache-2.0 */
/* ELF, after the System V gABI, as the Linux kernel and ld.so read it. */
#include "codec/program.h"
#include "core/cursor.h"

enum {
	ET_REL = 1,
	ET_EXEC = 2,
	ET_DYN = 3,
	PT_LOAD = 1,
	SHT_NOBITS = 8,
	EHDR_MAX = 64,
	ENTRY_MAX = 64,
	ENTRIES_MAX = 4096, /* more are legal; the first tell enough */
};

static const struct pk_machine machines[] = {
	{ 2, true, "SPARC" },       { 3, true, "x86" },
	{ 8, true, "MIPS" },        { 20, true, "PowerPC" },
	{ 21, true, "PowerPC 64" }, { 22, true, "S/390" },
	{ 40, true, "ARM" },        { 42, true, "SuperH" },
	{ 43, true, "SPARC V9" },   { 50, true, "Itanium" },
	{ 62, true, "x86-64" },     { 93, true, "ARC" },
	{ 94, true, "Xtensa" },     { 164, false, "Hexagon" },
	{ 183, true, "AArch64" },   { 190, false, "CUDA" },
	{ 195, true, "ARC" },       { 224, false, "AMD GPU" },
	{ 243, true, "RISC-V" },    { 247, false, "eBPF" },
	{ 258, true, "LoongArch" },
};

struct elf {
	struct pk_source *src;
	uint64_t off;
	bool big;
	bool wide; /* 64 bits */
	uint64_t phoff, shoff;
	uint16_t type, machine, phentsize, phnum, shentsize, shnum;
	uint64_t size;
	bool loads; /* a PT_LOAD that lies within the bytes */
};

static uint16_t get16(const struct elf *e, struct pk_cursor *c)
{
	return e->big ? pk_get_u16be(c) : pk_get_u16le(c);
}

static uint32_t get32(const struct elf *e, struct pk_cursor *c)
{
	return e->big ? pk_get_u32be(c) : pk_get_u32le(c);
}

static uint64_t get_word(const struct elf *e, struct pk_cursor *c)
{
	if (!e->wide)
		return get32(e, c);
	return e->big ? pk_get_u64be(c) : pk_get_u64le(c);
}

/* Up to n bytes at an offset of the program, in the caller's memory. */
static struct pk_cursor peek(const struct elf *e, uint64_t at, uint8_t *buf,
			     size_t n)
{
	const uint64_t left = e->src->size - e->off;

	n = at < left ? pk_source_read(e->src, e->off + at, buf, n) : 0;
	return pk_cursor_over((struct pk_span){ buf, n }, at);
}

/* The kernel never looks at class and byte order of what it runs: anything
 * but the other value is taken for the usual one. */
static bool read_header(struct elf *e)
{
	uint8_t buf[EHDR_MAX];
	struct pk_cursor c = peek(e, 0, buf, sizeof(buf));

	if (!pk_span_eq(pk_get_bytes(&c, 4), PK_LIT("\x7f\x45LF")))
		return false;
	e->wide = pk_get_u8(&c) != 1;
	e->big = pk_get_u8(&c) == 2;
	pk_skip(&c, 10);
	e->type = get16(e, &c);
	e->machine = get16(e, &c);
	pk_skip(&c, 4);        /* version */
	(void)get_word(e, &c); /* entry */
	e->phoff = get_word(e, &c);
	e->shoff = get_word(e, &c);
	pk_skip(&c, 4 + 2); /* flags, size of this header */
	e->phentsize = get16(e, &c);
	e->phnum = get16(e, &c);
	e->shentsize = get16(e, &c);
	e->shnum = get16(e, &c);
	return pk_cursor_ok(&c);
}

static void reach(struct elf *e, uint64_t off, uint64_t len)
{
	uint64_t end;

	if (!__builtin_add_overflow(off, len, &end) && end > e->size)
		e->size = end;
}

static bool table_fits(const struct elf *e, uint64_t off, uint16_t n,
		       uint16_t each)
{
	const uint64_t left = e->src->size - e->off;
	const uint64_t len = (uint64_t)n * each;

	return off <= left && len <= left - off;
}

static void read_segment(struct elf *e, unsigned i)
{
	uint8_t buf[ENTRY_MAX];
	struct pk_cursor c = peek(e, e->phoff + (uint64_t)i * e->phentsize, buf,
				  e->phentsize);
	uint64_t off, len;
	uint32_t type = get32(e, &c);

	if (e->wide)
		pk_skip(&c, 4); /* flags */
	off = get_word(e, &c);
	(void)get_word(e, &c); /* address */
	(void)get_word(e, &c);
	len = get_word(e, &c);
	if (!pk_cursor_ok(&c))
		return;
	reach(e, off, len);
	e->loads |= type == PT_LOAD && off <= e->src->size - e->off;
}

static void read_section(struct elf *e, unsigned i)
{
	uint8_t buf[ENTRY_MAX];
	struct pk_cursor c = peek(e, e->shoff + (uint64_t)i * e->shentsize, buf,
				  e->shentsize);
	uint64_t off, len;
	uint32_t type;

	pk_skip(&c, 4); /* name */
	type = get32(e, &c);
	(void)get_word(e, &c); /* flags, address */
	(void)get_word(e, &c);
	off = get_word(e, &c);
	len = get_word(e, &c);
	if (pk_cursor_ok(&c) && type && type != SHT_NOBITS)
		reach(e, off, len);
}

static bool read_segments(struct elf *e)
{
	if (!e->phnum || e->phentsize != (e->wide ? 56 : 32) ||
	    !table_fits(e, e->phoff, e->phnum, e->phentsize))
		return false;
	reach(e, e->phoff, (uint64_t)e->phnum * e->phentsize);
	for (unsigned i = 0; i < e->phnum && i < ENTRIES_MAX; i++)
		read_segment(e, i);
	return e->loads;
}

static bool read_sections(struct elf *e)
{
	if (!e->shnum || e->shentsize != (e->wide ? 64 : 40) ||
	    !table_fits(e, e->shoff, e->shnum, e->shentsize))
		return false;
	reach(e, e->shoff, (uint64_t)e->shnum * e->shentsize);
	for (unsigned i = 0; i < e->shnum && i < ENTRIES_MAX; i++)
		read_section(e, i);
	return true;
}

bool pk_elf_at(struct pk_source *src, uint64_t off, struct pk_program *ret)
{
	struct elf e = { .src = src, .off = off };
	const struct pk_machine *m;
	bool segments, sections;

	if (off > src->size || !read_header(&e) || e.type < ET_REL ||
	    e.type > ET_DYN)
		return false;
	m = pk_machine_of(machines, sizeof(machines) / sizeof(machines[0]),
			  e.machine);
	if (!m)
		return false;
	segments = read_segments(&e);
	sections = read_sections(&e);
	if (!segments && !(sections && (e.type == ET_REL || !m->host)))
		return false;
	*ret = (struct pk_program){ .kind = PK_PROGRAM_ELF,
				    .machine = m->name,
				    .host = m->host,
				    .library = e.type == ET_DYN,
				    .size = e.size };
	return true;
}
