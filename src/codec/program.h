/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_PROGRAM_H
#define PK_CODEC_PROGRAM_H

#include "core/source.h"

/*
 * Native programs: what their headers say, once it is certain that they are
 * headers.  Two letters prove nothing; tables that lie within the bytes, sane
 * machines and sane types do.
 */
enum pk_program_kind {
	PK_PROGRAM_ELF,
	PK_PROGRAM_PE,
	PK_PROGRAM_MACHO,
	PK_PROGRAM_FAT, /* Mach-O for several machines */
};

struct pk_program {
	enum pk_program_kind kind;
	const char *machine; /* static: "x86-64" */
	bool host;           /* for a processor, not for a GPU */
	bool library;        /* made to be loaded into a process */
	/* How many bytes its tables account for; may be more than there are:
	 * a system loads what it needs. */
	uint64_t size;
};

/*
 * Each returns whether a program of that kind begins at off, judged as the
 * system's own loader does and no stricter: section headers and checksums
 * that it never looks at may be anything.
 */
bool pk_elf_at(struct pk_source *src, uint64_t off, struct pk_program *ret);
bool pk_pe_at(struct pk_source *src, uint64_t off, struct pk_program *ret);
/* Also universal ("fat") files. */
bool pk_macho_at(struct pk_source *src, uint64_t off, struct pk_program *ret);

/* Any of them. */
bool pk_program_at(struct pk_source *src, uint64_t off, struct pk_program *ret);

/* A number of a program's header and the machine that it stands for. */
struct pk_machine {
	uint32_t id;
	bool host;
	const char *name;
};

/* The row of the table with that number, or NULL. */
static inline const struct pk_machine *
pk_machine_of(const struct pk_machine *table, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++) {
		if (table[i].id == id)
			return &table[i];
	}
	return NULL;
}

#endif
