/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TENSORS_TENSOR_H
#define PK_TENSORS_TENSOR_H

#include "core/buf.h"
#include "core/source.h"
#include "tensors/dtype.h"

enum { PK_RANK_MAX = 64 };

/* Bytes in a row that tensors are views of. */
struct pk_store {
	struct pk_source *src; /* where they lie; borrowed */
	uint64_t off;          /* in it */
	uint64_t len;
	enum pk_dtype dtype; /* as first referred to */
	bool in_file;        /* src is the file itself, its bytes as they are */
	bool big_endian;
	bool known;       /* src, off and len are set */
	const char *key;  /* its name in the file */
	const void *data; /* what the layout needs to find it */
};

/*
 * A view of a storage: element (i0, i1, ...) is the storage's element
 * offset + i0 * stride0 + i1 * stride1 + ...
 */
struct pk_tensor {
	struct pk_store *store; /* NULL: it has no data (meta) */
	const uint64_t *shape;  /* rank of them, then as many strides */
	uint64_t offset;        /* in elements, like the strides */
	uint32_t rank;
	enum pk_dtype dtype;
	bool conj, neg; /* the values are those stored, conjugated, negated */
	bool parameter;
	bool requires_grad;
};

static inline const uint64_t *pk_tensor_strides(const struct pk_tensor *t)
{
	return t->shape + t->rank;
}

/* Elements; false when there are more than 64 bits can count. */
bool pk_tensor_count(const struct pk_tensor *t, uint64_t *ret);

/* Bytes when written row by row; false when too many. */
bool pk_tensor_bytes(const struct pk_tensor *t, uint64_t *ret);

/*
 * Why no reader can make this view of its storage, or NULL: it overflows or
 * reaches beyond the storage's end (torch.Tensor.set_).
 */
const char *pk_tensor_fault(const struct pk_tensor *t);

/* Whether its elements lie in the storage row by row without gaps. */
bool pk_tensor_contiguous(const struct pk_tensor *t);

/* Whether its bytes in the file are those to write, as they are. */
bool pk_tensor_verbatim(const struct pk_tensor *t);

/* Whether both are the same view of the same storage. */
bool pk_tensor_same(const struct pk_tensor *a, const struct pk_tensor *b);

/* Row-major strides for the shape, into strides. */
void pk_row_major(const uint64_t *shape, uint32_t rank, uint64_t *strides);

/*
 * Reads a tensor's bytes from first to last: row by row, little-endian,
 * whatever its strides and its storage's byte order.
 */
struct pk_gather;

/* NULL when out of memory. */
struct pk_gather *pk_gather_new(const struct pk_tensor *t);
/* The next bytes; 0 at the end, or when they could not be read: see failed. */
size_t pk_gather_next(struct pk_gather *g, uint8_t *buf, size_t n);
bool pk_gather_failed(const struct pk_gather *g);
void pk_gather_free(struct pk_gather *g);

#endif
