/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keras configurations by themselves: the config.json of a .keras archive,
 * what model.to_json() writes, presets.
 *
 * What can hurt: it names what the loader imports and calls, and Lambda layers
 * hold bytecode.
 */
#include "analyze/keras_config.h"
#include "engine/format.h"

enum { CONFIG_MAX = 64 << 20 };

static void keras_json_scan(struct pk_scan *s)
{
	const size_t size = (size_t)s->bytes->size;
	const struct pk_jvalue *root;
	struct pk_cursor c;
	uint8_t *text;

	if (s->bytes->size > CONFIG_MAX) {
		pk_reject(s);
		return;
	}
	text = pk_arena_alloc(&s->arena, size + 1, 1);
	if (!text || pk_source_read(s->bytes, 0, text, size) != size) {
		pk_reject(s);
		return;
	}
	c = pk_cursor_over((struct pk_span){ text, size }, 0);
	root = pk_json_parse(&c, &s->arena, NULL, NULL);
	if (!root || !pk_keras_config_is(root)) {
		pk_reject(s);
		return;
	}
	pk_claim(s, 0, size);
	pk_keras_config_judge(s, root, (struct pk_span){ text, size }, 0,
			      "the configuration");
}

/* An object, in UTF-8 or what else Python reads JSON from. */
static enum pk_match keras_json_probe(const struct pk_head *head)
{
	const struct pk_span s = head->bytes;

	for (size_t i = 0; i < s.len && i < 64; i++) {
		if (s.p[i] == '{')
			return PK_MATCH_LIKELY;
		if (!strchr(" \t\r\n\xef\xbb\xbf\xfe\xff", s.p[i]))
			return PK_MATCH_NO;
	}
	return PK_MATCH_NO;
}

const struct pk_format pk_format_keras_json = {
	.name = "keras-json",
	.title = "Keras configuration",
	.reads = "the whole configuration: modules, functions, bytecode, files",
	.risk = PK_RISK_CODE,
	.rank = 30,
	.probe = keras_json_probe,
	.scan = keras_json_scan,
};
