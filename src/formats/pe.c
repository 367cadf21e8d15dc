/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs and libraries of Windows: a DOS header that leads to "PE\0\0".
 *
 * What can hurt: whoever loads or runs it runs it.
 */
#include "analyze/program.h"

static const struct pk_span pe_begins[] = {
	PK_LIT_INIT("MZ"),
	{ 0 },
};

static void pe_scan(struct pk_scan *s)
{
	pk_native_scan(s, pk_pe_at);
}

static enum pk_match pe_probe(const struct pk_head *head)
{
	return pk_span_starts(head->bytes, pe_begins[0]) ? PK_MATCH_LIKELY
							 : PK_MATCH_NO;
}

const struct pk_format pk_format_pe = {
	.name = "pe",
	.title = "Windows program",
	.reads = "that it is one: headers and tables; not its code",
	.risk = PK_RISK_CODE,
	.rank = 5,
	.no_model = true,
	.begins = pe_begins,
	.probe = pe_probe,
	.scan = pe_scan,
};
