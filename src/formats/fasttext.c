/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fastText (.bin, .ftz): magic | version | arguments | dictionary | input
 * matrix | output matrix; a matrix is plain or quantised (src/fasttext.cc).
 *
 * Nothing in it names code.  What can hurt: counts beyond the file.
 */
#include "engine/format.h"
#include "engine/note.h"

enum {
	MAGIC = 793712314,
	ARGUMENTS = 12, /* of int32; a double follows */
	ENTRY_MIN = 10, /* an empty word, its count, its type */
	CENTROIDS = 256,
};

static void read_word(struct pk_cursor *c)
{
	while (pk_cursor_ok(c) && pk_get_u8(c) != 0)
		;
}

static void read_dictionary(struct pk_scan *s, struct pk_cursor *c)
{
	const uint32_t size = pk_get_u32le(c);
	int64_t pruned;

	pk_note_number(s, "fasttext.words", pk_get_u32le(c));
	pk_note_number(s, "fasttext.labels", pk_get_u32le(c));
	pk_skip(c, 8);
	pruned = (int64_t)pk_get_u64le(c);
	if (!pk_cursor_fits(c, size, ENTRY_MIN))
		return;
	for (uint32_t i = 0; i < size && pk_cursor_ok(c); i++) {
		read_word(c);
		pk_skip(c, 9);
		if (i % 4096 == 0 && pk_out_of_budget(s))
			return;
	}
	if (pruned > 0 && pk_cursor_fits(c, (uint64_t)pruned, 8))
		pk_skip(c, (uint64_t)pruned * 8);
}

static void read_quantizer(struct pk_cursor *c)
{
	const uint32_t dims = pk_get_u32le(c);

	pk_skip(c, 12);
	if (pk_cursor_fits(c, dims, CENTROIDS * 4))
		pk_skip(c, (uint64_t)dims * CENTROIDS * 4);
}

static void read_quantised(struct pk_cursor *c)
{
	const bool norms = pk_get_u8(c) != 0;
	const uint64_t rows = pk_get_u64le(c);
	uint32_t codes;

	pk_skip(c, 8);
	codes = pk_get_u32le(c);
	pk_skip(c, codes);
	read_quantizer(c);
	if (!norms)
		return;
	pk_skip(c, rows);
	read_quantizer(c);
}

static void read_matrix(struct pk_scan *s, struct pk_cursor *c,
			const char *name)
{
	const bool quantised = pk_get_u8(c) != 0;
	uint64_t shape[2], n;
	struct pk_tensor_note note = {
		.name = { (const uint8_t *)name, strlen(name) },
		.dtype = PK_LIT("F32"),
		.shape = shape,
		.rank = 2,
		.placed = true,
	};

	if (quantised) {
		read_quantised(c);
		return;
	}
	shape[0] = pk_get_u64le(c);
	shape[1] = pk_get_u64le(c);
	if (__builtin_mul_overflow(shape[0], shape[1], &n) ||
	    !pk_cursor_fits(c, n, 4)) {
		pk_cursor_fail(c, PK_FAULT_RANGE);
		return;
	}
	note.off = c->off;
	note.bytes = n * 4;
	pk_note_tensor(s, &note);
	pk_skip(c, n * 4);
}

static void fasttext_scan(struct pk_scan *s)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);

	pk_skip(&c, 8 + ARGUMENTS * 4 + 8);
	read_dictionary(s, &c);
	read_matrix(s, &c, "input");
	read_matrix(s, &c, "output");
	pk_report_fault(s, PK_RULE_FASTTEXT_MALFORMED, &c, "the model");
	if (pk_cursor_ok(&c))
		pk_claim(s, 0, c.off);
	else
		s->job->facts |= PK_FACT_REFUSED;
}

static enum pk_match fasttext_probe(const struct pk_head *head)
{
	struct pk_cursor c = pk_cursor_over(head->bytes, 0);
	const bool magic = pk_get_u32le(&c) == MAGIC;
	const uint32_t version = pk_get_u32le(&c);

	return magic && version > 0 && version <= 12 ? PK_MATCH_SURE
						     : PK_MATCH_NO;
}

const struct pk_format pk_format_fasttext = {
	.name = "fasttext",
	.title = "fastText model",
	.reads = "its whole structure: the dictionary and the sizes of the "
		 "matrices",
	.risk = PK_RISK_DATA,
	.rank = 20,
	.probe = fasttext_probe,
	.scan = fasttext_scan,
};
