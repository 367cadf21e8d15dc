/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SentencePiece models (.model): one message, ModelProto, of Protocol Buffers
 * (sentencepiece_model.proto): pieces with scores, how they were trained, how
 * text is normalised.  No magic; nothing in it runs.
 */
#include "analyze/pb_file.h"
#include "engine/format.h"
#include "engine/note.h"

struct sp {
	struct pk_pb_file file; /* first */
	uint64_t pieces;
};

static void take_piece(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_charsmap(struct pk_pb *r, const struct pk_pb_field *f,
			  void *ctx);

static const struct pk_pb_line piece_lines[] = {
	PK_PB(1, TEXT, "piece"),
	PK_PB(2, FIXED32, "score"),
	PK_PB(3, INT, "type"),
};
static const struct pk_pb_message piece = PK_PB_LINES(piece_lines);

static const struct pk_pb_line normalizer_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, BYTES, "precompiled_charsmap", .take = take_charsmap),
	PK_PB(3, INT, "add_dummy_prefix"),
	PK_PB(4, INT, "remove_extra_whitespaces"),
	PK_PB(5, INT, "escape_whitespaces"),
	PK_PB(6, TEXT, "normalization_rule_tsv"),
};
static const struct pk_pb_message normalizer = PK_PB_LINES(normalizer_lines);

static const struct pk_pb_line model_lines[] = {
	PK_PB(1, MESSAGE, "pieces", .of = &piece, .take = take_piece),
	PK_PB(2, BYTES, "trainer_spec"),
	PK_PB(3, MESSAGE, "normalizer_spec", .of = &normalizer),
	PK_PB(4, BYTES, "self_test_data"),
	PK_PB(5, MESSAGE, "denormalizer_spec", .of = &normalizer),
};
static const struct pk_pb_message model = PK_PB_LINES(model_lines);

static void take_piece(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct sp *m = ctx;

	m->pieces++;
	pk_pb_walk(r, f, &piece, ctx);
}

/* A length, a trie of four-byte units so long, and text. */
static void take_charsmap(struct pk_pb *r, const struct pk_pb_field *f,
			  void *ctx)
{
	struct sp *m = ctx;
	uint64_t trie;

	if (f->len == 0)
		return;
	pk_seek(&r->c, f->off);
	trie = f->len >= 4 ? pk_get_u32le(&r->c) : UINT64_MAX;
	if (f->len < 4 || trie > f->len - 4 || trie % 4 != 0)
		pk_report(m->file.s, PK_RULE_SENTENCEPIECE_MALFORMED, f->off,
			  "the table of characters is longer than its field");
}

/* Pieces have text and a score; no other message begins with many such. */
static bool looks_like_piece(struct pk_pb *r, const struct pk_pb_field *f)
{
	struct pk_pb_iter it = { f->off, f->off + f->len };
	bool text = false, score = false;
	struct pk_pb_field in;

	while (pk_pb_next(r, &it, &in)) {
		if (in.number <= 3 && !pk_pb_find(&piece, &in))
			return false;
		text |= in.number == 1;
		score |= in.number == 2;
	}
	return text && score && pk_cursor_ok(&r->c);
}

static enum pk_match sentencepiece_probe(const struct pk_head *head)
{
	enum { LOOKED = 16, ENOUGH = 3 };
	struct pk_meter meter = { .ceiling = 4 * PK_WINDOW };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_pb r = pk_pb_open(head->source, &arena);
	struct pk_pb_iter it = { 0, head->source->size };
	unsigned pieces = 0;
	struct pk_pb_field f;

	r.clip = true;
	for (unsigned n = 0; n < LOOKED && pk_pb_next(&r, &it, &f); n++)
		pieces += f.number == 1 && f.wire == PK_PB_LEN &&
			  looks_like_piece(&r, &f);
	pk_arena_release(&arena);
	return pieces >= ENOUGH ? PK_MATCH_SURE : PK_MATCH_NO;
}

static void sentencepiece_scan(struct pk_scan *s)
{
	struct sp m = { .pieces = 0 };
	struct pk_pb_field all;

	pk_pb_file_open(&m.file, s);
	all = pk_pb_whole(&m.file.r);
	pk_pb_walk(&m.file.r, &all, &model, &m);
	pk_note_number(s, "pieces", m.pieces);
	pk_pb_file_close(&m.file, PK_RULE_SENTENCEPIECE_MALFORMED);
}

const struct pk_format pk_format_sentencepiece = {
	.name = "sentencepiece",
	.title = "SentencePiece model",
	.reads = "pieces, and the table of characters",
	.risk = PK_RISK_DATA,
	.rank = 38,
	.probe = sentencepiece_probe,
	.scan = sentencepiece_scan,
};
