/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keras models and weights in HDF5: the configuration is the attribute
 * model_config, JSON of the layers; training_config holds losses, metrics and
 * the optimizer.
 *
 * What can hurt: the configuration names what the loader imports and calls,
 * and Lambda layers hold bytecode.
 */
#include "analyze/hdf5_scan.h"
#include "analyze/keras_config.h"
#include "engine/format.h"

enum { CONFIG_MAX = 64 << 20 };

static void judge(struct pk_scan *s, const struct pk_h5_config *c)
{
	uint8_t *text = NULL;
	size_t len = (size_t)c->len;

	if (c->len <= CONFIG_MAX)
		text = pk_arena_alloc(&s->arena, len + 1, 1);
	if (!text || pk_source_read(s->bytes, c->off, text, len) != len) {
		pk_partial(s);
		pk_report(s, PK_RULE_KERAS_MALFORMED, c->off, "%s was not read",
			  c->name);
		return;
	}
	while (len && !text[len - 1])
		len--; /* strings of fixed length are filled up */
	pk_keras_config_scan(s, (struct pk_span){ text, len }, c->off, c->name);
}

static void keras_h5_scan(struct pk_scan *s)
{
	const struct pk_h5_facts *f = pk_h5_facts(s);

	/* Weights alone are an HDF5 file like another. */
	if (!f || !f->keras || !f->configs) {
		pk_reject(s);
		return;
	}
	for (const struct pk_h5_config *c = f->configs; c; c = c->next)
		judge(s, c);
}

static enum pk_match keras_h5_probe(const struct pk_head *head)
{
	return pk_h5_begins(head) ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_keras_h5 = {
	.name = "keras-h5",
	.title = "Keras model in HDF5",
	.reads = "the whole configuration: modules, functions, bytecode, files",
	.risk = PK_RISK_CODE,
	.rank = 40,
	.probe = keras_h5_probe,
	.scan = keras_h5_scan,
};
