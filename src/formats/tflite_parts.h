/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_FORMATS_TFLITE_PARTS_H
#define PK_FORMATS_TFLITE_PARTS_H

#include "codec/flatbuf.h"
#include "engine/format.h"

enum {
	TFLITE_NAME_MAX = 256, /* bytes of an operator's name */
	TFLITE_CUSTOM = 32,    /* the builtin code of custom operators */
};

struct tflite_opcode {
	int32_t code;
	struct pk_span custom; /* name; empty for builtin ones */
};

/* A TensorFlow Lite model that is being read. */
struct tflite {
	struct pk_scan *s;
	struct pk_fb b;
	struct tflite_opcode *opcodes;
	uint32_t opcode_count;
	struct pk_fb_vec subgraphs;
	struct pk_fb_vec buffers;
	uint32_t external_buffers;
	uint64_t *uses; /* of each opcode, for who inspects */
};

/* What the model's tables say that the runtime refuses. */
PK_PRINTF(3, 4)
void tflite_refuse(struct tflite *t, uint64_t at, const char *fmt, ...);

/* Operators: names of custom ones, and what they would do. */
void tflite_read_opcodes(struct tflite *t, const struct pk_fb_table *model);
void tflite_judge_custom(struct tflite *t, struct pk_span name, uint64_t at);
/* A use of an operator of TensorFlow's own: the node that its options hold is
 * what will run. */
void tflite_judge_flex(struct tflite *t, struct pk_span options, uint64_t at);

/* Tensors and operators of all subgraphs. */
void tflite_read_subgraphs(struct tflite *t);

/* How many bytes of data a buffer holds, and where they lie; false when there
 * is no such buffer. */
struct tflite_data {
	uint64_t off; /* in the file */
	uint64_t len; /* 0: none, as for what is computed */
	bool apart;   /* behind the FlatBuffer */
};
bool tflite_buffer(struct tflite *t, uint64_t index, struct tflite_data *ret);

#endif
