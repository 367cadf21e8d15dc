/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph of TensorFlow with what is needed to train it on: MetaGraphDef, ".meta".
 *
 * What can hurt: operators that read and write files, talk to other machines
 * or call Python, in the graph or in a function of its library.
 */
#include "analyze/pb_text.h"
#include "analyze/tf_graph.h"
#include "engine/format.h"

static enum pk_match tf_meta_graph_probe(const struct pk_head *head)
{
	if (pk_tf_is(head->source, PK_TF_META_GRAPH_DEF))
		return PK_MATCH_SURE;
	return pk_pb_text_begins(head->bytes,
				 pk_tf_message(PK_TF_META_GRAPH_DEF))
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

static void tf_meta_graph_scan(struct pk_scan *s)
{
	if (pk_tf_is(s->bytes, PK_TF_META_GRAPH_DEF))
		pk_tf_scan(s, PK_TF_META_GRAPH_DEF);
	else
		pk_pb_text_scan(s, pk_tf_message(PK_TF_META_GRAPH_DEF));
}

const struct pk_format pk_format_tf_meta_graph = {
	.name = "tensorflow-metagraph",
	.title = "TensorFlow meta graph",
	.reads = "every node of graphs and functions, constant paths, assets",
	.risk = PK_RISK_PARSER,
	.rank = 41,
	.probe = tf_meta_graph_probe,
	.scan = tf_meta_graph_scan,
};
