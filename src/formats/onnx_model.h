/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_FORMATS_ONNX_MODEL_H
#define PK_FORMATS_ONNX_MODEL_H

#include "analyze/pb_file.h"
#include "engine/note.h"

/* An operator or a function, by the three names that identify both. */
struct onnx_seen {
	struct onnx_seen *next;  /* in its bucket */
	struct onnx_seen *later; /* in the order of the file */
	struct pk_span domain;
	struct pk_span op;
	struct pk_span overload;
	uint64_t used; /* by so many nodes */
	uint64_t off;  /* of the first of them */
	unsigned defined;
	uint64_t defined_off;
};

enum { ONNX_BUCKETS = 1024 };

/* The node whose attributes are read, and those around it. */
struct onnx_node {
	struct onnx_node *outer;
	struct pk_pb_text op;
	struct pk_pb_text domain;
	struct pk_pb_text overload;
	uint64_t off;
	/* Attributes that say what a reaching operator reaches. */
	struct pk_pb_text target[3];
	unsigned targets;
	bool embedded;               /* EPContext: embed_mode is not 0 */
	struct pk_pb_text attribute; /* the name of the one being read */
};

struct onnx {
	struct pk_pb_file file; /* first: what walkers hand around is this */
	struct onnx_node *node;
	struct onnx_seen *bucket[ONNX_BUCKETS];
	struct onnx_seen *first;
	struct onnx_seen **last;
	unsigned distinct;
	uint64_t nodes;
	uint64_t external; /* tensors in other files */
	bool has_graph;
};

/* The messages of onnx.proto, with handlers that expect a struct onnx as
 * ctx. */
extern const struct pk_pb_message onnx_model;
extern const struct pk_pb_message onnx_pair;
extern const struct pk_pb_message onnx_tensor;

void onnx_take_tensor(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);

/* Operators and functions are kept, one of a kind, until all are known. */
void onnx_saw_node(struct onnx *o, const struct onnx_node *n);
void onnx_saw_function(struct onnx *o, const struct onnx_node *f);

/* Reports what the operators need that nobody brings, and tells them all. */
void onnx_judge_seen(struct onnx *o);

/* Reports an operator that reaches further than its inputs, by its names
 * and the attributes read. */
void onnx_judge_node(struct onnx *o, const struct onnx_node *n);

/* A value of the model's metadata. */
void onnx_judge_metadata(struct onnx *o, const struct pk_pb_field *pair);

#endif
