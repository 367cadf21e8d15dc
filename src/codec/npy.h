/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_NPY_H
#define PK_CODEC_NPY_H

#include "core/cursor.h"

/*
 * The header of a .npy file (numpy/lib/_format_impl.py): a magic, a version,
 * a length, and a Python literal: a dict of descr, fortran_order and shape.
 */
enum { PK_NPY_RANK_MAX = 64, PK_NPY_DESCR_MAX = 15 };

struct pk_npy {
	uint64_t data;      /* offset of the array's bytes */
	uint64_t items;     /* product of the shape */
	uint64_t item_size; /* bytes of one item */
	bool objects;    /* the dtype holds Python objects: a pickle follows */
	bool understood; /* false: the dict could not be read for certain */
	bool fortran;    /* the first index runs fastest */
	uint32_t rank;
	uint64_t shape[PK_NPY_RANK_MAX];
	/* The type string; empty for structured types and long ones. */
	char descr[PK_NPY_DESCR_MAX + 1];
};

/* Whether bytes begin as a .npy file. */
bool pk_npy_is(struct pk_span head);

/*
 * Reads the header at the cursor.  Faults the cursor where NumPy itself
 * would refuse the magic, version or length.
 */
struct pk_npy pk_npy_read(struct pk_cursor *c);

/* The item size of a type string such as "<f8"; false: not one.  Sets
 * *objects where it holds Python objects. */
bool pk_npy_type_size(struct pk_span text, uint64_t *ret_size, bool *objects);

#endif
