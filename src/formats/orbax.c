/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Orbax writes beside the arrays of a checkpoint: _CHECKPOINT_METADATA,
 * _METADATA, _sharding (JSON), and OCDBT, TensorStore's database, whose
 * manifest and nodes begin with a magic number, their length and a version.
 *
 * What can hurt: nothing here names code.  Arrays that Zarr describes are the
 * business of zarr.c.
 */
#include "codec/json_read.h"
#include "engine/format.h"
#include "engine/note.h"

enum { SIZE_MAX_READ = 64 << 20, SHOWN = 200, OCDBT_HEAD = 12 };

/* Each kind by a key that it must have, and one of two more. */
static const struct {
	const char *key, *with, * or ;
} kinds[] = {
	{ "tree_metadata", "use_ocdbt", "use_zarr3" },
	{ "tree_metadata", "custom_metadata",
	  "store_array_data_equal_to_fill_value" },
	{ "item_handlers", "init_timestamp_nsecs", "commit_timestamp_nsecs" },
	{ "item_handlers", "metrics", "performance_metrics" },
};

static bool is_sharding(const struct pk_jvalue *v)
{
	static const struct pk_span word = PK_LIT_INIT("\"sharding_type\"");

	if (!pk_json_is(v, PK_J_OBJECT) || !v->kids)
		return false;
	for (const struct pk_jvalue *k = v->kids; k; k = k->next) {
		const struct pk_span text = pk_json_text(k);

		if (!text.len || !memmem(text.p, text.len, word.p, word.len))
			return false;
	}
	return true;
}

static bool is_metadata(const struct pk_jvalue *v)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (pk_json_get(v, kinds[i].key) &&
		    (pk_json_get(v, kinds[i].with) ||
		     pk_json_get(v, kinds[i].or)))
			return true;
	}
	return is_sharding(v);
}

static bool is_ocdbt(struct pk_span head)
{
	static const struct pk_span magics[] = {
		PK_LIT_INIT("\x0c\xdb\x3a\x2a"), /* a manifest */
		PK_LIT_INIT("\x0c\xdb\x20\xde"), /* a node of the tree */
		PK_LIT_INIT("\x0c\xdb\x12\x34"), /* of the versions' tree */
	};

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (head.len >= OCDBT_HEAD && pk_span_starts(head, magics[i]))
			return true;
	}
	return false;
}

static void orbax_scan(struct pk_scan *s)
{
	const struct pk_json_opts opts = { .flags = PK_JSON_WHOLE };
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	const struct pk_jvalue *v;
	uint8_t head[OCDBT_HEAD];

	if (pk_source_read(s->bytes, 0, head, sizeof(head)) == sizeof(head) &&
	    is_ocdbt((struct pk_span){ head, sizeof(head) })) {
		if (!s->parent)
			s->job->reason = "part of an OCDBT database (arrays), "
					 "not analysed";
		pk_reject(s);
		return;
	}
	v = pk_json_parse(&c, &s->arena, &opts, NULL);
	if (!v || !is_metadata(v)) {
		pk_reject(s);
		return;
	}
	pk_claim(s, 0, s->bytes->size);
	for (v = v->kids; v; v = v->next) {
		if (v->kind != PK_J_OBJECT && v->kind != PK_J_ARRAY)
			pk_note_text(s, pk_show(s, v->key, SHOWN), v->text);
	}
}

static enum pk_match orbax_probe(const struct pk_head *head)
{
	static const char *const words[] = { "\"tree_metadata\"",
					     "\"item_handlers\"",
					     "sharding_type" };
	const struct pk_span b = head->bytes;

	if (is_ocdbt(b) && !head->scan->quiet)
		return PK_MATCH_LIKELY;
	if (!b.len || b.p[0] != '{' || head->source->size > SIZE_MAX_READ)
		return PK_MATCH_NO;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (memmem(b.p, b.len, words[i], strlen(words[i])))
			return PK_MATCH_LIKELY;
	}
	return PK_MATCH_NO;
}

const struct pk_format pk_format_orbax = {
	.name = "orbax",
	.title = "Metadata of an Orbax checkpoint",
	.reads = "that it is that; nothing in it names code",
	.risk = PK_RISK_DATA,
	.rank = 15,
	.probe = orbax_probe,
	.scan = orbax_scan,
};
