/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Python pickles: streams of opcodes that an unpickler executes; several may
 * follow one another.
 *
 *   stream = [PROTO] [FRAME] opcode... STOP
 *
 * What can hurt: every import and every call of it is the author's choice.
 */
#include "analyze/pickle_scan.h"
#include "engine/format.h"

static void pickle_scan(struct pk_scan *s)
{
	struct pk_pickle_job p = { .stop = s->bytes->size };

	if (!pk_pickle_recognise(s, 0, p.stop)) {
		pk_reject(s);
		return;
	}
	pk_pickle_scan(s, &p);
	if (p.arrays)
		pk_note_format(s, "joblib");
}

static enum pk_match pickle_probe(const struct pk_head *head)
{
	/* To torch and NumPy this is a zip; to an unpickler it starts with a
	 * persistent id of text, which all refuse. */
	if (pk_span_starts(head->bytes, PK_LIT("PK\3\4")))
		return PK_MATCH_NO;
	/* Text, and many a magic, begins with a legal opcode: a closer look
	 * is taken in any case. */
	return head->bytes.len && pk_op_infos[head->bytes.p[0]].name
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

static const struct pk_span pickle_begins[] = {
	PK_LIT_INIT("\x80\x02"),
	PK_LIT_INIT("\x80\x03"),
	PK_LIT_INIT("\x80\x04"),
	PK_LIT_INIT("\x80\x05"),
	{ 0 },
};

const struct pk_format pk_format_pickle = {
	.name = "pickle",
	.title = "Python pickle",
	.reads = "every opcode, import and call, as every unpickler would",
	.risk = PK_RISK_CODE,
	.rank = 10,
	.begins = pickle_begins,
	.probe = pickle_probe,
	.scan = pickle_scan,
};
