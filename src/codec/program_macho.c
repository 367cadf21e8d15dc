/* SPDX-License-Identifier: Apache-2.0 */
/* Mach-O and universal files, after Apple's <mach-o/loader.h>, <mach-o/fat.h>
 * and what dyld and the kernel check. */
#include "codec/program.h"
#include "core/cursor.h"

enum {
	HEADER = 32,
	COMMANDS_MAX = 10000,
	SEGMENT_32 = 0x01,
	SEGMENT_64 = 0x19,
	COMMAND = 72, /* of a segment, without its sections */
	TYPE_MAX = 12,
	TYPE_DYLIB = 6,
	TYPE_BUNDLE = 8,
	FAT_MAX = 42, /* a Java class has its version here, 45 or more */
	FAT_ARCH = 32,
};

static const struct pk_machine machines[] = {
	{ 0x00000007, true, "x86" },        { 0x01000007, true, "x86-64" },
	{ 0x0000000c, true, "ARM" },        { 0x0100000c, true, "AArch64" },
	{ 0x0200000c, true, "ARM64_32" },   { 0x00000012, true, "PowerPC" },
	{ 0x01000012, true, "PowerPC 64" }, { 0x01000017, false, "Apple GPU" },
};

struct macho {
	struct pk_source *src;
	uint64_t off;
	bool big, wide;
	uint32_t cpu, type, commands, commands_len;
	uint64_t size;
};

static struct pk_cursor peek(struct pk_source *src, uint64_t at, uint8_t *buf,
			     size_t n)
{
	n = pk_source_read(src, at, buf, n);
	return pk_cursor_over((struct pk_span){ buf, n }, at);
}

static uint32_t get32(const struct macho *m, struct pk_cursor *c)
{
	return m->big ? pk_get_u32be(c) : pk_get_u32le(c);
}

static uint64_t get_word(const struct macho *m, struct pk_cursor *c)
{
	if (!m->wide)
		return get32(m, c);
	return m->big ? pk_get_u64be(c) : pk_get_u64le(c);
}

static bool read_header(struct macho *m)
{
	uint8_t buf[HEADER];
	struct pk_cursor c = peek(m->src, m->off, buf, sizeof(buf));
	const uint32_t magic = pk_get_u32le(&c);

	m->big = magic == 0xcefaedfe || magic == 0xcffaedfe;
	m->wide = magic == 0xfeedfacf || magic == 0xcffaedfe;
	if (!m->big && !m->wide && magic != 0xfeedface)
		return false;
	m->cpu = get32(m, &c);
	(void)get32(m, &c); /* subtype */
	m->type = get32(m, &c);
	m->commands = get32(m, &c);
	m->commands_len = get32(m, &c);
	return pk_cursor_ok(&c) && m->type && m->type <= TYPE_MAX &&
	       m->commands && m->commands <= COMMANDS_MAX &&
	       m->commands_len <= m->src->size - m->off;
}

static void read_segment(struct macho *m, struct pk_cursor *c)
{
	uint64_t off, len, end;

	pk_skip(c, 16); /* name */
	(void)get_word(m, c);
	(void)get_word(m, c);
	off = get_word(m, c);
	len = get_word(m, c);
	if (pk_cursor_ok(c) && !__builtin_add_overflow(off, len, &end) &&
	    end > m->size)
		m->size = end;
}

static bool read_commands(struct macho *m)
{
	uint64_t at = m->wide ? 32 : 28, left = m->commands_len;

	for (uint32_t i = 0; i < m->commands; i++) {
		uint8_t buf[COMMAND];
		struct pk_cursor c =
			peek(m->src, m->off + at, buf, sizeof(buf));
		const uint32_t command = get32(m, &c);
		const uint32_t len = get32(m, &c);

		if (!pk_cursor_ok(&c) || len < 8 || len % 4 || len > left)
			return false;
		if (command == SEGMENT_32 || command == SEGMENT_64)
			read_segment(m, &c);
		at += len;
		left -= len;
	}
	if (at > m->size)
		m->size = at;
	return true;
}

static bool thin_at(struct pk_source *src, uint64_t off, struct pk_program *ret)
{
	struct macho m = { .src = src, .off = off };
	const struct pk_machine *machine;

	if (off > src->size || !read_header(&m))
		return false;
	machine = pk_machine_of(machines,
				sizeof(machines) / sizeof(machines[0]), m.cpu);
	if (!machine || !read_commands(&m))
		return false;
	*ret = (struct pk_program){ .kind = PK_PROGRAM_MACHO,
				    .machine = machine->name,
				    .host = machine->host,
				    .library = m.type == TYPE_DYLIB ||
					       m.type == TYPE_BUNDLE,
				    .size = m.size };
	return true;
}

/* One machine's part of a universal file; its bounds, and what it is. */
static bool part_at(struct pk_source *src, uint64_t off, uint64_t row,
		    bool wide, struct pk_program *ret)
{
	uint8_t buf[FAT_ARCH];
	struct pk_cursor c = peek(src, row, buf, sizeof(buf));
	uint64_t at, len;

	pk_skip(&c, 8); /* machine */
	at = wide ? pk_get_u64be(&c) : pk_get_u32be(&c);
	len = wide ? pk_get_u64be(&c) : pk_get_u32be(&c);
	if (!pk_cursor_ok(&c) || at > src->size - off ||
	    !thin_at(src, off + at, ret) ||
	    __builtin_add_overflow(at, len, &ret->size))
		return false;
	return true;
}

static bool fat_at(struct pk_source *src, uint64_t off, struct pk_program *ret)
{
	uint8_t buf[8];
	struct pk_cursor c = peek(src, off, buf, sizeof(buf));
	const uint32_t magic = pk_get_u32be(&c);
	const uint32_t n = pk_get_u32be(&c);
	const bool wide = magic == 0xcafebabf;
	bool found = false;
	uint64_t size = 0;

	if (!pk_cursor_ok(&c) || (magic != 0xcafebabe && !wide) || !n ||
	    n > FAT_MAX)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		struct pk_program p;

		if (!part_at(src, off, off + 8 + i * (wide ? 32ULL : 20), wide,
			     &p))
			continue;
		if (!found)
			*ret = p;
		found = true;
		size = p.size > size ? p.size : size;
	}
	if (found) {
		ret->kind = PK_PROGRAM_FAT;
		ret->size = size;
	}
	return found;
}

bool pk_macho_at(struct pk_source *src, uint64_t off, struct pk_program *ret)
{
	return thin_at(src, off, ret) || fat_at(src, off, ret);
}

bool pk_program_at(struct pk_source *src, uint64_t off, struct pk_program *ret)
{
	return pk_elf_at(src, off, ret) || pk_pe_at(src, off, ret) ||
	       pk_macho_at(src, off, ret);
}
