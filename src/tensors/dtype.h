/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TENSORS_DTYPE_H
#define PK_TENSORS_DTYPE_H

#include "core/span.h"

/* What an element of a tensor is. */
enum pk_dtype {
#define PK_DTYPE(id, torch, size, st, storage, unit) PK_DTYPE_##id,
#include "tensors/dtypes.def"
#undef PK_DTYPE
	PK_DTYPE_COUNT,
	PK_DTYPE_NONE = PK_DTYPE_COUNT,
};

struct pk_dtype_info {
	const char *torch;       /* "bfloat16" */
	const char *safetensors; /* "BF16"; NULL: it has no word for it */
	const char *storage;     /* "BFloat16Storage"; NULL: untyped only */
	unsigned size;           /* bytes an element */
	unsigned unit;           /* bytes that are swapped together */
};

extern const struct pk_dtype_info pk_dtypes[];

/* By PyTorch's name, without the module; PK_DTYPE_NONE for others. */
enum pk_dtype pk_dtype_by_name(struct pk_span name);

/* The element type of a storage class; bytes for UntypedStorage. */
enum pk_dtype pk_dtype_of_storage(struct pk_span name);

/* By a NumPy type string such as "<f4"; *big: its elements are big-endian. */
enum pk_dtype pk_dtype_of_numpy(struct pk_span descr, bool *big);

#endif
