/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TENSORS_WRITE_H
#define PK_TENSORS_WRITE_H

#include "core/digest.h"
#include "tensors/weights.h"

/*
 * Weights as a SafeTensors file, byte for byte as the reference writer makes
 * it (safetensors/src/tensor.rs): data by dtype, the widest first, then by
 * name; a compact header, padded with spaces to eight bytes.
 */
struct pk_plan {
	struct pk_named **v; /* those that are written, in their order */
	size_t n;
	struct pk_buf header; /* its length in front */
	uint64_t data;        /* bytes of all tensors */
	/* Why it cannot be written; which tensor it is about. */
	const char *why;
	uint8_t (*digest)[PK_SHA256_LEN]; /* of each, once hashed */
	uint8_t whole[PK_SHA256_LEN];     /* of the file written */
};

/*
 * False when there is no such file: p->why says it.  Tensors without a plain
 * form are an error, unless they are dropped (listed as skipped).
 */
bool pk_plan_make(struct pk_plan *p, struct pk_weights *w);
void pk_plan_release(struct pk_plan *p);

struct pk_write {
	int in; /* the descriptor that the weights were opened from */
	int out;
	bool hash;
	/* Asked now and then, with the bytes written so far; false stops. */
	bool (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
};

enum pk_written {
	PK_WRITTEN,
	PK_WRITE_FAILED,  /* errno: of the output */
	PK_WRITE_UNREAD,  /* the weights: w->why or p->why says it */
	PK_WRITE_STOPPED, /* by progress() */
};

enum pk_written pk_plan_write(struct pk_plan *p, struct pk_weights *w,
			      const struct pk_write *how);

#endif
