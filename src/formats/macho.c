/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs and libraries of macOS and iOS, for one machine or several.
 *
 * What can hurt: whoever loads or runs it runs it.
 */
#include "analyze/program.h"

static const struct pk_span macho_begins[] = {
	PK_LIT_INIT("\xcf\xfa\xed\xfe"),
	PK_LIT_INIT("\xce\xfa\xed\xfe"),
	PK_LIT_INIT("\xfe\xed\xfa\xcf"),
	PK_LIT_INIT("\xfe\xed\xfa\xce"),
	PK_LIT_INIT("\xca\xfe\xba\xbe"),
	PK_LIT_INIT("\xca\xfe\xba\xbf"),
	{ 0 },
};

static void macho_scan(struct pk_scan *s)
{
	pk_native_scan(s, pk_macho_at);
}

static enum pk_match macho_probe(const struct pk_head *head)
{
	for (const struct pk_span *b = macho_begins; b->len; b++) {
		if (pk_span_starts(head->bytes, *b))
			return PK_MATCH_LIKELY;
	}
	return PK_MATCH_NO;
}

const struct pk_format pk_format_macho = {
	.name = "mach-o",
	.title = "Mach-O program",
	.reads = "that it is one: headers and tables; not its code",
	.risk = PK_RISK_CODE,
	.rank = 5,
	.no_model = true,
	.begins = macho_begins,
	.probe = macho_probe,
	.scan = macho_scan,
};
