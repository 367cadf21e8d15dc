/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs and libraries of Linux and other systems (System V gABI).
 *
 * What can hurt: whoever loads or runs it runs it.
 */
#include "analyze/program.h"

static const struct pk_span elf_begins[] = {
	PK_LIT_INIT("\x7f\x45LF"),
	{ 0 },
};

static void elf_scan(struct pk_scan *s)
{
	pk_native_scan(s, pk_elf_at);
}

static enum pk_match elf_probe(const struct pk_head *head)
{
	return pk_span_starts(head->bytes, elf_begins[0]) ? PK_MATCH_LIKELY
							  : PK_MATCH_NO;
}

const struct pk_format pk_format_elf = {
	.name = "elf",
	.title = "ELF program",
	.reads = "that it is one: headers and tables; not its code",
	.risk = PK_RISK_CODE,
	.rank = 5,
	.no_model = true,
	.begins = elf_begins,
	.probe = elf_probe,
	.scan = elf_scan,
};
