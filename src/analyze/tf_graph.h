/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_TF_GRAPH_H
#define PK_ANALYZE_TF_GRAPH_H

#include "analyze/pb_file.h"
#include "analyze/tally.h"
#include "analyze/tf_ops.h"
#include "core/set64.h"

/*
 * TensorFlow's graphs, in the messages that files begin with
 * (tensorflow/core/framework, core/protobuf): each holds the one before it.
 */
enum pk_tf_root {
	PK_TF_GRAPH_DEF,
	PK_TF_META_GRAPH_DEF,
	PK_TF_SAVED_MODEL,
};

/* Whether the source is such a message; one that was cut short is LIKELY.
 * Looks for nodes with an operator each, wherever they stand. */
bool pk_tf_is(struct pk_source *src, enum pk_tf_root root);

/* Walks the whole of it: every node of graphs and functions, constants,
 * assets, the notes for inspection. */
void pk_tf_scan(struct pk_scan *s, enum pk_tf_root root);

/* The tables, for text that is to become such a message. */
const struct pk_pb_message *pk_tf_message(enum pk_tf_root root);

enum { PK_TF_KNOWN = 64 };

/* What a walk knows; shared by tf_graph.c and tf_node.c. */
struct pk_tf {
	struct pk_pb_file file; /* first */
	struct pk_tally ops;
	struct pk_set64 said; /* operator and path together */
	/* The message whose nodes are walked, and the number of the field
	 * that holds them: names are looked up there. */
	struct pk_pb_field scope;
	uint32_t scope_nodes;
	/* The node being walked. */
	struct pk_pb_text op;
	struct pk_pb_text attr;
	uint64_t nodes;
	uint64_t functions;
	/* Names that were looked up, since many nodes share an input. */
	struct pk_tf_known {
		uint64_t scope;
		struct pk_pb_text name;
		struct pk_pb_field node;
		struct pk_pb_text op;
		bool found;
	} known[PK_TF_KNOWN];
	uint64_t looked_at; /* nodes, to find others */
	bool lost;          /* that was too many */
};

/* Says what the node does that it should not, if anything. */
void pk_tf_judge_node(struct pk_tf *t, const struct pk_pb_field *node,
		      const struct pk_pb_text *op);

#endif
