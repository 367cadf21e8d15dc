/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TensorFlow's saved_model.pb: SavedModel, with one meta graph or more.
 *
 * What can hurt: operators that read and write files, talk to other machines
 * or call Python, in the graph or in a function of its library.
 */
#include "analyze/pb_text.h"
#include "analyze/tf_graph.h"
#include "engine/format.h"

static enum pk_match tf_saved_model_probe(const struct pk_head *head)
{
	if (pk_tf_is(head->source, PK_TF_SAVED_MODEL))
		return PK_MATCH_SURE;
	return pk_pb_text_begins(head->bytes, pk_tf_message(PK_TF_SAVED_MODEL))
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

static void tf_saved_model_scan(struct pk_scan *s)
{
	if (pk_tf_is(s->bytes, PK_TF_SAVED_MODEL))
		pk_tf_scan(s, PK_TF_SAVED_MODEL);
	else
		pk_pb_text_scan(s, pk_tf_message(PK_TF_SAVED_MODEL));
}

const struct pk_format pk_format_tf_saved_model = {
	.name = "tensorflow-savedmodel",
	.title = "TensorFlow SavedModel",
	.reads = "every node of graphs and functions, constant paths, assets",
	.risk = PK_RISK_PARSER,
	.rank = 42,
	.probe = tf_saved_model_probe,
	.scan = tf_saved_model_scan,
};
