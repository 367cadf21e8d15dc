/* SPDX-License-Identifier: Apache-2.0 */
/*
 * .keras: a zip of config.json, metadata.json, model.weights.h5 (or .npz) and
 * assets.  The zip format hands each member to the formats that know it; this
 * gives the archive its name and looks at how it is put together.
 *
 * What can hurt: the configuration, and whatever lies beside it.
 */
#include "analyze/zip_of.h"

static bool is(struct pk_span name, const char *word)
{
	return name.len == strlen(word) && memcmp(name.p, word, name.len) == 0;
}

static bool is_weights(struct pk_span name)
{
	return pk_span_starts(name, PK_LIT("model.weights.")) ||
	       pk_span_starts(name, PK_LIT("variables."));
}

/* Loaders ask for config.json; the other names tell its archive from others
 * that have such a file. */
static void keras_scan(struct pk_scan *s)
{
	const struct pk_zip *z = pk_zip_of(s);
	bool config = false, other = false;

	for (unsigned v = 0; z && v < z->views; v++) {
		for (size_t i = 0; i < z->view[v].n; i++) {
			const struct pk_span name =
				pk_zip_name(&z->view[v].v[i]);

			config |= is(name, "config.json");
			other |= is(name, "metadata.json") || is_weights(name);
		}
	}
	if (!config || !other)
		pk_reject(s);
}

static enum pk_match keras_probe(const struct pk_head *head)
{
	return pk_zip_begins(head) ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_keras = {
	.name = "keras",
	.title = "Keras model (.keras)",
	.reads = "the configuration, the weights, every other member",
	.risk = PK_RISK_CODE,
	.rank = 40,
	.probe = keras_probe,
	.scan = keras_scan,
};
