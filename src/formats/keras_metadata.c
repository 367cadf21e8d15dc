/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keras_metadata.pb beside a SavedModel: SavedMetadata of Protocol Buffers
 * (tf_keras/protobuf/saved_metadata.proto): the layers of a Keras model, each
 * with its configuration as JSON.
 *
 * What can hurt: what the configurations hold; a Lambda layer brings code.
 */
#include <stdio.h>

#include "analyze/pb_file.h"
#include "engine/format.h"
#include "engine/note.h"
#include "source/slice.h"

struct metadata {
	struct pk_pb_file file; /* first */
	uint64_t layers;
};

static void take_node(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_config(struct pk_pb *r, const struct pk_pb_field *f,
			void *ctx);

static const struct pk_pb_line versions_lines[] = {
	PK_PB(1, INT, "producer"),
	PK_PB(2, INT, "min_consumer"),
	PK_PB(3, INTS, "bad_consumers"),
};
static const struct pk_pb_message versions = PK_PB_LINES(versions_lines);

static const struct pk_pb_line node_lines[] = {
	PK_PB(2, INT, "node_id"),
	PK_PB(3, TEXT, "node_path"),
	PK_PB(4, TEXT, "identifier"),
	PK_PB(5, TEXT, "metadata", .take = take_config),
	PK_PB(6, MESSAGE, "version", .of = &versions),
};
static const struct pk_pb_message node = PK_PB_LINES(node_lines);

static const struct pk_pb_line saved_lines[] = {
	PK_PB(1, MESSAGE, "nodes", .of = &node, .take = take_node),
};
static const struct pk_pb_message saved = PK_PB_LINES(saved_lines);

static void take_node(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct metadata *m = ctx;

	m->layers++;
	pk_pb_walk(r, f, &node, ctx);
}

/* Scanned as what it is: Keras' own JSON. */
static void take_config(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct metadata *m = ctx;
	struct pk_scan *s = m->file.s;
	char name[48];
	const int n = snprintf(name, sizeof(name), "layer-%llu.json",
			       (unsigned long long)m->layers);

	(void)r;
	(void)pk_descend(s,
			 (struct pk_span){ (const uint8_t *)name, (size_t)n },
			 pk_slice_new(s->bytes, f->off, f->len), PK_MEMBER_RAW);
}

static enum pk_match keras_metadata_probe(const struct pk_head *head)
{
	enum { LOOKED = 64 };
	struct pk_meter meter = { .ceiling = 4 * PK_WINDOW };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_pb r = pk_pb_open(head->source, &arena);
	struct pk_pb_iter it = { 0, head->source->size };
	struct pk_pb_field f;
	bool is = false;

	r.clip = true;
	for (unsigned n = 0; !is && n < LOOKED && pk_pb_next(&r, &it, &f);
	     n++) {
		struct pk_pb_text identifier = { 0 }, config = { 0 };
		const struct pk_pb_pick picks[] = { { 4, &identifier },
						    { 5, &config } };

		if (f.number != 1 || f.wire != PK_PB_LEN)
			continue;
		pk_pb_pick(&r, &f, picks, 2);
		is = pk_span_starts(pk_pb_span(&identifier),
				    PK_LIT("_tf_keras")) &&
		     config.len;
	}
	pk_arena_release(&arena);
	return is ? PK_MATCH_SURE : PK_MATCH_NO;
}

static void keras_metadata_scan(struct pk_scan *s)
{
	struct metadata m = { .layers = 0 };
	struct pk_pb_field all;

	pk_pb_file_open(&m.file, s);
	all = pk_pb_whole(&m.file.r);
	pk_pb_walk(&m.file.r, &all, &saved, &m);
	pk_note_number(s, "layers", m.layers);
	pk_pb_file_close(&m.file, PK_RULE_TENSORFLOW_MALFORMED);
}

const struct pk_format pk_format_keras_metadata = {
	.name = "keras-metadata",
	.title = "Keras metadata of a SavedModel",
	.reads = "the configuration of every layer",
	.risk = PK_RISK_CODE,
	.rank = 43,
	.probe = keras_metadata_probe,
	.scan = keras_metadata_scan,
};
