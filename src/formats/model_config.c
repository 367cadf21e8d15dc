/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON configurations of model repositories: config.json, tokenizer_config,
 * model_index, adapter_config, modules.json, shard indexes.  By content: other
 * JSON is none of picket's.
 *
 * What can hurt: keys that make a loader import and run source, fetch code,
 * open another file, render a template.
 */
#include "analyze/repo_config.h"
#include "codec/json_wide.h"
#include "engine/format.h"

enum {
	LOOK_MAX = 64 << 20, /* bytes looked through for a telling key */
	LIST_MAX = 64 << 10, /* of a list of modules */
};

static bool begins_list(struct pk_scan *s)
{
	struct pk_cursor c = pk_cursor_open(s->bytes, 0, 64, &s->arena);
	uint8_t b = pk_get_u8(&c);

	while (b == ' ' || b == '\n' || b == '\r' || b == '\t')
		b = pk_get_u8(&c);
	return b == '[';
}

/* In flat memory, so that a large file of data costs nothing else. */
static bool has_telling_key(struct pk_scan *s)
{
	const struct pk_json_opts opts = { .max_text = 256 };
	struct pk_cursor c = pk_cursor_open(s->bytes, 0, LOOK_MAX, &s->arena);
	struct pk_jreader r;

	pk_jread_open(&r, &c, &s->arena, &opts);
	while (pk_jread_next(&r) != PK_JT_END) {
		if (r.token == PK_JT_KEY && pk_repo_key(r.text))
			return true;
		if ((r.off & 0xfffff) == 0 && pk_out_of_budget(s))
			return false;
	}
	return false;
}

static void model_config_scan(struct pk_scan *s)
{
	const struct pk_json_opts whole = { .flags = PK_JSON_WHOLE };
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	const bool small = s->bytes->size <= LIST_MAX;
	const struct pk_jvalue *doc = NULL;

	if (pk_json_is_wide(&c)
		    ? small
		    : has_telling_key(s) || (small && begins_list(s)))
		doc = pk_json_parse(&c, &s->arena, &whole, NULL);
	if (!doc || !pk_repo_recognise(doc)) {
		pk_reject(s);
		return;
	}
	pk_claim(s, 0, s->bytes->size);
	pk_repo_scan(s, doc);
}

/* A brace or a bracket after blanks, in whatever encoding Python takes. */
static enum pk_match model_config_probe(const struct pk_head *head)
{
	for (size_t i = 0; i < head->bytes.len; i++) {
		const uint8_t b = head->bytes.p[i];

		if (b == '{' || b == '[')
			return PK_MATCH_LIKELY;
		if (!(b == ' ' || b == '\t' || b == '\n' || b == '\r') &&
		    !(i < 4 && (b == 0 || b == 0xef || b == 0xbb || b == 0xbf ||
				b == 0xff || b == 0xfe)))
			return PK_MATCH_NO;
	}
	return PK_MATCH_NO;
}

const struct pk_format pk_format_model_config = {
	.name = "model-config",
	.title = "Configuration of a model, JSON",
	.reads = "keys that make loaders run source, fetch code or open files; "
		 "chat templates; indexes of shards",
	.risk = PK_RISK_DATA,
	.rank = 4,
	.probe = model_config_probe,
	.scan = model_config_scan,
};
